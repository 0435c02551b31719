// What can go wrong with a store in a browser, as classes with the facts in fields.

export { MaybeAppliedError } from '../core/errors.ts'

/** Another tab owns the store: one owner at a time, by a Web Lock. */
export class StoreInUseError extends Error {
  override name = 'StoreInUseError'
  readonly store: string

  constructor(store: string) {
    super(
      `the store ${store} is in use by another tab or Worker: close it there, or open it as 'shared'`,
    )
    this.store = store
  }
}

/** A newer owner has taken over: nothing that this one still writes is kept. */
export class StaleOwnerError extends Error {
  override name = 'StaleOwnerError'
  /** The epoch of the writer that was refused. */
  readonly epoch: number

  constructor(epoch: number) {
    super(`a newer owner has taken the store over from epoch ${epoch}`)
    this.epoch = epoch
  }
}

/** The browser has no room for what should be kept. */
export class StorageFullError extends Error {
  override name = 'StorageFullError'
}

/** The browser's storage failed. */
export class StorageError extends Error {
  override name = 'StorageError'
}

/** There is a record by a name that should have been new, and this writer is the newest. */
export class NameTakenError extends StorageError {
  override name = 'NameTakenError'
}

/** What is stored is damaged. What could be saved is in `saved`, and `open({ recover: true })` opens with it. */
export class StoreDamagedError extends Error {
  override name = 'StoreDamagedError'
  /** The record that is damaged, and what is wrong with it. */
  readonly record: string
  readonly reason: string
  /** What could be read, as an RDB file. */
  readonly saved: Uint8Array

  constructor(record: string, reason: string, saved: Uint8Array) {
    super(
      `the stored record ${record} is damaged: ${reason}. What could be saved is in this error, and ` +
        'open(name, { recover: true }) opens the store with it',
    )
    this.record = record
    this.reason = reason
    this.saved = saved
  }
}

/** What is stored was written by a newer version of this library. */
export class StoreVersionError extends Error {
  override name = 'StoreVersionError'
  readonly format: number

  constructor(format: number) {
    super(`the store has format ${format}, which needs a newer version of wadi`)
    this.format = format
  }
}

/** The store was closed. */
export class StoreClosedError extends Error {
  override name = 'StoreClosedError'

  constructor(store: string) {
    super(`the store ${store} is closed`)
  }
}

/** The engine or the Worker could not be loaded; the message names what to do. */
export class LoadingError extends Error {
  override name = 'LoadingError'
  readonly url: string

  constructor(what: 'wasm' | 'worker', url: string, reason: string) {
    const advice =
      what === 'wasm'
        ? "Serve the package's dist/wadi.wasm there, or say where it is: open(name, { wasm: '/wadi.wasm' })"
        : "Serve the package's dist/browser/worker.js there, from the page's own origin, or say where it is: open(name, { worker: '/worker.js' })"
    const bundled = /\/node_modules\//.test(url)
      ? "; with vite, optimizeDeps: { exclude: ['wadi'] } in its configuration leaves both where they are"
      : ''
    const thing =
      what === 'wasm' ? 'the engine could not be loaded' : 'the Worker could not be started'
    super(`${thing} from ${url}: ${reason.replace(/\.+$/, '')}. ${advice}${bundled}`)
    this.url = url
  }
}
