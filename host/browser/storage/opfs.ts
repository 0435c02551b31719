// Records in the origin's private file system, in a Worker that may write there at once: a commit is one write, and
// with `strict` one flush.
//
// An owner writes to a file of its own, which begins with everything that was live in the one before, and takes its
// place with the first commit. An owner of yesterday still writes to its file, which nobody reads any more: before
// it says that something is kept, it looks whether a newer one has come.

import { StaleOwnerError } from '../errors.ts'
import { CommitFile, type Source, sourceOf } from './opfs-file.ts'
import {
  EpochFile,
  fileName,
  type Folder,
  listFiles,
  parseName,
  type Root,
  storeFolder,
} from './opfs-folder.ts'
import type { Changes, Durability, Storage } from './storage.ts'

export { deleteOpfs, listOpfs, type Root } from './opfs-folder.ts'

/** A file is written anew when so many bytes of it, and more than are live, are of no use. */
const WASTE_BYTES = 1 << 24
/** So much is copied between two turns. */
const PIECE_BYTES = 1 << 20

export class OpfsStorage implements Storage {
  readonly alwaysLooks = true
  readonly #name: string
  readonly #root: Root
  #folder: Folder | undefined
  #file: CommitFile | undefined
  #epochs: EpochFile | undefined
  #epoch = 0
  #generation = 0
  /** There are files of owners before, which count until the own one does. */
  #hasOlder = false
  #mostWaste = WASTE_BYTES
  #isRenewing = false

  constructor(name: string, root: Root) {
    this.#name = name
    this.#root = root
  }

  async claim(): Promise<number> {
    const folder = await this.#open()
    this.#epochs = await EpochFile.open(this.#root, this.#name)
    this.#epoch = (await this.epoch()) + 1
    // From here on a file of an older epoch is not added to any more, or in vain.
    const file = await this.#create(0)
    this.#epochs?.raise(this.#epoch)
    const before = await this.#readNewest(folder)
    if (before) while (!file.copy(before, PIECE_BYTES, false));
    this.#file = file
    this.#hasOlder = true
    return this.#epoch
  }

  async epoch(): Promise<number> {
    const names = await listFiles(await this.#open())
    return Math.max(this.#epochs?.newest ?? 0, ...names.map((name) => parseName(name)[0]))
  }

  async names(from: string, to: string): Promise<string[]> {
    const names = [...(this.#file?.places.keys() ?? [])]
    return names.filter((name) => name >= from && name <= to).sort()
  }

  async read(names: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return names.map((name) => {
      const place = this.#file?.places.get(name)
      return place && this.#file?.read(place)
    })
  }

  async commit(epoch: number, changes: Changes, durability: Durability): Promise<void> {
    if (epoch !== this.#epoch || !this.#file) throw new StaleOwnerError(epoch)
    this.#file.show()
    this.#file.append(changes, durability === 'strict')
    const newest = this.#epochs ? this.#epochs.newest : await this.epoch()
    if (newest !== epoch) throw new StaleOwnerError(epoch)
    if (this.#hasOlder) await this.#removeOlder()
    if (!this.#file) return
    const { wasteBytes, liveBytes } = this.#file
    if (this.#isRenewing || wasteBytes < Math.max(this.#mostWaste, liveBytes)) return
    this.#isRenewing = true
    this.#renew()
      .then(
        () => (this.#mostWaste = WASTE_BYTES),
        // The file is as good as it was, only long: there is no room for both.
        () => (this.#mostWaste = wasteBytes * 2),
      )
      .finally(() => (this.#isRenewing = false))
  }

  close(): void {
    this.#file?.close()
    this.#epochs?.close()
    this.#file = this.#epochs = undefined
  }

  async #open(): Promise<Folder> {
    return (this.#folder ??= await storeFolder(this.#root, this.#name))
  }

  async #create(generation: number): Promise<CommitFile> {
    const folder = await this.#open()
    const name = fileName(this.#epoch, generation)
    const handle = await folder.getFileHandle(name, { create: true })
    return new CommitFile(await handle.createSyncAccessHandle())
  }

  async #removeOlder(): Promise<void> {
    this.#hasOlder = false
    const folder = await this.#open()
    for (const name of await listFiles(folder))
      if (parseName(name)[0] < this.#epoch) await folder.removeEntry(name).catch(() => undefined)
  }

  /** What the last owner left. */
  async #readNewest(folder: Folder): Promise<Source | undefined> {
    for (;;) {
      const names = (await listFiles(folder)).filter((name) => parseName(name)[0] < this.#epoch)
      try {
        for (const name of names.toReversed()) {
          const file = await (await folder.getFileHandle(name)).getFile()
          const source = sourceOf(new Uint8Array(await file.arrayBuffer()))
          if (source) return source
          // Its owner never wrote, or did not finish.
          await folder.removeEntry(name).catch(() => undefined)
        }
        return undefined
      } catch (error) {
        // Its owner is still there, and went on in another.
        if ((error as Error).name !== 'NotFoundError') throw error
      }
    }
  }

  /** Goes on in another file, with what is live; commits go on while it is copied. */
  async #renew(): Promise<void> {
    const before = this.#file!
    const generation = this.#generation + 1
    const after = await this.#create(generation)
    try {
      // Copying the last piece, showing the file and going on there is one turn.
      while (this.#file === before && !after.copy(before, PIECE_BYTES, true))
        await new Promise((resolve) => setTimeout(resolve))
      if (this.#file === before) after.show()
    } catch (error) {
      after.close()
      throw error
    }
    if (this.#file !== before) return after.close()
    this.#file = after
    before.close()
    const old = fileName(this.#epoch, this.#generation)
    this.#generation = generation
    const folder = await this.#open()
    await folder.removeEntry(old).catch(() => undefined)
  }
}
