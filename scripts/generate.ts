/**
 * Makes everything that follows from the declarative tables of `assembly/table`:
 * the engine's data, the typed client and the documentation pages.
 *
 *   node scripts/generate.ts [--engine <folder>] [--all] [--pages]
 *
 * `--engine` writes the engine's data to another folder and nothing else; `--all` takes every
 * command, also where the engine has no handler yet: the host is asked then;
 * `--pages` writes the pages of docs/ as well, which are in git.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { client } from './generate/client.ts'
import { loadCommands } from './generate/commands.ts'
import { directiveReaders, engineApplied, engineConfig, loadDirectives } from './generate/config.ts'
import { engineCommands, engineHandlers } from './generate/engine.ts'
import { commandKeys, hostCommands } from './generate/host.ts'
import { commandsPage, configurationPage } from './generate/pages.ts'
import { textModule } from './generate/text.ts'

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    all: { type: 'boolean', default: false },
    pages: { type: 'boolean', default: false },
  },
})

const commands = loadCommands(join(root, 'assembly'))
const directives = loadDirectives(join(root, 'assembly/table/config.json'))
const supported = commands.filter((command) => values.all || command.supported)
const engine = values.engine ?? join(root, 'assembly/generated')

const absent = commands.filter((command) => !supported.includes(command))
write(join(engine, 'commands.ts'), engineCommands(supported, absent))
write(join(engine, 'handlers.ts'), engineHandlers(supported))
write(join(engine, 'config.ts'), engineConfig(directives))
write(join(engine, 'applied.ts'), engineApplied(directives))
if (!values.engine) {
  write(join(root, 'host/core/generated/commands.ts'), client(supported))
  write(join(root, 'host/core/generated/host-commands.ts'), hostCommands(supported))
  write(join(root, 'host/core/generated/command-keys.ts'), commandKeys(supported))
  const text = join(root, 'host/core/generated/text-module.ts')
  write(text, textModule(root, text))
}
if (values.pages) {
  write(join(root, 'docs/commands.md'), commandsPage(commands))
  write(join(root, 'docs/configuration.md'), configurationPage(directives, directiveReaders(root)))
}

/** Writes a file only when it changes, so that a build tool that watches sees no false change. */
function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  try {
    if (readFileSync(path, 'utf8') === text) return
  } catch {
    // It does not exist yet.
  }
  writeFileSync(path, text)
}
