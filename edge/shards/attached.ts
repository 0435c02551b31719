// What a session has on the shards beyond single answers: subscriptions, watched keys, tracking, a call that waits.
// Each is a seat there (seat.ts); this is the session's side of them, as plain facts that outlive a sleep.

import { concat } from '../../host/core/bytes.ts'
import { encodeCommand } from '../../host/core/encode.ts'
import {
  arrayReply,
  bulkReply,
  errorReply,
  integerReply,
  isError,
  isInvalidation,
  isMessage,
  nullReply,
  OK,
  splitReplies,
} from './replies.ts'
import type { Delivery, Hold, SeatAnswer, SeatKind } from './seat.ts'
import type { SessionState } from './session-state.ts'
import { shardOf, slotOf, type SlotMap } from './slots.ts'

/** What is kept of it; channels are texts of bytes. */
export interface Links {
  topics: [kind: TopicKind, names: string[]][]
  /** The protocol that each seat for work speaks, by its shard. */
  working: [shard: number, protocol: number][]
  watching?: number
  /** The seat that watched is gone: nobody knows what became of the keys. */
  isWatchLost?: boolean
  /** The options of CLIENT TRACKING. */
  tracking?: string[]
  /** The shard whose reply is waited for. */
  waiting?: number
}

type TopicKind = 'subscribe' | 'psubscribe' | 'ssubscribe'

export interface AttachedParts {
  map: SlotMap
  state: SessionState
  /** Runs commands on a seat. */
  seat(
    shard: number,
    call: { kind: SeatKind; isNew: boolean; hold: Hold; commands: Uint8Array },
  ): Promise<SeatAnswer>
  /** A seat ended that the session counted on. */
  lost(): void
}

const STAR = 42
const decoder = new TextDecoder('latin1')

export class Attached {
  readonly #parts: AttachedParts
  readonly #topics: Map<TopicKind, Set<string>>
  /** How many topics each shard has. */
  readonly #listening: number[]
  readonly #working: Map<number, number>
  #watching: number | undefined
  #isWatchLost: boolean
  #tracking: string[] | undefined
  #waiting: number | undefined
  /** Invalidations that came with replies, and go behind these. */
  #pushes: Uint8Array[] = []

