// Records in the origin's private file system, in a Worker that may write there at once: a commit is one write, and
// with `strict` one flush.
//
// An owner writes to a file of its own. Where the owner before has let go of its file, that becomes the own one by
// another name. Where it has not (it sleeps, and was robbed) the own file begins with everything that is live in
// that one, and takes its place with the first commit:
//
//   let go   7.0 ──────────── renamed ─► 9.1          9.0, which is empty, was there before: it says that a newer one
//   not      7.0 ── copied ─► 9.0                     has come, and that only a still newer one may go on
//
// An owner of yesterday still writes to its file, which nobody reads any more: before it says that something is
// kept, it looks whether a newer one has come.

import { StaleOwnerError } from '../errors.ts'
import { inMemory } from './opfs-commits.ts'
import { CommitFile, contentOf, type Source, type SyncFile } from './opfs-file.ts'
import {
  EpochFile,
  type FileHandle,
  fileName,
  findFile,
  type Folder,
  listFiles,
  parseName,
  removeFolder,
  type Root,
  storeFolder,
  tryLock,
  unlessMissing,
} from './opfs-folder.ts'
import { BLANK, scan } from './opfs-scan.ts'
import type { Changes, Durability, Storage } from './storage.ts'

/** A file is written anew when so many bytes of it, and more than are live, are of no use. */
const WASTE_BYTES = 1 << 24
/** So much is copied between two turns. */
const PIECE_BYTES = 1 << 20
/** A file that changes while it is read is read again, so often. */
const ATTEMPTS = 20
/** Between two turns that others get. */
const TURN_MS = 100

export class OpfsStorage implements Storage {
  readonly alwaysLooks = true
  damages: readonly string[] = []
  readonly #name: string
  readonly #root: Root
  #folder: Promise<Folder> | undefined
  #prepared: Promise<[Folder, EpochFile | undefined]> | undefined
  #file: CommitFile | undefined
  #epochs: EpochFile | undefined
  #epoch = 0
  #generation = 0
  /** There are files of owners before, which count until the own one does. */
  #hasOlder = false
  readonly #wasteBytes: number
  #mostWaste: number
  #isRenewing = false
  #turnMs = performance.now()

  constructor(name: string, root: Root, wasteBytes = WASTE_BYTES) {
    this.#name = name
    this.#root = root
    this.#mostWaste = this.#wasteBytes = wasteBytes
  }

  /** Whether a file can be written here: there is room, and, unlike in browsers of 2022, nothing to wait for. */
  async canWrite(): Promise<boolean> {
    try {
      const folder = await this.#open()
      const trial = await folder.getFileHandle(fileName(0, 0), { create: true })
      const file = await tryLock(trial)
      // Another tab tries at this moment.
      if (!file) return true
      const written: unknown = file.write(BLANK, { at: 0 })
      file.close()
      return written === BLANK.length
    } catch {
      return false
    }
  }

  /** Begins what a claim takes, which changes nothing: the storage is claimed soon, or closed. */
  prepare(): void {
    this.#prepared ??= Promise.all([this.#open(), EpochFile.open(this.#root, this.#name)])
    this.#prepared.catch(() => undefined)
  }

