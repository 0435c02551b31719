// The behaviour tests as one file for a home that is not Node: the same test files, with vitest, the compiled
// engine and Node's Buffer replaced by what that home has.
//
//   const { run } = await import(bundle)
//   await run(module, lua)  →  { outcomes: { 'engine/blocking.test.ts': Outcome[], … }, digests: { … } }

import path from 'node:path'
import { build, type Plugin } from 'vite'
import { BEHAVIOUR_FILES } from './files.ts'

/** Fewer rounds than in Node: what is looked for here is what a home changes. */
const ENVIRONMENT = { CI: '1', WADI_SNAPSHOTS: '1', WADI_FUZZ: '20' }

const folder = import.meta.dirname
const ENTRY = 'virtual:behaviours'

const here = (file: string) => path.join(folder, file)

/** Registers and runs one file after the other. */
const entry = `
import { Buffer } from 'buffer'
globalThis.Buffer ??= Buffer
const files = [
${BEHAVIOUR_FILES.map((file) => `  ['${file}', () => import('${here(`../${file}`)}')],`).join('\n')}
]
export async function run(module, lua) {
  const { giveModule } = await import('${here('module-here.ts')}')
  const { runRegistered } = await import('${here('here.ts')}')
  const { replayScripts } = await import('${here('replay.ts')}')
  giveModule(module, lua)
  const outcomes = {}
  for (const [file, register] of files) {
    await register()
    outcomes[file] = await runRegistered()
  }
  return { outcomes, digests: replayScripts() }
}
`

const substitutes: Plugin = {
  name: 'behaviours',
  enforce: 'pre',
  resolveId(source) {
    if (source.endsWith(ENTRY)) return ENTRY
    if (source === 'vitest') return here('here.ts')
    if (source === 'buffer') return here('../../node_modules/buffer/index.js')
    if (source.endsWith('/module.ts')) return here('module-here.ts')
    return undefined
  },
  load: (id) => (id === ENTRY ? entry : undefined),
}

/** The bundle, as the text of one module. */
export async function bundleBehaviours(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    root: folder,
    define: { 'process.env': JSON.stringify(ENVIRONMENT) },
    plugins: [substitutes],
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: ENTRY, formats: ['es'] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
  const [bundle] = Array.isArray(result) ? result : [result]
  if (!bundle || !('output' in bundle)) throw new Error('vite made no bundle')
  return bundle.output[0].code
}
