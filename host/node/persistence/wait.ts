// WAIT and WAITAOF: clients that want to know where what they wrote has arrived.
//
// There are no replicas, so waiting for them ends with the time that was given. In a transaction nothing can
// wait: the reply says how things stand.

import { ReplyError } from '../../core/errors.ts'
import type { HostReply } from '../../core/reply.ts'
import type { HostCall } from '../commands.ts'
import type { Home } from './home.ts'

/** What is known of the disk. */
export interface Durability {
  /** Whether there is a file that is flushed. */
  readonly isOn: boolean
  /** Whether all that was logged until now is on the disk. */
  isDurable(): boolean
  /** Waits until it is, or until the time is over; 0: for ever. */
  durable(timeoutMs: number): Promise<void>
}

/** Those who wait for the disk to have the log up to an offset. */
export class Waiters {
  #waiting: { offset: number; resolve: () => void }[] = []

  /** Ends when the disk has it, or when the time is over; 0: never. */
  reached(offset: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (timeoutMs > 0) setTimeout(resolve, timeoutMs).unref()
      this.#waiting.push({ offset, resolve })
    })
  }

  /** The disk has the log up to here. */
  wake(offset: number): void {
    const woken = this.#waiting.filter((waiter) => waiter.offset <= offset)
    if (woken.length === 0) return
    this.#waiting = this.#waiting.filter((waiter) => waiter.offset > offset)
    for (const { resolve } of woken) resolve()
  }
}

const LONG_MAX = 2n ** 63n - 1n

export function registerWaits({ commands }: Home, disk: Durability): void {
  commands.onLate('wait', wait, () => 0)
  commands.onLate(
    'waitaof',
    (call) => waitAof(call, disk),
    () => counts(disk),
  )
}

/** WAIT numreplicas timeout → the number of replicas that have all writes of this client. */
async function wait(call: HostCall): Promise<HostReply> {
  const replicas = long(call.text(1), 'value is not an integer or out of range')
  const timeoutMs = timeout(call.text(2))
  if (replicas > 0n) await pause(timeoutMs)
  return 0
}

/** WAITAOF numlocal numreplicas timeout → the numbers of local disks and of replicas that have all writes. */
async function waitAof(call: HostCall, disk: Durability): Promise<HostReply> {
  const local = long(call.text(1), 'value is not an integer or out of range')
  if (local < 0n || local > 1n) {
    throw new ReplyError('ERR value is out of range, value must between 0 and 1')
  }
  const replicas = long(call.text(2), 'value is not an integer or out of range')
  if (replicas < 0n) throw new ReplyError('ERR value is out of range, must be positive')
  const timeoutMs = timeout(call.text(3))
  if (local > 0n && !disk.isOn) {
    throw new ReplyError(
      'ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
    )
  }
  if (replicas > 0n) await pause(timeoutMs)
  // Only what comes after the first `await` may call the engine.
  else await Promise.resolve()
  if (local > 0n && replicas === 0n && !disk.isDurable()) await disk.durable(timeoutMs)
  return counts(disk)
}

function counts(disk: Durability): HostReply {
  return [disk.isOn && disk.isDurable() ? 1 : 0, 0]
}

function pause(timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (timeoutMs > 0) setTimeout(resolve, timeoutMs).unref()
  })
}

function long(text: string, problem: string): bigint {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw new ReplyError(`ERR ${problem}`)
  const value = BigInt(text)
  if (value > LONG_MAX || value < -LONG_MAX - 1n) throw new ReplyError(`ERR ${problem}`)
  return value
}

/** A time in ms; longer than a timer can wait is for ever. */
function timeout(text: string): number {
  const value = long(text, 'timeout is not an integer or out of range')
  if (value < 0n) throw new ReplyError('ERR timeout is negative')
  return value >= 2n ** 31n ? 0 : Number(value)
}
