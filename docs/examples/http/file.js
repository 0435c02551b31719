// A store in memory that outlives its process: what it needs of a file, of `node:fs`, which Node, Deno and Bun all have.
//
//   memoryApp({ engine, access, file: fileAt('store.log') })

import * as fs from 'node:fs'

export function fileAt(name) {
  const write = (to, bytes) => {
    const file = fs.openSync(to, to === name ? 'a' : 'w')
    fs.writeSync(file, bytes)
    fs.fdatasyncSync(file)
    fs.closeSync(file)
  }
  return {
    read: () => (fs.existsSync(name) ? new Uint8Array(fs.readFileSync(name)) : new Uint8Array(0)),
    append: (bytes) => write(name, bytes),
    replace: (bytes) => {
      write(`${name}.new`, bytes)
      fs.renameSync(`${name}.new`, name)
    },
  }
}
