// The folder of the append-only file: its manifest as it stands, and the files that it names.

import { join } from 'node:path'
import { systemMessage } from '../system-error.ts'
import { LoadError } from './aof-load.ts'
import {
  type AofFile,
  Manifest,
  ManifestError,
  readManifest,
  writeManifest,
} from './aof-manifest.ts'
import { deleteHistory } from './aof-rewrite.ts'
import type { Home } from './home.ts'
import type { AppendFile, Storage } from './storage.ts'

/** A file of the log, open. */
export interface OpenedFile {
  file: AofFile
  handle: AppendFile
}

export class AofFiles {
  manifest = new Manifest()
  readonly #home: Home
  readonly #storage: Storage

  constructor(home: Home, storage: Storage) {
    this.#home = home
    this.#storage = storage
  }

  get name(): string {
    return this.#home.settings.get('appendfilename')
  }

  get dirname(): string {
    return this.#home.settings.get('appenddirname')
  }

  get dir(): string {
    return this.#home.path('appenddirname')
  }

  makeDirectory(): void {
    this.#storage.makeDirectory(this.dir)
  }

  /** Reads the manifest. @throws {LoadError} */
  read(): void {
    const { log } = this.#home
    const path = join(this.dir, `${this.name}.manifest`)
    try {
      this.manifest = readManifest(this.#storage, path) ?? new Manifest()
    } catch (error) {
      if (error instanceof ManifestError) for (const line of error.report()) log.warning(line)
      else
        log.warning(
          `Fatal error: can't open the AOF manifest file ${path} for reading: ${systemMessage(error)}`,
        )
      throw new LoadError(String(error))
    }
  }

  /** Makes a manifest the one that is on the disk. */
  async write(manifest: Manifest): Promise<void> {
    await writeManifest(this.#storage, this.dir, this.name, manifest)
    this.manifest = manifest
  }

  /** The bytes of all files to load. */
  get totalBytes(): number {
    return this.manifest.files.reduce((sum, { name }) => {
      const path = join(this.dir, name)
      if (this.#storage.kind(path) !== 'file') return sum
      const file = this.#storage.read(path)
      file.close()
      return sum + file.size
    }, 0)
  }

  /**
   * A file of a Redis before 7 becomes the base. A crash may have come between the manifest and the file's move.
   *
   * @throws {LoadError}
   */
  async migrate(): Promise<void> {
    const old = this.#home.path('appendfilename')
    if (this.#storage.kind(old) !== 'file') return
    const { isEmpty, base, files } = this.manifest
    const moved = join(this.dir, this.name)
    const isHalfDone =
      files.length === 1 && base?.name === this.name && this.#storage.kind(moved) === undefined
    if (!isEmpty && !isHalfDone) return
    try {
      this.makeDirectory()
      if (isEmpty) await this.write(new Manifest({ base: { name: this.name, seq: 1 } }))
      await this.#storage.rename(old, moved)
      await this.#storage.syncDirectory(this.dir)
    } catch (error) {
      const text = `Error trying to move the old AOF file ${old} into dir ${this.dir}: ${systemMessage(error)}`
      this.#home.log.warning(text)
      throw new LoadError(text)
    }
    this.#home.log.notice(
      `Successfully migrated an old-style AOF file (${this.name}) into the AOF directory (${this.dirname}).`,
    )
  }

  /** The next file of the log, new and empty; the manifest does not name it yet. */
  openNextIncr(): OpenedFile {
    const file = this.manifest.nextIncr(this.name)
    const handle = this.#storage.append(join(this.dir, file.name), { empty: true })
    this.#home.log.notice(`Creating AOF incr file ${file.name} on background rewrite`)
    return { file, handle }
  }

  /** Deletes what the manifest calls history, where that is wanted. */
  async collect(): Promise<void> {
    const { log, settings } = this.#home
    if (settings.isOn('aof-disable-auto-gc')) return
    const { dir, name: filename } = this
    const parts = { storage: this.#storage, log, dir, filename }
    this.manifest = await deleteHistory(this.manifest, parts)
  }
}
