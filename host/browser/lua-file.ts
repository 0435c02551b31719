// Lua's file, which a page without scripts never loads: it is fetched when the first script comes. A script is
// one synchronous call, so this is one, too; in a Worker nobody waits for it but the script.

import { packageFolder } from './displaced.ts'

/** Where Lua's file lies. Bundlers know this form, and put the file where it leads. */
function luaUrl(): URL {
  const url = new URL('../lua.wasm', import.meta.url)
  const folder = packageFolder(url)
  return folder === undefined ? url : new URL('lua.wasm', folder)
}

let loaded: WebAssembly.Module | undefined

/** Fetches and compiles Lua; undefined where it cannot be had: scripts are refused then. */
export function loadLua(): WebAssembly.Module | undefined {
  if (loaded) return loaded
  try {
    const request = new XMLHttpRequest()
    request.open('GET', luaUrl(), false)
    // A page may not ask for an array here; every character is one byte then.
    request.overrideMimeType('text/plain; charset=x-user-defined')
    request.send()
    if (request.status !== 200) return undefined
    const text = request.responseText
    const bytes = Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
    return (loaded = new WebAssembly.Module(bytes))
  } catch {
    return undefined
  }
}
