// The engine's file: where it lies, and what to say when it does not lie there.

import { packageFolder } from './displaced.ts'
import { LoadingError } from './errors.ts'

/** The engine: compiled, its bytes, or where it can be fetched. */
export type Wasm = WebAssembly.Module | BufferSource | URL | string

/** Where the engine's file lies. Bundlers know this form, and put the file where it leads. */
export function engineUrl(): URL {
  const url = new URL('../wadi.wasm', import.meta.url)
  const folder = packageFolder(url)
  return folder === undefined ? url : new URL('wadi.wasm', folder)
}

/** Compiles the engine; the one beside this package unless told. @throws {LoadingError} */
export async function loadEngine(wasm?: Wasm): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return wasm
  if (wasm !== undefined && typeof wasm !== 'string' && !(wasm instanceof URL))
    return WebAssembly.compile(wasm)
  const url = String(wasm ?? engineUrl())
  let response: Response
  try {
    response = await fetch(url)
  } catch (error) {
    const perhaps =
      "perhaps it cannot be reached, or the page's Content-Security-Policy does not have connect-src for it"
    throw new LoadingError('wasm', url, `${(error as Error).message} (${perhaps})`)
  }
  if (!response.ok) throw new LoadingError('wasm', url, `the server answered ${response.status}`)
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/html'))
    throw new LoadingError('wasm', url, 'the server answered with a page')
  try {
    const isStreamable = type.startsWith('application/wasm')
    return isStreamable
      ? await WebAssembly.compileStreaming(response)
      : await WebAssembly.compile(await response.arrayBuffer())
  } catch (error) {
    const { message } = error as Error
    const isRefused = /Content Security Policy|unsafe-eval/i.test(message)
    const hint = isRefused
      ? `${message} (the page's Content-Security-Policy must have script-src 'wasm-unsafe-eval')`
      : message
    throw new LoadingError('wasm', url, hint)
  }
}
