// Lua's file, which only scripts need: it is fetched when the first one comes. The engine waits for it within a
// command, so it is fetched without letting go of the thread.

import { packageFolder } from './displaced.ts'
import type { Wasm } from './engine-file.ts'

/** What fetches at once, in a page and in a Worker. */
interface Request {
  open(method: string, url: string, isAsync: boolean): void
  overrideMimeType(type: string): void
  send(): void
  status: number
  responseText: string
}

/** Where Lua's file lies. Bundlers know this form, and put the file where it leads. */
function luaUrl(): URL {
  const url = new URL('../lua.wasm', import.meta.url)
  const folder = packageFolder(url)
  return folder === undefined ? url : new URL('lua.wasm', folder)
}

/** What gives Lua to an engine, when it asks; `failed` hears why it cannot. */
export function luaLoader(
  lua: Wasm | undefined,
  failed: (message: string) => void,
): () => WebAssembly.Module | undefined {
  let module: WebAssembly.Module | undefined
  return () => {
    try {
      return (module ??= load(lua))
    } catch (error) {
      failed(
        `Lua could not be loaded: ${(error as Error).message}. Serve lua.wasm beside wadi.wasm, or say where it is: ` +
          "open(name, { lua: new URL('wadi/lua.wasm', import.meta.url) })",
      )
      return undefined
    }
  }
}

function load(lua: Wasm = luaUrl()): WebAssembly.Module {
  if (lua instanceof WebAssembly.Module) return lua
  return new WebAssembly.Module(
    typeof lua === 'string' || lua instanceof URL ? fetchAtOnce(String(lua)) : lua,
  )
}

function fetchAtOnce(url: string): Uint8Array<ArrayBuffer> {
  const { XMLHttpRequest } = globalThis as unknown as { XMLHttpRequest: new () => Request }
  const request = new XMLHttpRequest()
  request.open('GET', url, false)
  // A page may not ask for bytes in this way, but for text in which each character is one.
  request.overrideMimeType('text/plain; charset=x-user-defined')
  request.send()
  if (request.status >= 400) throw new Error(`the server answered ${request.status} for ${url}`)
  const text = request.responseText
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i) & 255)
}
