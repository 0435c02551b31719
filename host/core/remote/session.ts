// A session with a store that is elsewhere: with its owner, whoever that is just now, or behind a socket that is
// opened again. After a hand-over or a lost connection it becomes the same session again.
//
// What is then still unanswered is asked again where that does no harm: reads always, and writes whose number
// the log does not have. Of the others nobody can say whether they were carried out, and they reject with
// `MaybeAppliedError`.

import type { PushListener } from '../connection.ts'
import type { Reply } from '../decode.ts'
import type { Argument } from '../encode.ts'
import { MaybeAppliedError, ReplyError } from '../errors.ts'
import { Pipeline, type PendingCall } from './pipeline.ts'
import { commandMethods } from '../typed.ts'
import { commandName, isFollowed, SessionState, silences } from './session-state.ts'

/** What carries a session: a tab's link to the owner, a socket. */
export interface SessionHost {
  /** Carries commands to the other side; they are dropped where there is none. */
  send(session: number, sequence: number, bytes: Uint8Array<ArrayBuffer>): void
  open(session: number, origin: number): void
  close(session: number): void
  /** A command is about to leave; what is answered is called when it has been answered. */
  begin?(session: number, args: readonly Argument[]): (() => void) | undefined
  /** The other side does not take the session as what it was: a password is wrong, a database is not there. */
  refused?(error: Error): void
}

/** How a session came to lose its owner. */
export interface Loss {
  /** The owner had answered whatever it would: nothing that is unanswered was carried out. */
  isGraceful: boolean
  /** Why writes that are unanswered were not kept, if that is known. */
  reason?: Error
}

/** Their effect is another's, or none that a log has: only an answer tells that they were carried out. */
const UNTRACED = new Set(
  'PUBLISH SPUBLISH BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP BZPOPMIN BZPOPMAX BZMPOP XREADGROUP'.split(
    ' ',
  ),
)

export class RemoteSession extends commandMethods<never, true>() {
  onPush: PushListener | undefined
  readonly number: number
  readonly #origin = 1 + Math.floor(Math.random() * (2 ** 52 - 1))
  readonly #host: SessionHost
  readonly #pipeline: Pipeline
  readonly #state: SessionState
  #closed: Error | undefined
  /** Calls that were lost, and nobody knows yet whether they may be sent again; how they were lost. */
  #undecided: PendingCall[] = []
  #loss: Loss = { isGraceful: true }
  /** Counts owners that came and went: what belongs to an earlier one does not matter any more. */
  #turn = 0

