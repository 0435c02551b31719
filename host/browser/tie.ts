// A tab and its Worker, and the way to the owner when that is the Worker of another tab.

import { Link } from './client/link.ts'
import type { NearReads } from './client/near.ts'
import { unpackError } from './client/unpack.ts'
import { LoadingError, StoreClosedError, StoreInUseError } from './errors.ts'
import type { Timer } from '../core/runtime.ts'
import { NEWEST_FORMAT } from './journal/record.ts'
import {
  type Channel,
  ChannelPort,
  channelName,
  clientLock,
  type LobbyMessage,
  lobbyName,
  type OpenChannel,
  type Welcome,
} from './owner/lobby.ts'
import { Presence } from './presence.ts'
import { common, type Message, PROTOCOL, type Port, type SentError } from './protocol.ts'
import type { Tie } from './remote.ts'
import type { Init, PageWord, WorkerWord } from './serve.ts'
import type { Surroundings } from './surroundings.ts'

/** A Worker, or what stands for it. */
export interface WorkerLike {
  postMessage(message: unknown, transfer?: Transferable[]): void
  onmessage: ((event: MessageEvent) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
  terminate(): void
}

export interface TabParts {
  init: Init
  worker: WorkerLike
  /** Where the Worker's script lies, for the message when it does not. */
  workerUrl: string
  surroundings: Surroundings
  openChannel: OpenChannel | undefined
  onEvent: (kind: string, event: unknown) => void
  onOwner: (isOwner: boolean, epoch: number) => void
  /** The store is lost for good. */
  onFailed: (error: Error) => void
  /** There is an owner, or another than before. */
  onFound: () => void
  /** Bytes of the effects log. */
  onLog: (bytes: Uint8Array) => void
  /** Reads that are answered in this tab. */
  near?: NearReads | undefined
}

/** A greeting that was not answered is repeated after so long. */
const GREETING_MS = 500
/** A Worker whose script has not begun after so long is none of ours. */
export const PATIENCE_MS = 60_000
/** Who opens a store says so four times in the time after which a silent owner is given up on. */
const MANY_WORDS = 8
/** Tabs that give up on an owner at once do not all steal at once. */
const SPREAD_MS = 250

export class Tab implements Tie {
  readonly link: Link
  /** Resolves when there is an owner for the first time. */
  readonly ready: Promise<void>
  readonly #parts: TabParts
  #isOwner = false
  #isReady = false
  #isClosed = false
  /** How often was said that the store is being opened. */
  #words = 0
  #ownPort: Port | undefined
  #lobby: Channel | undefined
  /** The owner that is being greeted. */
  #greeting: { epoch: number; channel: Channel } | undefined
  #attempts = 0
  #presence: Presence | undefined
  #patience: Timer | undefined
  #settle!: { resolve: () => void; reject: (error: Error) => void }
  #closed: (() => void) | undefined
  #leave: (() => void) | undefined