  async claim(above = 0): Promise<number> {
    this.prepare()
    const [folder, epochs] = await this.#prepared!
    this.#prepared = undefined
    this.#epochs = epochs
    this.#epoch = Math.max(await this.epoch(), above) + 1
    const file = await this.#take(folder)
    try {
      // From here on a file of an older epoch is not added to any more, or in vain.
      this.#epochs?.raise(this.#epoch)
      const resumed = await this.#resumeNewest(folder)
      const before = resumed ? undefined : await this.#readNewest(folder)
      // Who slept until now may have found nothing, since a newer one has dropped it.
      if ((await this.epoch()) !== this.#epoch) {
        resumed?.close()
        throw new StaleOwnerError(this.#epoch)
      }
      if (before) while (!file.copy(before, PIECE_BYTES, false)) await this.#breathe()
      if (resumed) void this.#discard(file, 0)
      this.#file = resumed ?? file
      this.#generation = resumed ? 1 : 0
    } catch (error) {
      await this.#discard(file, 0)
      throw error
    }
    this.#hasOlder = true
    return this.#epoch
  }

  /** Removes the files; an owner of yesterday still sees that a newer one has come. */
  async remove(): Promise<void> {
    this.close()
    // What an owner that sleeps still has open stays there.
    await removeFolder(this.#root, this.#name).catch(() => undefined)
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
    await this.#breathe()
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
        () => (this.#mostWaste = this.#wasteBytes),
        // The file is as good as it was, only long: there is no room for both.
        () => (this.#mostWaste = wasteBytes * 2),
      )
      .finally(() => (this.#isRenewing = false))
  }

  close(): void {
    this.#prepared?.then(([, epochs]) => epochs?.close()).catch(() => undefined)
    this.#prepared = undefined
    this.#file?.close()
    this.#epochs?.close()
    this.#file = this.#epochs = undefined
  }

  /** Files are read at once: while much of that is done others have their turns now and then. */
  async #breathe(): Promise<void> {
    const now = performance.now()
    if (now - this.#turnMs < TURN_MS) return
    await new Promise((resolve) => setTimeout(resolve))
    this.#turnMs = performance.now()
  }

  #open(): Promise<Folder> {
    return (this.#folder ??= storeFolder(this.#root, this.#name))
  }

  /** The file of this epoch, unless another who found the same epoch free was quicker. */
  async #take(folder: Folder): Promise<CommitFile> {
    const name = fileName(this.#epoch, 0)
    const file = await this.#lock(await folder.getFileHandle(name, { create: true }))
    try {
      const others = (await listFiles(folder)).filter((other) => other !== name)
      const epochs = others.map((other) => parseName(other)[0])
      const newest = Math.max(this.#epochs?.newest ?? 0, ...epochs)
      if (newest >= this.#epoch || file.getSize() > 0) throw new StaleOwnerError(this.#epoch)
      return CommitFile.begin(file)
    } catch (error) {
      file.close()
      throw error
    }
  }

  /** A file that will not be used must not count, and takes up room. */
  async #discard(file: CommitFile, generation: number): Promise<void> {
    file.hide()
    const folder = await this.#open()
    await folder.removeEntry(fileName(this.#epoch, generation)).catch(() => undefined)
  }

  async #create(generation: number): Promise<CommitFile> {
    const folder = await this.#open()
    const name = fileName(this.#epoch, generation)
    const handle = await folder.getFileHandle(name, { create: true })
    return CommitFile.begin(await this.#lock(handle))
  }

  /** Opens a file of the own epoch. @throws {StaleOwnerError} another has it, or has taken it: a newer owner has come */
  async #lock(handle: FileHandle): Promise<SyncFile> {
    const file = await unlessMissing(tryLock(handle))
    if (!file) throw new StaleOwnerError(this.#epoch)
    return file
  }

  async #removeOlder(): Promise<void> {
    this.#hasOlder = false
    const folder = await this.#open()
    for (const name of await this.#olderFiles(folder))
      await folder.removeEntry(name).catch(() => undefined)
  }

  /** The file of the last owner, renamed, if it has let go of it whole and this browser renames files. */
  async #resumeNewest(folder: Folder): Promise<CommitFile | undefined> {
    for (const name of await this.#olderFiles(folder)) {
      const handle = await findFile(folder, name)
      if (!handle?.move) return undefined
      const file = await unlessMissing(tryLock(handle))
      if (!file) return undefined
      const content = contentOf(file)
      file.close()
      if (content.end === 0) continue
      if (content.damages.length) return undefined
      // While it is nobody's only a newer owner can take it.
      const own = fileName(this.#epoch, 1)
      await handle.move(own).catch(() => undefined)
      const moved = await findFile(folder, own)
      if (!moved) throw new StaleOwnerError(this.#epoch)
      return CommitFile.resume(await this.#lock(moved), content)
    }
    return undefined
  }

  /** The files of owners before, the newest first. */
  async #olderFiles(folder: Folder): Promise<string[]> {
    const names = await listFiles(folder)
    return names.filter((name) => parseName(name)[0] < this.#epoch).toReversed()
  }

  /** What the last owner left. */
  async #readNewest(folder: Folder): Promise<Source | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        for (const name of await this.#olderFiles(folder)) {
          const file = await (await folder.getFileHandle(name)).getFile()
          const bytes = new Uint8Array(await file.arrayBuffer())
          const { places, end, damages } = scan(inMemory(bytes))
          this.damages = damages
          if (end > 0) return { places, read: ({ at, length }) => bytes.subarray(at, at + length) }
          // Its owner never wrote, or did not finish.
          await folder.removeEntry(name).catch(() => undefined)
        }
        return undefined
      } catch (error) {
        // Its owner is still there, and went on in another, or wrote there meanwhile: its last commit.
        const { name } = error as Error
        const isOther = name !== 'NotFoundError' && name !== 'NotReadableError'
        if (isOther || attempt === ATTEMPTS) throw error
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
      await this.#discard(after, generation)
      throw error
    }
    if (this.#file !== before) return this.#discard(after, generation)
    this.#file = after
    before.close()
    const old = fileName(this.#epoch, this.#generation)
    this.#generation = generation
    const folder = await this.#open()
    await folder.removeEntry(old).catch(() => undefined)
  }
}