  /** `state` is what the session shall be from the start. */
  constructor(number: number, host: SessionHost, state: SessionState = new SessionState()) {
    super()
    this.number = number
    this.#state = state
    this.#host = host
    this.#pipeline = new Pipeline({
      send: (bytes, sequence) => host.send(number, sequence, bytes),
      push: (message) => this.onPush?.(message),
    })
    this.#pipeline.cork()
  }

  /** Calls that are not answered. */
  get pending(): number {
    return this.#pipeline.pending + this.#undecided.length
  }

  /** Whether a transaction is open. */
  get inMulti(): boolean {
    return this.#state.inMulti
  }

  /** The database that was selected. */
  get database(): number {
    return this.#state.db
  }

  call(...args: Argument[]): Promise<Reply> {
    return this.#run(args, false)
  }

  callBytes(...args: Argument[]): Promise<Reply> {
    return this.#run(args, true)
  }

  /** Asks for what changes nothing, neither in the store nor of the session. */
  read(...args: Argument[]): Promise<Reply> {
    return this.#closed ? Promise.reject(this.#closed) : this.#pipeline.call(args, false)
  }

  /** Lets what was called leave now, without waiting for what this turn may still call. */
  flush(): void {
    this.#pipeline.flush()
  }

  close(): void {
    if (this.#closed) return
    this.end(new Error('the connection is closed'))
    this.#host.close(this.number)
  }

  /** There is an owner: introduces itself. What may be sent becomes known with `opened`. */
  begin(): void {
    if (!this.#closed) this.#host.open(this.number, this.#origin)
  }

  /** The owner knows the session, and the last of its requests that the store has. */
  opened(lastApplied: number, loss: Loss, reads: (names: string[]) => Promise<boolean[]>): void {
    if (this.#closed) return
    const turn = ++this.#turn
    // What no owner has decided on yet was lost with each of them.
    const all = this.#undecided.length ? worse(this.#loss, loss) : loss
    const left = [...this.#undecided, ...this.#takeCalls()]
    this.#undecided = left
    this.#loss = all
    const sent = left.filter((call) => call.sequence > 0)
    const decide = (areReads: boolean[]): void => {
      if (turn !== this.#turn || this.#closed) return
      const later = this.#takeCalls()
      this.#undecided = []
      // What changed meanwhile nobody has told, and what others ask again may come before a tracking that begins.
      const isTracking = this.#state.tracking !== undefined || [...left, ...later].some(tracks)
      this.#replay()
      let index = 0
      for (const call of left) {
        const isRead = call.sequence > 0 && areReads[index++]
        if (call.sequence === 0 || isRead || mayRepeat(call, lastApplied, all)) this.#add(call)
        else call.reject(all.reason ?? new MaybeAppliedError(commandName(call.args)))
      }
      for (const call of later) this.#add(call)
      this.#pipeline.uncork()
      if (isTracking) queueMicrotask(() => this.onPush?.(['invalidate', null]))
    }
    if (sent.length === 0) return decide([])
    reads(sent.map(({ args }) => commandName(args))).then(decide, () => decide([]))
    return undefined
  }

  /** The owner is gone: nothing leaves until there is another. */
  lost(): void {
    this.#turn++
    this.#pipeline.cork()
  }

  receive(bytes: Uint8Array): void {
    this.#pipeline.receive(bytes)
  }

  /** Lets those who wait know that it takes too long; the session itself goes on. */
  giveUp(error: Error): void {
    for (const call of [...this.#undecided.splice(0), ...this.#pipeline.take()])
      call.reject(call.sequence ? new MaybeAppliedError(commandName(call.args)) : error)
  }

  /** Nobody will answer any more. */
  end(error: Error): void {
    this.#closed ??= error
    for (const call of this.#undecided.splice(0)) call.reject(error)
    this.#pipeline.fail(error)
  }

  #run(args: Argument[], asBytes: boolean): Promise<Reply> {
    if (this.#closed) return Promise.reject(this.#closed)
    const end = this.#host.begin?.(this.number, args)
    if (!end && !isFollowed(args)) return this.#pipeline.call(args, asBytes)
    return new Promise((resolve, reject) => {
      const call = { args, asBytes, sequence: 0, replies: 1, resolve, reject }
      if (end) {
        call.resolve = (reply) => (end(), resolve(reply))
        call.reject = (error) => (end(), reject(error))
      }
      this.#add(call)
    })
  }

  /** Adds a call, and follows what its answer makes of the session. */
  #add(call: PendingCall): void {
    const { args, asBytes, resolve, reject } = call
    if (!isFollowed(args)) return this.#pipeline.add(call)
    if (silences(args))
      return reject(new Error('CLIENT REPLY OFF and SKIP would leave calls without their answers'))
    if (commandName(args) === 'EXEC' && this.#state.endsTransaction) return this.#fail(call)
    if (call instanceof Followed) return this.#pipeline.add(call)
    const followed = new Followed(args, asBytes, this.#state, resolve, reject)
    return this.#pipeline.add(followed)
  }

  /** EXEC of a transaction that another owner had: it is ended, and fails as Redis would let it fail. */
  #fail({ asBytes, resolve, reject }: PendingCall): void {
    const { isAborted } = this.#state
    this.#state.endTransaction()
    const done = (): void => {
      if (isAborted)
        reject(new ReplyError('EXECABORT Transaction discarded because of previous errors.'))
      else resolve(null)
    }
    const args = ['DISCARD']
    this.#pipeline.add({ args, asBytes, sequence: 0, replies: 1, resolve: done, reject: done })
  }

  /** Takes the calls that are not answered, without those of a replay. */
  #takeCalls(): PendingCall[] {
    return this.#pipeline.take().filter((call) => call.resolve !== nothing)
  }

  #replay(): void {
    const reject = (error: Error): void => {
      if (error instanceof ReplyError) this.#host.refused?.(error)
    }
    for (const args of this.#state.replay()) {
      const replies = /^P?SUBSCRIBE$/.test(String(args[0])) ? args.length - 1 : 1
      this.#pipeline.add({ args, asBytes: false, sequence: 0, replies, resolve: nothing, reject })
    }
  }
}

/** What the answer of a replayed command does. */
const nothing = (): void => undefined

/** A call whose answer changes what the session is. */
class Followed implements PendingCall {
  sequence = 0
  replies: number
  readonly args: readonly Argument[]
  readonly asBytes: boolean
  readonly #state: SessionState
  readonly #resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void

  constructor(
    args: readonly Argument[],
    asBytes: boolean,
    state: SessionState,
    resolve: (reply: Reply) => void,
    reject: (error: Error) => void,
  ) {
    this.args = args
    this.asBytes = asBytes
    this.replies = /^[PS]?(UN)?SUBSCRIBE$/.test(commandName(args))
      ? Math.max(args.length - 1, 1)
      : 1
    this.#state = state
    this.#resolve = resolve
    this.reject = reject
  }

  resolve(reply: Reply): void {
    this.#state.follow(this.args, reply)
    this.#resolve(reply)
  }
}

const tracks = ({ args }: PendingCall): boolean =>
  commandName(args) === 'CLIENT' && /^tracking$/i.test(String(args[1]))

/** Two losses of which neither was decided on. */
const worse = (a: Loss, b: Loss): Loss => {
  const reason = a.reason ?? b.reason
  return { isGraceful: a.isGraceful && b.isGraceful, ...(reason && { reason }) }
}

function mayRepeat(call: PendingCall, lastApplied: number, loss: Loss): boolean {
  if (loss.reason) return false
  if (loss.isGraceful) return true
  return call.sequence > lastApplied && !UNTRACED.has(commandName(call.args))
}
