// Published messages as server-sent events:
//
//   data: subscribe,news,1
//   data: message,news,hello
//   data: pmessage,n*,news,hello

import { IncompleteReply, type Reply, ReplyDecoder, readText } from '../core/decode.ts'
import { encodeCommand } from '../core/encode.ts'
import { ReplyError } from '../core/errors.ts'
import { concat } from '../core/bytes.ts'
import { isUnknown } from './commands.ts'
import { RequestError } from './json.ts'
import { type Caller, closedError, RefusedError, type Store } from './store.ts'

/** A comment now and then shows both ends that the other is there. */
const HEARTBEAT_MS = 30_000

const encoder = new TextEncoder()

/**
 * Listens by a command. The stream ends when the client goes, which `gone` tells, or the store closes the session.
 *
 * @throws {RequestError} the command is refused
 * @throws {RefusedError} the store does not take the session
 */
export async function messageStream(
  store: Store,
  caller: Caller,
  command: readonly string[],
  gone: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const listener = new Listener()
  const wire = await store.connect(
    caller,
    (bytes) => listener.receive(bytes),
    (why) => listener.end(why),
  )
  const leave = (): void => {
    listener.end()
    wire.close()
  }
  gone.addEventListener('abort', leave)
  if (gone.aborted) leave()
  else wire.send(encodeCommand(command))
  const first = await listener.first
  if (first instanceof ReplyError) {
    leave()
    throw isUnknown(first) ? new RefusedError('Unauthorized', 401) : new RequestError(first.message)
  }
  return new ReadableStream<Uint8Array>({
    start: (controller) => listener.begin(controller),
    cancel: () => {
      listener.release()
      leave()
    },
  })
}

/** What comes from a session, as events: kept until a stream takes them. */
class Listener {
  /** The first reply: it says whether the command was taken. */
  readonly first: Promise<Reply>
  #heard: (reply: Reply) => void = () => undefined
  #failed: (error: Error) => void = () => undefined
  #rest: Uint8Array = new Uint8Array(0)
  readonly #early: string[] = []
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined
  #beat: ReturnType<typeof setInterval> | undefined
  #isOpen = true

  constructor() {
    this.first = new Promise((resolve, reject) => {
      this.#heard = resolve
      this.#failed = reject
    })
    this.first.catch(() => undefined)
  }

  receive(bytes: Uint8Array): void {
    if (!this.#isOpen) return
    this.#rest = readAll(concat([this.#rest, bytes]), (reply) => {
      this.#heard(reply)
      this.#say(event(reply))
    })
  }

  begin(stream: ReadableStreamDefaultController<Uint8Array>): void {
    this.#stream = stream
    for (const line of this.#early) this.#say(line)
    if (this.#isOpen) this.#beat = setInterval(() => this.#say(': \n\n'), HEARTBEAT_MS)
    else stream.close()
  }

  /** Nobody reads the stream any more. */
  release(): void {
    this.#stream = undefined
  }

  /** The session is over; `why` is told. */
  end(why?: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (this.#beat !== undefined) clearInterval(this.#beat)
    this.#failed(closedError(why))
    if (why) this.#say(event(new ReplyError(`ERR ${why}`)))
    this.#stream?.close()
  }

  #say(line: string): void {
    if (this.#stream) this.#stream.enqueue(encoder.encode(line))
    else this.#early.push(line)
  }
}

/** Hands out the whole replies; answers the bytes behind them. */
function readAll(bytes: Uint8Array, take: (reply: Reply) => void): Uint8Array {
  const decoder = new ReplyDecoder(readText)
  decoder.reset(bytes, 0, bytes.length)
  let taken = 0
  try {
    while (taken < bytes.length) {
      const reply = decoder.decode(false)
      taken = decoder.position
      take(reply)
    }
  } catch (error) {
    if (!(error instanceof IncompleteReply)) throw error
  }
  return bytes.subarray(taken)
}

function event(reply: Reply): string {
  if (reply instanceof ReplyError) return `event: error\n${lines(reply.message)}\n`
  const fields = Array.isArray(reply) ? reply : [reply]
  return `${lines(fields.map(String).join(','))}\n`
}

/**
 * A carriage return ends a line, too. The client of @upstash/redis takes each line that begins with `data: ` for a message:
 * those behind the first go without the blank, which makes no difference to others, so that no message brings another.
 */
function lines(text: string): string {
  const [first, ...more] = text.split(/\r\n?|\n/)
  const behind = more.map((line) => `data:${line.startsWith(' ') ? ' ' : ''}${line}\n`)
  return `data: ${first}\n${behind.join('')}`
}
