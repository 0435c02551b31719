// Long work beside the clients: it goes on for a while, then everything else has its turn.

/** While a dataset is loaded clients hear only that; while one is written they have work of their own. */
export const LOADING_MS = 3
export const WRITING_MS = 1

/** Work that nobody may interrupt. */
export const unbroken = (): undefined => undefined

/** Answers a promise to wait for when the slice is used up. */
export function slices(longestMs: number): () => Promise<void> | undefined {
  let started = performance.now()
  return () => {
    if (performance.now() - started < longestMs) return undefined
    return new Promise((resolve) => {
      setImmediate(() => {
        started = performance.now()
        resolve()
      })
    })
  }
}
