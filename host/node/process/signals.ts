// Signals, as redis-server takes them: SIGTERM and the first SIGINT shut down in order, a second SIGINT ends
// the process at once. SIGHUP and SIGUSR1 mean nothing.

import type { Logger } from '../logger.ts'
import type { ShutdownWish } from '../shutdown.ts'

export interface SignalHandlers {
  log: Logger
  /** The words of `shutdown-on-sigint` or `shutdown-on-sigterm`. */
  wish(signal: 'SIGINT' | 'SIGTERM'): string
  shutdown(wish: ShutdownWish): Promise<boolean>
  exit(code: number): void
}

/** `default`, or some of `save`, `nosave`, `now` and `force`. */
export function parseWish(words: string): ShutdownWish {
  const has = new Set(words.split(/\s+/))
  const save = has.has('save') ? true : has.has('nosave') ? false : undefined
  return { save, now: has.has('now'), force: has.has('force') }
}

export function handleSignals(source: NodeJS.EventEmitter, handlers: SignalHandlers): void {
  const { log } = handlers
  let isLeaving = false
  const leave = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (isLeaving && signal === 'SIGINT') {
      log.signal('You insist... exiting now.')
      handlers.exit(1)
    }
    log.signal(`Received ${signal} scheduling shutdown...`)
    if (isLeaving) return
    isLeaving = true
    void handlers.shutdown(parseWish(handlers.wish(signal))).then((hasLeft) => {
      isLeaving = hasLeft
      if (!hasLeft) {
        log.warning(
          'SIGTERM received but errors trying to shut down the server, ' +
            'check the logs for more information',
        )
      }
      return undefined
    })
  }
  source.on('SIGINT', () => leave('SIGINT'))
  source.on('SIGTERM', () => leave('SIGTERM'))
  for (const ignored of ['SIGHUP', 'SIGUSR1', 'SIGPIPE']) source.on(ignored, () => undefined)
}
