// Calls of a session that is elsewhere: behind a Worker, another tab, a socket. All calls of a microtask leave
// as one piece of RESP, and replies come back in the order of the calls.
//
//   call ─┐
//   call ─┼─► one buffer ─► send(bytes, sequence) ┄┄► … ┄┄► receive(bytes) ─► promises, pushes
//   call ─┘
//
// A call keeps its arguments and the number of the piece it left in until it is answered: after a lost connection
// that says what may be sent again.

import { concat } from '../bytes.ts'
import { IncompleteReply, type Reply, ReplyDecoder, readText, type TextReader } from '../decode.ts'
import {
  type Argument,
  CommandEncoder,
  encodeCommand,
  type TextWriter,
  writeText,
} from '../encode.ts'
import { ReplyError } from '../errors.ts'
import { leaveScratch, takeScratch } from './scratch.ts'

/** A call that is not answered yet. */
export interface PendingCall {
  readonly args: readonly Argument[]
  readonly asBytes: boolean
  /** The piece it left in; 0 while it has not left. */
  sequence: number
  /** How many messages answer it: SUBSCRIBE gets one for each channel. */
  replies: number
  resolve: (reply: Reply) => void
  reject: (error: Error) => void
}

export interface PipelineParts {
  /** Carries a piece away; it is the receiver's from now on. */
  send: (bytes: Uint8Array<ArrayBuffer>, sequence: number) => void
  /** A message that answers no call. */
  push: (message: Reply[]) => void
  readText?: TextReader
  writeText?: TextWriter
}

/** Bytes of commands that are kept between pieces. */
const BUFFER_BYTES = 16384
const CONFIRMATION = /^[ps]?(un)?subscribe$/i

const nothing = new Uint8Array(0)

export class Pipeline {
  readonly #parts: PipelineParts
  readonly #encoder: CommandEncoder
  readonly #decoder: ReplyDecoder
  #buffer = new Uint8Array(BUFFER_BYTES)
  #at = 0
  /** Calls in their order; those before `#first` are answered. */
  #pending: PendingCall[] = []
  #first = 0
  /** Calls from here on have not left. */
  #unsent = 0
  #sequence = 0
  #isScheduled = false
  #isCorked = false
  #rest: Uint8Array = nothing
  readonly #leave = (): void => {
    this.#isScheduled = false
    if (!this.#isCorked) this.flush()
  }

  constructor(parts: PipelineParts) {
    this.#parts = parts
    this.#encoder = new CommandEncoder(parts.writeText ?? writeText)
    this.#decoder = new ReplyDecoder(parts.readText ?? readText)
  }

  /** Calls that are not answered. */
  get pending(): number {
    return this.#pending.length - this.#first
  }

  /** The number of the last piece that left. */
  get sequence(): number {
    return this.#sequence
  }

  /** The reply of a command; error replies reject. */
  call(args: readonly Argument[], asBytes: boolean): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.add({ args, asBytes, sequence: 0, replies: expectedReplies(args), resolve, reject })
    })
  }

  /** Adds a call that leaves with the others of this microtask. */
  add(call: PendingCall): void {
    call.sequence = 0
    this.#pending.push(call)
    if (this.#isCorked) return
    this.#encode(call.args)
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(this.#leave)
  }

  /** Keeps calls back until `uncork`. */
  cork(): void {
    this.flush()
    this.#isCorked = true
  }

  /** Sends what was kept back, and goes on sending. */
  uncork(): void {
    if (!this.#isCorked) return
    this.#isCorked = false
    for (let i = this.#unsent; i < this.#pending.length; i++) this.#encode(this.#pending[i]!.args)
    this.flush()
  }

  /** Sends what waits, without waiting for the microtask. */
  flush(): void {
    if (!this.#at || this.#isCorked) return
    const sequence = ++this.#sequence
    for (; this.#unsent < this.#pending.length; this.#unsent++)
      this.#pending[this.#unsent]!.sequence = sequence
    const bytes = this.#buffer.slice(0, this.#at)
    this.#at = 0
    if (this.#buffer.length > BUFFER_BYTES * 16) this.#buffer = new Uint8Array(BUFFER_BYTES)
    this.#parts.send(bytes, sequence)
  }

  /** Bytes from the other side, cut anywhere. */
  receive(bytes: Uint8Array): void {
    const input = this.#rest.length ? concat([this.#rest, bytes]) : bytes
    const lent = this.#parts.readText ? undefined : takeScratch(input)
    const decoder = lent ?? this.#decoder
    if (!lent) decoder.reset(input, 0, input.length)
    let complete = 0
    try {
      while (decoder.position < input.length) {
        const head = this.#first < this.#unsent ? this.#pending[this.#first]! : undefined
        const isPush = decoder.atPush
        const reply = decoder.decode(!isPush && head !== undefined && head.asBytes)
        complete = decoder.position
        this.#deliver(reply, isPush, head)
      }
      this.#rest = nothing
    } catch (error) {
      if (!(error instanceof IncompleteReply)) throw error
      this.#rest = input.subarray(complete)
    } finally {
      if (lent) leaveScratch()
    }
  }

  /** Takes all calls that are not answered out, in their order, and forgets half a reply. */
  take(): PendingCall[] {
    const left = this.#pending.slice(this.#first)
    this.#pending = []
    this.#first = this.#unsent = this.#at = 0
    this.#rest = nothing
    return left
  }

  /** Rejects all calls. */
  fail(error: Error): void {
    for (const call of this.take()) call.reject(error)
  }

  #deliver(reply: Reply, isPush: boolean, head: PendingCall | undefined): void {
    if (isPush) {
      const message = reply as Reply[]
      const isAnswer =
        head !== undefined &&
        CONFIRMATION.test(message[0] as string) &&
        CONFIRMATION.test(String(head.args[0]))
      if (!isAnswer) return this.#parts.push(message)
      if (--head.replies > 0) return undefined
    }
    if (!head) return undefined
    this.#first++
    if (this.#first > 1024 && this.#first * 2 > this.#pending.length) this.#compact()
    if (reply instanceof ReplyError) head.reject(reply)
    else head.resolve(reply)
    return undefined
  }

  #compact(): void {
    this.#pending = this.#pending.slice(this.#first)
    this.#unsent -= this.#first
    this.#first = 0
  }

  #encode(args: readonly Argument[]): void {
    const end = this.#encoder.encode(this.#buffer, this.#at, this.#buffer.length, args)
    if (end >= 0) {
      this.#at = end
      return
    }
    const command = encodeCommand(args, this.#parts.writeText)
    const needed = this.#at + command.length
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
      larger.set(this.#buffer.subarray(0, this.#at))
      this.#buffer = larger
    }
    this.#buffer.set(command, this.#at)
    this.#at = needed
  }
}

function expectedReplies(args: readonly Argument[]): number {
  return CONFIRMATION.test(String(args[0])) ? Math.max(args.length - 1, 1) : 1
}
