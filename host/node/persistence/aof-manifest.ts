// Which files make up the append-only file, as Redis 7 writes it down:
//
//   file appendonly.aof.2.base.rdb seq 2 type b      the dataset as it was when incr 4 began
//   file appendonly.aof.1.base.rdb seq 1 type h      history: not needed any more, about to be deleted
//   file appendonly.aof.4.incr.aof seq 4 type i      what happened since, in the order of the numbers
//
// A manifest is replaced as a whole: written beside, flushed, renamed, its folder flushed.

import { join } from 'node:path'
import { quote, needsQuotes, splitArguments } from '../config/quoting.ts'
import { systemMessage } from '../system-error.ts'
import { appendWhole, isMissing, readWhole, type Storage } from './storage.ts'

export interface AofFile {
  readonly name: string
  readonly seq: number
}

/** How a base is written, and how its name ends. */
export type BaseFormat = 'rdb' | 'aof'

const LINE_MAX = 1024
const MARKS = { base: 'b', history: 'h', incr: 'i' } as const

/** The files at one moment; a change makes a new manifest. */
export class Manifest {
  readonly base: AofFile | undefined
  readonly incrs: readonly AofFile[]
  readonly history: readonly AofFile[]

  constructor(
    files: {
      base?: AofFile | undefined
      incrs?: readonly AofFile[]
      history?: readonly AofFile[]
    } = {},
  ) {
    this.base = files.base
    this.incrs = files.incrs ?? []
    this.history = files.history ?? []
  }

  get isEmpty(): boolean {
    return !this.base && this.incrs.length === 0
  }

  /** The files that make up the dataset, in the order of loading. */
  get files(): readonly AofFile[] {
    return this.base ? [this.base, ...this.incrs] : this.incrs
  }

  /** The file that a next incr will be: `appendonly.aof.2.incr.aof`. */
  nextIncr(filename: string): AofFile {
    const seq = (this.incrs.at(-1)?.seq ?? 0) + 1
    return { name: `${filename}.${seq}.incr.aof`, seq }
  }

  nextBase(filename: string, format: BaseFormat): AofFile {
    const seq = (this.base?.seq ?? 0) + 1
    return { name: `${filename}.${seq}.base.${format}`, seq }
  }

  withIncr(file: AofFile): Manifest {
    const { base, incrs, history } = this
    return new Manifest({ base, incrs: [...incrs, file], history })
  }

  /** A new base stands for the one before and all incrs before `first`, which become history. */
  withBase(base: AofFile, first?: AofFile): Manifest {
    const kept = this.incrs.filter((file) => first && file.seq >= first.seq)
    const gone = this.incrs.filter((file) => !kept.includes(file))
    const history = [...this.history, ...(this.base ? [this.base] : []), ...gone]
    return new Manifest({ base, incrs: kept, history })
  }

  withoutHistory(): Manifest {
    return new Manifest({ base: this.base, incrs: this.incrs })
  }

  format(): string {
    const line = (type: keyof typeof MARKS) => (file: AofFile) =>
      `file ${needsQuotes(file.name) ? quote(file.name) : file.name} seq ${file.seq} type ${MARKS[type]}\n`
    return [
      ...(this.base ? [this.base] : []).map(line('base')),
      ...this.history.map(line('history')),
      ...this.incrs.map(line('incr')),
    ].join('')
  }

  /** @throws {ManifestError} */
  static parse(text: string): Manifest {
    let base: AofFile | undefined
    const incrs: AofFile[] = []
    const history: AofFile[] = []
    if (text === '') throw new ManifestError('Found an empty AOF manifest')
    for (const [index, whole] of text.split(/(?<=\n)/).entries()) {
      if (whole.startsWith('#')) continue
      if (!whole.endsWith('\n') || whole.length > LINE_MAX)
        throw new ManifestError('The AOF manifest file contains too long line')
      const line = whole.trim()
      const fail = (reason: string) => new ManifestError(reason, { number: index + 1, text: line })
      const entry = parseLine(line)
      if (!entry) throw fail('Invalid AOF manifest file format')
      const { type, file } = entry
      if (/[/\\]/.test(file.name)) throw fail("File can't be a path, just a filename")
      if (type === 'b') {
        if (base) throw fail('Found duplicate base file information')
        base = file
      } else if (type === 'h') {
        history.push(file)
      } else if (type === 'i') {
        if (file.seq <= (incrs.at(-1)?.seq ?? 0))
          throw fail('Found a non-monotonic sequence number')
        incrs.push(file)
      } else {
        throw fail('Unknown AOF file type')
      }
    }
    return new Manifest({ base, incrs, history })
  }
}

function parseLine(line: string): { type: string; file: AofFile } | undefined {
  const words = splitArguments(line)
  if (!words || words.length < 6 || words.length % 2 !== 0) return undefined
  const values = new Map<string, string>()
  for (let i = 0; i < words.length; i += 2) values.set(words[i]!.toLowerCase(), words[i + 1]!)
  const name = values.get('file')
  const seq = Number(values.get('seq'))
  const type = values.get('type')
  if (!name || !type || !Number.isSafeInteger(seq) || seq <= 0) return undefined
  return { type: type[0]!, file: { name, seq } }
}

/** The manifest cannot be used; the start ends with Redis's report. */
export class ManifestError extends Error {
  override name = 'ManifestError'
  readonly line: { number: number; text: string } | undefined

  constructor(reason: string, line?: { number: number; text: string }) {
    super(reason)
    this.line = line
  }

  /** What the log says, each as a line of its own. */
  report(): string[] {
    const where = this.line
      ? [`Reading the manifest file, at line ${this.line.number}\n`, `>>> '${this.line.text}'\n`]
      : []
    return ['\n*** FATAL AOF MANIFEST FILE ERROR ***\n', ...where, `${this.message}\n`]
  }
}

/** The manifest of a folder; undefined when there is none. @throws {ManifestError} */
export function readManifest(storage: Storage, path: string): Manifest | undefined {
  try {
    return Manifest.parse(readWhole(storage, path).toString('latin1'))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** A step of replacing the manifest failed; the one before is still there, or the new one is. */
export class ManifestWriteError extends Error {
  override name = 'ManifestWriteError'
}

/** Puts a manifest in the place of the one before. @throws {ManifestWriteError} */
export async function writeManifest(
  storage: Storage,
  dir: string,
  filename: string,
  manifest: Manifest,
): Promise<void> {
  const path = join(dir, `${filename}.manifest`)
  const beside = join(dir, `temp-${filename}.manifest`)
  await step(`Can't open the AOF manifest file ${beside}`, async () => {
    const file = storage.append(beside, { empty: true })
    try {
      await step(`Error trying to write the temporary AOF manifest file ${beside}`, async () =>
        appendWhole(file, Buffer.from(manifest.format(), 'latin1')),
      )
      await step(`Fail to fsync the temp AOF file ${beside}`, () => file.sync())
    } finally {
      file.close()
    }
  })
  // The files that it lists have their names on the disk before it has its own.
  await step(`Fail to fsync AOF directory ${dir}`, () => storage.syncDirectory(dir))
  await step(`Error trying to rename the temporary AOF manifest file ${beside} into ${path}`, () =>
    storage.rename(beside, path),
  )
  await step(`Fail to fsync AOF directory ${dir}`, () => storage.syncDirectory(dir))
}

async function step(what: string, action: () => Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    if (error instanceof ManifestWriteError) throw error
    throw new ManifestWriteError(`${what}: ${systemMessage(error)}`, { cause: error })
  }
}
