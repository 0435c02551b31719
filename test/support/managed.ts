// Finds where compiled code would create a garbage-collected object.
//
// AssemblyScript compiles only what can be reached, and names its functions by file. A function of ours
// that comes to one of the runtime's allocators through nothing but library functions (a string
// concatenation, `new` of a managed class, an array) is a fault, and the way there explains it.

const ALLOCATORS = new Set(
  ['__new', '__renew', '__alloc', '__realloc'].map((name) => `~lib/rt/stub/${name}`),
)

/** The faults in a module's text, each as `function → library function → allocator`. */
export function managedAllocations(text: string): string[] {
  const calls = callsByFunction(text)
  const known = new Map<string, string[] | undefined>()

  /** The way from a function to an allocator through library functions only. */
  function wayFrom(name: string): string[] | undefined {
    if (ALLOCATORS.has(name)) return [name]
    if (known.has(name)) return known.get(name)
    known.set(name, undefined) // a recursive call leads nowhere new
    for (const callee of calls.get(name) ?? []) {
      const way = callee.startsWith('~lib/') ? wayFrom(callee) : undefined
      if (way) {
        known.set(name, [name, ...way])
        break
      }
    }
    return known.get(name)
  }

  return [...calls.keys()]
    .filter((name) => !name.startsWith('~lib/'))
    .flatMap((name) => wayFrom(name)?.join(' → ') ?? [])
}

function callsByFunction(text: string): Map<string, Set<string>> {
  const calls = new Map<string, Set<string>>()
  let current = new Set<string>()
  for (const [, kind, quoted, plain] of text.matchAll(
    /^ *\(?(func|call|return_call) \$(?:"([^"]*)"|([^\s)]+))/gm,
  )) {
    const name = quoted ?? plain ?? ''
    if (kind === 'func') calls.set(name, (current = new Set()))
    else current.add(name)
  }
  return calls
}
