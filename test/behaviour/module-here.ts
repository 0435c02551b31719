// The engine in a bundle: the home compiled it, and hands it over before the first test.

let given: WebAssembly.Module | undefined

export function giveModule(module: WebAssembly.Module): void {
  given = module
}

export function engineModule(): WebAssembly.Module {
  if (!given) throw new Error('giveModule() comes before the first test')
  return given
}