  constructor(parts: TabParts) {
    this.#parts = parts
    const { surroundings, init, worker } = parts
    this.ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    this.link = new Link({
      runtime: surroundings.runtime,
      ownerTimeoutMs: init.ownerTimeoutMs,
      onSilence: () => this.#giveUp(),
      onEvent: parts.onEvent,
      onLog: parts.onLog,
      onAnew: parts.onFound,
      onOwner: () => this.#found(),
      near: parts.near,
    })
    worker.onmessage = ({ data }) => this.#hearWorker(data as Message | WorkerWord)
    worker.onerror = (event) => this.#failWorker(event)
    this.#say(['init', init])
    this.#patience = surroundings.runtime.later(PATIENCE_MS, () => this.#failSilent())
    if (init.mode === 'shared' && parts.openChannel && surroundings.locks) this.#enterLobby()
    this.#presence = new Presence(surroundings.page, {
      shown: () => {
        this.#say(['resume'])
        this.#say(['tick'])
        this.#lobby?.post({ kind: 'who' } satisfies LobbyMessage)
      },
      hidden: () => undefined,
      leaving: () => {
        parts.near?.pause()
        this.#say(['rest'])
      },
    })
  }

  get isOwner(): boolean {
    return this.#isOwner
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    if (this.link.isConnected) await this.link.ask('flush').catch(() => undefined)
    this.#isClosed = true
    const closed = new Promise<void>((resolve) => (this.#closed = resolve))
    this.#say(['close'])
    await closed
    this.#end(new StoreClosedError(this.#parts.init.name))
  }

  #end(error: Error): void {
    this.#isClosed = true
    this.#patience?.cancel()
    this.#presence?.end()
    this.link.end(error)
    this.#greeting?.channel.close()
    this.#lobby?.close()
    this.#leave?.()
    this.#parts.worker.terminate()
    this.#settle.reject(error)
  }

  #say(word: PageWord): void {
    this.#parts.worker.postMessage(word)
  }

  // ── this tab's Worker ──────────────────────────────────────────────────────────────────────

  #hearWorker(data: Message | WorkerWord): void {
    if (typeof data[0] === 'number') return this.#ownPort?.onMessage?.(data)
    const said = data as WorkerWord
    switch (said[0]) {
      case 'ready':
        this.#isReady = true
        this.#patience?.cancel()
        return undefined
      case 'owned':
        return this.#own(said[1])
      case 'demoted':
        return this.#demote(said[1])
      case 'failed':
        return this.#fail(unpackError(said[1] as SentError))
      case 'event':
        return this.#parts.onEvent(said[1], said[2])
      default:
        return this.#closed?.()
    }
  }

  #own(epoch: number): void {
    this.#isOwner = true
    this.#greeting?.channel.close()
    this.#greeting = undefined
    const { worker } = this.#parts
    this.#ownPort = {
      post: (message, transfer = []) => worker.postMessage(message, transfer),
      onMessage: undefined,
      close: () => undefined,
    }
    this.#parts.onOwner(true, epoch)
    this.link.attach(this.#ownPort, epoch)
  }

  #demote(isGraceful: boolean): void {
    if (!this.#isOwner) return
    this.#isOwner = false
    this.#ownPort = undefined
    this.link.detach(isGraceful)
    this.#lobby?.post({ kind: 'who' } satisfies LobbyMessage)
  }

  #failSilent(): void {
    this.#fail(silentWorker(this.#parts.workerUrl))
  }

  #failWorker(event: ErrorEvent): void {
    if (this.#isReady) {
      this.#parts.onEvent('error', { name: 'Error', message: event.message, fields: {} })
      return
    }
    const reason =
      event.message ||
      "the browser does not say why; perhaps nothing lies there, or it is no script, or the page's " +
        "Content-Security-Policy does not have worker-src 'self'"
    this.#fail(new LoadingError('worker', this.#parts.workerUrl, reason))
  }

  #fail(error: Error): void {
    if (this.#isClosed) return
    this.#end(error)
    this.#parts.onFailed(error)
  }

  // ── the owner in another tab ───────────────────────────────────────────────────────────────

  /** Once it holds the lock with its name: an owner that asks for it must not get it while this tab is there. */
  #enterLobby(): void {
    const { init, surroundings } = this.#parts
    const name = clientLock(init.name, init.client)
    const entered = surroundings.locks?.request(name, {}, async () => {
      if (this.#isClosed) return
      this.#openLobby()
      await new Promise<void>((resolve) => (this.#leave = resolve))
    })
    entered?.catch(() => undefined) // locks are blocked: this tab has a store of its own
  }

  #openLobby(): void {
    const { openChannel, init } = this.#parts
    this.#lobby = openChannel!(lobbyName(init.name))
    this.#lobby.onMessage = (message) => this.#hearLobby(message as LobbyMessage)
    this.#lobby.post({ kind: 'who' } satisfies LobbyMessage)
  }

  #hearLobby(message: LobbyMessage): void {
    const { init } = this.#parts
    if (message.kind === 'opening') return this.#wait()
    const isApart = !this.link.isConnected && !this.#greeting
    if (message.kind === 'alone' && isApart) return this.#fail(new StoreInUseError(init.name))
    if (message.kind !== 'owner' || message.client === init.client || this.#isClosed) return
    const known = this.#greeting?.epoch ?? this.link.epoch
    const isNews = message.epoch > known || (message.epoch === known && !this.link.isConnected)
    if (!isNews || this.#greeting?.epoch === message.epoch) return
    if (!common(message.protocol, PROTOCOL)) return this.#fail(incompatible(init.name))
    this.#greet(message.epoch)
  }

  #wait(): void {
    this.link.wait()
    const { init, onEvent } = this.#parts
    if (++this.#words !== MANY_WORDS) return
    const seconds = (MANY_WORDS * init.ownerTimeoutMs) / 4000
    onEvent('warning', {
      code: 'waiting',
      message: `the store ${init.name} is not open after ${seconds} s: perhaps the browser waits for a tab that was stopped in a write`,
    })
  }

  #greet(epoch: number): void {
    const { init, openChannel } = this.#parts
    this.#greeting?.channel.close()
    const attempt = ++this.#attempts
    const channel = openChannel!(channelName(init.name, init.client, epoch, attempt))
    const greeting = { epoch, channel }
    this.#greeting = greeting
    channel.onMessage = (message) => {
      this.#greeting = undefined
      if ((message as Welcome).kind !== 'welcome') return this.#fail(incompatible(init.name))
      this.#parts.onOwner(false, epoch)
      return this.link.attach(new ChannelPort(channel), epoch)
    }
    const hello = (): void => {
      if (this.#greeting !== greeting || this.#isClosed) return
      const { client } = init
      this.#lobby?.post({
        kind: 'hello',
        epoch,
        client,
        attempt,
        protocol: PROTOCOL,
        format: NEWEST_FORMAT,
      } satisfies LobbyMessage)
      this.#parts.surroundings.runtime.later(GREETING_MS, hello)
    }
    hello()
  }

  #found(): void {
    this.#words = 0
    this.#settle.resolve()
    this.#parts.onFound()
  }

  /** The owner does not answer: this tab's Worker takes its place, unless another was quicker. */
  #giveUp(): void {
    const before = this.link.heard
    this.#parts.surroundings.runtime.later(Math.random() * SPREAD_MS, () => {
      if (this.link.heard === before && !this.#isClosed) this.#say(['steal'])
    })
  }
}

/** A Worker that says nothing, which is not ours. */
export function silentWorker(url: string): LoadingError {
  const reason = `it has said nothing for ${PATIENCE_MS / 1000} s; a Worker of one's own calls serve()`
  return new LoadingError('worker', url, reason)
}

const incompatible = (store: string): Error =>
  new Error(
    `another tab has the store ${store} open with a release of this page that speaks another ` +
      'version of the protocol: close or reload that tab',
  )
