// What a session keeps open to shards: a socket to each shard that it has subscriptions on, and one to the shard where
// it watches keys.

import { concat } from '../../host/core/bytes.ts'
import { encodeCommand } from '../../host/core/encode.ts'
import { upgradeRequest } from '../upgrade.ts'
import { arrayReply, bulkReply, integerReply, nullReply, splitReplies } from './replies.ts'
import type { Connected, SessionState } from './session.ts'
import { shardOf, slotOf, type SlotMap } from './slots.ts'

export interface UpstreamParts {
  map: SlotMap
  open: (shard: number) => { fetch(request: Request): Promise<Response> }
  state: SessionState
  /** Sends a push to the client. */
  send(bytes: Uint8Array): void
  /** A shard has closed a socket. */
  lost(): void
}

const PUSH = 62
const STAR = 42
const decoder = new TextDecoder('latin1')

/** A socket to a shard, with replies in order. */
class Upstream {
  readonly #socket: WebSocket
  readonly #waiting: ((reply: Uint8Array) => void)[] = []
  #rest: Uint8Array = new Uint8Array(0)

  constructor(socket: WebSocket, push: (bytes: Uint8Array) => void, lost: () => void) {
    this.#socket = socket
    socket.accept()
    socket.addEventListener('close', lost)
    socket.addEventListener('message', ({ data }) => {
      // The engine ends a frame where a reply ends, or goes on in the next.
      this.#rest = concat([this.#rest, new Uint8Array(data as ArrayBuffer)])
      const replies = splitReplies(this.#rest)
      this.#rest = new Uint8Array(0)
      for (const reply of replies) {
        if (isMessage(reply)) push(reply)
        else this.#waiting.shift()?.(reply.slice())
      }
    })
  }

  /** Sends commands; resolves with so many replies. */
  ask(commands: Uint8Array, count: number): Promise<Uint8Array[]> {
    const replies = Array.from(
      { length: count },
      () => new Promise<Uint8Array>((resolve) => this.#waiting.push(resolve)),
    )
    this.#socket.send(commands)
    return Promise.all(replies)
  }

  close(): void {
    this.#socket.close(Close)
  }
}

const Close = 1000

/** Whether it is a published message, and no confirmation. */
function isMessage(reply: Uint8Array): boolean {
  return (
    reply[0] === PUSH &&
    /^>\d\r\n\$\d+\r\n[ps]?message\r\n/.test(decoder.decode(reply.subarray(0, 32)))
  )
}

export class Upstreams implements Connected {
  readonly #parts: UpstreamParts
  readonly #listening = new Map<number, Promise<Upstream>>()
  readonly #topics = new Map<string, Set<string>>([
    ['subscribe', new Set()],
    ['psubscribe', new Set()],
    ['ssubscribe', new Set()],
  ])
  #watch: { shard: number; upstream: Promise<Upstream> } | undefined
  #isClosed = false

  constructor(parts: UpstreamParts) {
    this.#parts = parts
  }

  get subscriptions(): number {
    let count = 0
    for (const topics of this.#topics.values()) count += topics.size
    return count
  }

  get watching(): number | undefined {
    return this.#watch?.shard
  }

  async onWatching(shard: number, commands: Uint8Array): Promise<Uint8Array> {
    const protocol = this.#parts.state.protocol
    this.#watch ??= { shard, upstream: this.#open(shard, protocol) }
    const upstream = await this.#watch.upstream
    const count = splitReplies(commands).length
    return concat(await upstream.ask(commands, count))
  }

  unwatch(): void {
    void this.#watch?.upstream.then((upstream) => upstream.close())
    this.#watch = undefined
  }

  async subscribe(name: string, args: readonly Uint8Array[]): Promise<Uint8Array> {
    const kind = name.replace('un', '')
    const topics = this.#topics.get(kind)!
    const isLeaving = kind !== name
    const named = args.slice(1).map((arg) => decoder.decode(arg))
    const wanted = named.length ? named : [...topics]
    if (!wanted.length) return this.#confirm(name, undefined, kind)
    const confirmations: Uint8Array[] = []
    for (const topic of wanted) {
      const command = encodeCommand([name, latin1(topic)])
      await Promise.all(
        this.#shardsOf(kind, topic).map(async (shard) =>
          (await this.#listen(shard)).ask(command, 1),
        ),
      )
      if (isLeaving) topics.delete(topic)
      else topics.add(topic)
      confirmations.push(this.#confirm(name, topic, kind))
    }
    if (!this.subscriptions) this.#stopListening()
    return concat(confirmations)
  }

  #confirm(name: string, topic: string | undefined, kind: string): Uint8Array {
    const { protocol } = this.#parts.state
    const own = kind === 'ssubscribe' ? this.#topics.get(kind)!.size : undefined
    const count = own ?? this.subscriptions - this.#topics.get('ssubscribe')!.size
    const shown = topic === undefined ? nullReply(protocol) : bulkReply(latin1(topic))
    return arrayReply([bulkReply(name), shown, integerReply(count)], protocol === 3 ? '>' : '*')
  }

  /** Patterns, and the events of keys, come from all shards; a channel from that of its slot. */
  #shardsOf(kind: string, topic: string): number[] {
    const { map } = this.#parts
    if (kind === 'psubscribe' || /^__key(space|event)@/.test(topic))
      return Array.from({ length: map.shards }, (_, shard) => shard)
    return [shardOf(slotOf(latin1(topic)), map)]
  }

  #listen(shard: number): Promise<Upstream> {
    let upstream = this.#listening.get(shard)
    if (!upstream) this.#listening.set(shard, (upstream = this.#open(shard, 3)))
    return upstream
  }

  async #open(shard: number, protocol: 2 | 3): Promise<Upstream> {
    const { open, state } = this.#parts
    const identity = state.identity && { ...state.identity, db: state.db }
    const request = upgradeRequest(identity ? { identity } : {})
    const { webSocket } = await open(shard).fetch(request)
    if (!webSocket) throw new Error('the shard gave no socket')
    const upstream = new Upstream(
      webSocket,
      (bytes) => this.#push(bytes),
      () => this.#lose(),
    )
    if (protocol === 3) await upstream.ask(encodeCommand(['HELLO', 3]), 1)
    return upstream
  }

  #push(bytes: Uint8Array): void {
    const copy = bytes.slice()
    if (this.#parts.state.protocol === 2) copy[0] = STAR
    this.#parts.send(copy)
  }

  #lose(): void {
    if (!this.#isClosed && (this.subscriptions || this.#watch)) this.#parts.lost()
  }

  #stopListening(): void {
    for (const upstream of this.#listening.values()) void upstream.then((one) => one.close())
    this.#listening.clear()
  }

  close(): void {
    this.#isClosed = true
    this.unwatch()
    this.#stopListening()
  }
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0))