  constructor(parts: AttachedParts, links?: Links) {
    this.#parts = parts
    this.#topics = new Map(
      (['subscribe', 'psubscribe', 'ssubscribe'] as const).map((kind) => [kind, new Set()]),
    )
    this.#listening = Array.from({ length: parts.map.shards }, () => 0)
    for (const [kind, names] of links?.topics ?? [])
      for (const name of names) this.#note(kind, name, true)
    this.#working = new Map(links?.working)
    this.#watching = links?.watching
    this.#isWatchLost = links?.isWatchLost ?? false
    this.#tracking = links?.tracking
    this.#waiting = links?.waiting
  }

  /** For the next life. */
  get links(): Links {
    return {
      topics: [...this.#topics].map(([kind, names]) => [kind, [...names]]),
      working: [...this.#working],
      ...(this.#watching !== undefined && { watching: this.#watching }),
      ...(this.#isWatchLost && { isWatchLost: true }),
      ...(this.#tracking && { tracking: this.#tracking }),
      ...(this.#waiting !== undefined && { waiting: this.#waiting }),
    }
  }

  /** Channels, patterns and shard channels. */
  get counts(): [number, number, number] {
    const [channels, patterns, shardChannels] = [...this.#topics.values()].map(({ size }) => size)
    return [channels!, patterns!, shardChannels!]
  }

  get subscriptions(): number {
    return this.counts.reduce((sum, count) => sum + count, 0)
  }

  get watching(): number | undefined {
    return this.#watching
  }

  get tracking(): readonly string[] | undefined {
    return this.#tracking
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  /** Shards that know this session. */
  get shards(): number[] {
    const listening = this.#listening.flatMap((count, shard) => (count ? [shard] : []))
    return [...new Set([...listening, ...this.#working.keys()])]
  }

  /** What has to follow the replies of a frame. */
  takePushes(): Uint8Array[] {
    const pushes = this.#pushes
    this.#pushes = []
    return pushes
  }

  // ── work ───────────────────────────────────────────────────────────────────────────────────

  /** Runs commands on the seat for work of a shard, which is made if need be; their replies. */
  async work(
    shard: number,
    commands: readonly Uint8Array[],
    hold = this.#holdOf(shard),
  ): Promise<Uint8Array[]> {
    const { replies } = await this.#ask(shard, commands, hold)
    return replies
  }

  async #ask(
    shard: number,
    commands: readonly Uint8Array[],
    hold: Hold,
  ): Promise<{ replies: Uint8Array[]; isWaiting: boolean }> {
    const { protocol } = this.#parts.state
    const spoken = this.#working.get(shard)
    const isNew = spoken === undefined
    const greets = (spoken ?? 2) !== protocol
    const all = greets ? [encodeCommand(['HELLO', protocol]), ...commands] : commands
    const answer = await this.#parts.seat(shard, {
      kind: 'work',
      isNew,
      hold,
      commands: concat(all),
    })
    if (answer.isOver) this.#lose(shard)
    else if (hold === 'none') this.#working.delete(shard)
    else this.#working.set(shard, protocol)
    const replies: Uint8Array[] = []
    for (const reply of splitReplies(answer.replies)) {
      if (isInvalidation(reply)) this.#pushes.push(reply.slice())
      else replies.push(reply)
    }
    return { replies: greets ? replies.slice(1) : replies, isWaiting: answer.isWaiting ?? false }
  }

  /** A seat is gone: what was watched may have changed; what was tracked is not any more. */
  #lose(shard: number): void {
    this.#working.delete(shard)
    if (this.#watching === shard) this.#isWatchLost = true
    if (this.#tracking) this.#parts.lost()
  }

  #holdOf(shard: number): Hold {
    if (this.#tracking) return 'stored'
    return this.#watching === shard ? 'awake' : 'none'
  }

  /** Runs a command that may wait; undefined: it does, and `take` gets its reply. */
  async wait(shard: number, command: Uint8Array): Promise<Uint8Array | undefined> {
    const { replies, isWaiting } = await this.#ask(shard, [command], this.#holdOf(shard))
    if (!isWaiting) return replies[0] ?? errorReply('ERR the session was closed')
    this.#waiting = shard
    this.#working.set(shard, this.#parts.state.protocol)
    return undefined
  }

  /** What a shard delivered; `isAnswer`: the call that waited is over. */
  take({ kind, shard, bytes }: Delivery): { bytes: Uint8Array; isAnswer: boolean } {
    const pieces: Uint8Array[] = []
    let isAnswer = false
    for (const reply of splitReplies(bytes ?? new Uint8Array(0))) {
      if (kind === 'listen') pieces.push(this.#message(reply))
      else if (isInvalidation(reply)) pieces.push(reply)
      else if (this.#waiting === shard) {
        isAnswer = true
        this.#waiting = undefined
        if (this.#holdOf(shard) === 'none') this.#working.delete(shard)
        pieces.push(reply)
      }
    }
    return { bytes: concat(pieces), isAnswer }
  }

  // ── WATCH ──────────────────────────────────────────────────────────────────────────────────

  async watch(shard: number, command: Uint8Array): Promise<Uint8Array> {
    const isFirst = this.#watching === undefined
    this.#watching = shard
    const [reply = OK] = await this.work(shard, [command])
    if (isError(reply) && isFirst) await this.unwatch()
    return reply
  }

  /** Runs a transaction where keys are watched; undefined: they may have changed. */
  async exec(shard: number, commands: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
    if (this.#isWatchLost) return undefined
    const replies = await this.work(shard, commands, this.#tracking ? 'stored' : 'none')
    return this.#isWatchLost ? undefined : replies.at(-1)
  }

  async unwatch(): Promise<void> {
    const shard = this.#watching
    this.#watching = undefined
    this.#isWatchLost = false
    if (shard !== undefined && this.#working.has(shard))
      await this.work(shard, [encodeCommand(['UNWATCH'])])
  }

  // ── CLIENT TRACKING ────────────────────────────────────────────────────────────────────────

  /** Turns tracking on on all shards, or off; the first error, else OK. */
  async track(args: readonly Uint8Array[], isOn: boolean): Promise<Uint8Array> {
    const before = this.#tracking
    const options = args.slice(3).map((arg) => decoder.decode(arg))
    this.#tracking = isOn ? (before ?? options) : undefined
    const shards = Array.from({ length: this.#parts.map.shards }, (_, shard) => shard)
    const asked = isOn ? shards : shards.filter((shard) => this.#working.has(shard))
    const all = await Promise.all(asked.map((shard) => this.work(shard, [encodeCommand(args)])))
    const failed = all.flat().find(isError)
    if (!failed) {
      if (isOn) this.#tracking = options
      return all[0]?.[0] ?? OK
    }
    this.#tracking = before
    if (!before) await this.#letGo()
    return failed
  }

  /** Ends the seats that nothing needs any more. */
  async #letGo(): Promise<void> {
    const idle = [...this.#working.keys()].filter((shard) => shard !== this.#watching)
    await Promise.all(idle.map((shard) => this.work(shard, [], 'none')))
  }

  // ── subscriptions ──────────────────────────────────────────────────────────────────────────

  /** Carries out a command of the SUBSCRIBE family; answers the confirmations. */
  async subscribe(name: string, args: readonly Uint8Array[]): Promise<Uint8Array> {
    const kind = name.replace('un', '') as TopicKind
    const topics = this.#topics.get(kind)!
    const isLeaving = kind !== name
    const named = args.slice(1).map((arg) => decoder.decode(arg))
    const wanted = named.length ? named : [...topics]
    if (!wanted.length) return this.#confirm(name, undefined, kind)
    const fresh = [...new Set(wanted)].filter((topic) => topics.has(topic) === isLeaving)
    const before = [...this.#listening]
    for (const topic of fresh) this.#note(kind, topic, !isLeaving)
    const failed = await this.#tell(name, kind, fresh, before)
    if (failed) {
      const after = [...this.#listening]
      for (const topic of fresh) this.#note(kind, topic, isLeaving)
      if (!isLeaving) await this.#tell(name.replace('sub', 'unsub'), kind, fresh, after)
      return failed
    }
    // The confirmations count one after the other.
    for (const topic of fresh) topics[isLeaving ? 'add' : 'delete'](topic)
    const confirmations = wanted.map((topic) => {
      topics[isLeaving ? 'delete' : 'add'](topic)
      return this.#confirm(name, topic, kind)
    })
    return concat(confirmations)
  }

  #note(kind: TopicKind, topic: string, isThere: boolean): void {
    this.#topics.get(kind)![isThere ? 'add' : 'delete'](topic)
    for (const shard of this.#shardsOf(kind, topic)) this.#listening[shard]! += isThere ? 1 : -1
  }

  /** Says it to the shards of these topics; the first error. */
  async #tell(
    name: string,
    kind: TopicKind,
    topics: readonly string[],
    before: readonly number[],
  ): Promise<Uint8Array | undefined> {
    const byShard = new Map<number, string[]>()
    for (const topic of topics)
      for (const shard of this.#shardsOf(kind, topic))
        byShard
          .set(shard, byShard.get(shard) ?? [])
          .get(shard)!
          .push(topic)
    const answers = await Promise.all(
      [...byShard].map(async ([shard, own]) => {
        const isNew = before[shard] === 0
        const command = encodeCommand([name, ...own.map(latin1)])
        const answer = await this.#parts.seat(shard, {
          kind: 'listen',
          isNew,
          hold: this.#listening[shard] ? 'stored' : 'none',
          commands: isNew ? concat([encodeCommand(['HELLO', 3]), command]) : command,
        })
        if (answer.isOver) this.#parts.lost()
        const replies = splitReplies(answer.replies)
        for (const reply of replies)
          if (isMessage(reply)) this.#pushes.push(this.#message(reply).slice())
        return replies.find(isError)
      }),
    )
    return answers.find((failed) => failed !== undefined)
  }

  #confirm(name: string, topic: string | undefined, kind: TopicKind): Uint8Array {
    const { protocol } = this.#parts.state
    const [channels, patterns, shardChannels] = this.counts
    const count = kind === 'ssubscribe' ? shardChannels : channels + patterns
    const shown = topic === undefined ? nullReply(protocol) : bulkReply(latin1(topic))
    return arrayReply([bulkReply(name), shown, integerReply(count)], protocol === 3 ? '>' : '*')
  }

  /** A shard channel is on the shard of its slot; to all others scripts and transactions publish from wherever they run. */
  #shardsOf(kind: TopicKind, topic: string): number[] {
    const { map } = this.#parts
    if (kind === 'ssubscribe') return [shardOf(slotOf(latin1(topic)), map)]
    return Array.from({ length: map.shards }, (_, shard) => shard)
  }

  /** A message as the client's protocol has it. */
  #message(reply: Uint8Array): Uint8Array {
    if (this.#parts.state.protocol === 3) return reply
    const copy = reply.slice()
    copy[0] = STAR
    return copy
  }

  /** All of it ends, as RESET wants it. */
  async reset(): Promise<void> {
    for (const kind of this.#topics.keys())
      if (this.#topics.get(kind)!.size) await this.subscribe(kind.replace('sub', 'unsub'), [])
    if (this.#tracking) await this.track(OFF, false)
    await this.unwatch()
  }
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0))

const OFF = ['CLIENT', 'TRACKING', 'OFF'].map(latin1)
