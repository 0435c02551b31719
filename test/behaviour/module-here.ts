// The engine and Lua in a bundle: the home compiled them, and hands them over before the first test.

let given: WebAssembly.Module | undefined
let givenLua: WebAssembly.Module | undefined

export function giveModule(module: WebAssembly.Module, lua: WebAssembly.Module): void {
  given = module
  givenLua = lua
}

export const luaModule = (): WebAssembly.Module | undefined => givenLua

export function engineModule(): WebAssembly.Module {
  if (!given) throw new Error('giveModule() comes before the first test')
  return given
}
