// Where tabs find the owner: one channel that all of them hear. Each that introduces itself gets a channel of its
// own, whose name has the owner's epoch in it: what an owner of yesterday still says reaches nobody.
//
//   tab  ─ who ──────────────────────────────► all
//   owner ─ owner, epoch, protocol ──────────► all      also as soon as it has become it
//   tab  ─ hello, client, protocol, format ──► owner
//   owner ─ welcome ─────────────────────────► tab, on the channel of the two
//
// An owner that shares its store with nobody says `alone` instead. One that is yet to open it says `opening`, again
// and again, so that tabs which wait for an answer do not take it for one that sleeps.
//
// A tab holds a lock with its own name: when that is free, the tab is gone, however it went.

import type { Runtime, Timer } from '../../core/runtime.ts'
import { NEWEST_FORMAT } from '../journal/record.ts'
import { common, type Message, type Port, PROTOCOL, type Range } from '../protocol.ts'
import type { Locks } from '../surroundings.ts'
import type { Seat } from './hub.ts'

/** A BroadcastChannel, or what stands for it. */
export interface Channel {
  post(message: unknown): void
  onMessage: ((message: unknown) => void) | undefined
  close(): void
}

export type OpenChannel = (name: string) => Channel

export type LobbyMessage =
  | { kind: 'who' }
  | { kind: 'alone' }
  | { kind: 'opening' }
  | { kind: 'owner'; epoch: number; client: string; protocol: Range }
  | {
      kind: 'hello'
      epoch: number
      client: string
      /** Counts the tab's greetings: each gets a channel of its own. */
      attempt: number
      protocol: Range
      format: number
    }

export const lobbyName = (store: string): string => `wadi:${store}`
export const channelName = (
  store: string,
  client: string,
  epoch: number,
  attempt: number,
): string => `wadi:${store}:${client}:${epoch}:${attempt}`
export const clientLock = (store: string, client: string): string => `wadi:${store}:${client}`

/** The owner's first word on the channel of the two. */
export type Welcome = { kind: 'welcome'; protocol: number } | { kind: 'refused'; protocol: Range }

export interface LobbyParts {
  store: string
  /** The tab that the owner belongs to: it needs no channel. */
  client: string
  epoch: number
  openChannel: OpenChannel
  locks: Locks
  seat: (port: Port) => Seat
  /** Another tab has come or gone: what `oldestFormat` is now. */
  formats: (oldest: number) => void
  protocol?: Range
}

export class Lobby {
  readonly #parts: LobbyParts
  readonly #channel: Channel
  readonly #clients = new Map<string, { attempt: number; format: number; seat: Seat }>()
  #isClosed = false

  constructor(parts: LobbyParts) {
    this.#parts = parts
    this.#channel = parts.openChannel(lobbyName(parts.store))
    this.#channel.onMessage = (message) => this.#hear(message as LobbyMessage)
    this.#announce()
  }

  close(): void {
    this.#isClosed = true
    this.#channel.close()
  }

  #announce(): void {
    const { client, epoch, protocol = PROTOCOL } = this.#parts
    this.#channel.post({ kind: 'owner', epoch, client, protocol } satisfies LobbyMessage)
  }

  #hear(message: LobbyMessage): void {
    if (message.kind === 'who') return this.#announce()
    if (message.kind !== 'hello' || message.epoch !== this.#parts.epoch) return undefined
    return this.#welcome(message)
  }

  #welcome({ client, attempt, protocol, format }: LobbyMessage & { kind: 'hello' }): void {
    const { store, epoch, openChannel, seat, protocol: own = PROTOCOL } = this.#parts
    const before = this.#clients.get(client)
    if (before?.attempt === attempt) return
    before?.seat.leave()
    const channel = openChannel(channelName(store, client, epoch, attempt))
    const version = common(own, protocol)
    if (version === undefined) {
      channel.post({ kind: 'refused', protocol: own } satisfies Welcome)
      channel.close()
      return
    }
    this.#clients.set(client, { attempt, format, seat: seat(new ChannelPort(channel)) })
    this.#parts.formats(this.oldestFormat)
    channel.post({ kind: 'welcome', protocol: version } satisfies Welcome)
    if (!before) void this.#awaitEnd(client)
  }

  async #awaitEnd(client: string): Promise<void> {
    const { locks, store } = this.#parts
    await locks.request(clientLock(store, client), {}, () => Promise.resolve())
    this.#clients.get(client)?.seat.leave()
    this.#clients.delete(client)
    if (!this.#isClosed) this.#parts.formats(this.oldestFormat)
  }

  /** The oldest format of storage that all tabs which are open can read. */
  get oldestFormat(): number {
    return Math.min(NEWEST_FORMAT, ...[...this.#clients.values()].map(({ format }) => format))
  }
}

/** Tells tabs that would share a store that its owner does not; the answer ends it. */
export function stayAlone(store: string, openChannel: OpenChannel): () => void {
  const channel = openChannel(lobbyName(store))
  channel.onMessage = (message) => {
    if ((message as LobbyMessage).kind === 'who')
      channel.post({ kind: 'alone' } satisfies LobbyMessage)
  }
  return () => channel.close()
}

/** An owner that has not opened the store after so many words is given up on. */
const MOST_WORDS = 48

/** Tells tabs that the store is being opened, so often; the answer ends it. */
export function sayOpening(
  store: string,
  openChannel: OpenChannel,
  runtime: Pick<Runtime, 'later'>,
  everyMs: number,
): () => void {
  const channel = openChannel(lobbyName(store))
  let timer: Timer | undefined
  let words = 0
  const say = (): void => {
    channel.post({ kind: 'opening' } satisfies LobbyMessage)
    if (++words < MOST_WORDS) timer = runtime.later(everyMs, say)
  }
  say()
  return () => {
    timer?.cancel()
    channel.close()
  }
}

/** A port over a channel: nothing changes hands there, everything is copied. */
export class ChannelPort implements Port {
  onMessage: ((message: Message) => void) | undefined
  readonly #channel: Channel

  constructor(channel: Channel) {
    this.#channel = channel
    channel.onMessage = (message) => this.onMessage?.(message as Message)
  }

  post(message: Message): void {
    this.#channel.post(message)
  }

  close(): void {
    this.#channel.close()
  }
}
