// Names that AssemblyScript sources import and never use. The linter of TypeScript cannot read these files, and the
// compiler leaves such imports out without a word, but they draw lines between files that have nothing to do
// with each other.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './compile.ts'

const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*/g
const IMPORTS = /^import \{([^}]*)\} from "[^"]*";/gm

for (const file of globSync(['assembly/**/*.ts', 'test/**/*.as.ts'], { cwd: root })) {
  const source = readFileSync(join(root, file), 'utf8').replaceAll(COMMENTS, '')
  const words = new Set(source.replaceAll(IMPORTS, '').match(/\w+/g))
  for (const [, names] of source.matchAll(IMPORTS)) {
    for (const name of names!.match(/\w+(?=\s*(?:,|$))/g) ?? []) {
      if (words.has(name)) continue
      console.log(`${file}: ${name} is imported and not used`)
      process.exitCode = 1
    }
  }
}
