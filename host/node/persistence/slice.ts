// Long work beside the clients: it goes on for a few ms, then everything else has its turn.

const SLICE_MS = 3

/** Work that nobody may interrupt. */
export const unbroken = (): undefined => undefined

/** Answers a promise to wait for when the slice is used up. */
export function slices(): () => Promise<void> | undefined {
  let started = performance.now()
  return () => {
    if (performance.now() - started < SLICE_MS) return undefined
    return new Promise((resolve) => {
      setImmediate(() => {
        started = performance.now()
        resolve()
      })
    })
  }
}
