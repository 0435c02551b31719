// Has a Worker move a store out of files, which a page cannot write to, into IndexedDB.

import type { Runtime, Timer } from '../core/runtime.ts'
import { unpackError } from './client/unpack.ts'
import { LoadingError } from './errors.ts'
import type { SentError } from './protocol.ts'
import type { PageWord, WorkerWord } from './serve.ts'
import { PATIENCE_MS, silentWorker, type WorkerLike } from './tie.ts'

/** Resolves when the store has been moved; the Worker ends with it. @throws {StorageError | LoadingError} */
export async function moveOut(
  name: string,
  { worker, url }: { worker: WorkerLike; url: string },
  runtime: Pick<Runtime, 'later'>,
): Promise<void> {
  let patience: Timer | undefined
  const moved = new Promise<void>((resolve, reject) => {
    worker.onerror = ({ message }) => reject(new LoadingError('worker', url, message))
    worker.onmessage = ({ data }) => {
      patience?.cancel()
      const said = data as WorkerWord
      if (said[0] === 'moved') resolve()
      else if (said[0] === 'failed') reject(unpackError(said[1] as SentError))
    }
    worker.postMessage(['move', name] satisfies PageWord)
    patience = runtime.later(PATIENCE_MS, () => reject(silentWorker(url)))
  })
  try {
    await moved
  } finally {
    patience?.cancel()
    worker.terminate()
  }
}
