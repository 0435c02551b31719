// A Worker whose engine breaks when it is told to, inside a call of a session: before that call has done anything,
// or right after it. A pointer beyond all memory makes it trap by itself.

import { serve } from '../../../host/browser/serve.ts'

type Feed = (session: number, pointer: number, length: number) => number

let next: 'before' | 'after' | undefined
const channel = new BroadcastChannel('trap')
channel.addEventListener('message', ({ data }) => (next = data as typeof next))

const { Instance } = WebAssembly
WebAssembly.Instance = class extends Instance {
  constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
    super(module, imports)
    const real = super.exports as { feed: Feed }
    const feed: Feed = (session, pointer, length) => {
      const when = next
      if (length === 0 || when === undefined) return real.feed(session, pointer, length)
      next = undefined
      if (when === 'after') real.feed(session, pointer, length)
      return real.feed(session, 0xfffffff0, 1 << 20)
    }
    Object.defineProperty(this, 'exports', { value: { ...real, feed } })
  }
}

serve()
