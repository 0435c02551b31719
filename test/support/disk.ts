/**
 * A disk in memory that can be full, slow or broken, and a machine that can lose its power between any two
 * steps. It knows what the kernel shows and what would be there after the power is back.
 */
import { dirname } from 'node:path'
import type { AppendFile, ReadFile, Storage } from '../../host/node/persistence/storage.ts'

class Inode {
  bytes: Buffer = Buffer.alloc(0)
  /** What is on the platter. */
  durable: Buffer = Buffer.alloc(0)
}

/** Steps of the disk, as faults name them. */
export type Step =
  'open' | 'append' | 'truncate' | 'sync' | 'rename' | 'remove' | 'makeDirectory' | 'syncDirectory'

export class DiskError extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

export class Disk implements Storage {
  /** Looked at before each step: throws to make it fail. */
  fault: ((step: Step, path: string) => void) | undefined
  /** Bytes that fit; an append beyond takes a part. */
  room = Infinity
  /** Steps that were made. */
  readonly steps: string[] = []
  /** While set, flushes wait for `letGo`. */
  holds = false
  #held: (() => void)[] = []
  #names = new Map<string, Inode>()
  #durableNames = new Map<string, Inode>()
  /** Where files went that have another name now: both names change at once. */
  readonly #moves = new Map<string, string>()
  readonly #directories = new Set<string>()

  append(path: string, options: { empty?: boolean } = {}): AppendFile {
    this.#step('open', path)
    let inode = this.#names.get(path)
    if (!inode) this.#names.set(path, (inode = new Inode()))
    if (options.empty) inode.bytes = Buffer.alloc(0)
    return this.#appendFile(inode, path)
  }

  #appendFile(inode: Inode, path: string): AppendFile {
    return {
      openedBytes: inode.bytes.length,
      append: (bytes) => {
        this.#step('append', path)
        const count = Math.min(bytes.length, this.room)
        if (count === 0) throw new DiskError('ENOSPC')
        this.room -= count
        inode.bytes = Buffer.concat([inode.bytes, bytes.subarray(0, count)])
        return count
      },
      truncate: (length) => {
        this.#step('truncate', path)
        this.room += inode.bytes.length - length
        inode.bytes = inode.bytes.subarray(0, length)
      },
      sync: async () => {
        const { bytes } = inode
        if (this.holds) await new Promise<void>((resolve) => this.#held.push(resolve))
        else await Promise.resolve()
        this.#step('sync', path)
        inode.durable = bytes
      },
      close: () => undefined,
    }
  }

  /** Lets the flushes go on that were held. */
  letGo(): void {
    const held = this.#held
    this.#held = []
    for (const resolve of held) resolve()
  }

  get heldFlushes(): number {
    return this.#held.length
  }

  read(path: string): ReadFile {
    const inode = this.#names.get(path)
    if (!inode) throw new DiskError('ENOENT')
    const { bytes } = inode
    return {
      size: bytes.length,
      read: (into, position) => bytes.copy(into, 0, position, position + into.length),
      close: () => undefined,
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await Promise.resolve()
    this.#step('rename', to)
    const inode = this.#names.get(from)
    if (!inode) throw new DiskError('ENOENT')
    this.#names.delete(from)
    this.#names.set(to, inode)
    this.#moves.set(from, to)
  }

  async remove(path: string): Promise<void> {
    await Promise.resolve()
    this.#step('remove', path)
    this.#names.delete(path)
  }

  makeDirectory(path: string): void {
    this.#step('makeDirectory', path)
    this.#directories.add(path)
  }

  kind(path: string): 'file' | 'directory' | undefined {
    if (this.#directories.has(path)) return 'directory'
    return this.#names.has(path) ? 'file' : undefined
  }

  list(path: string): string[] {
    return [...this.#names.keys()]
      .filter((name) => dirname(name) === path)
      .map((name) => name.slice(path.length + 1))
  }

  async syncDirectory(path: string): Promise<void> {
    await Promise.resolve()
    this.#step('syncDirectory', path)
    const isHere = (name: string) => dirname(name) === path
    for (const name of [...this.#durableNames.keys()].filter(isHere))
      this.#durableNames.delete(name)
    for (const [name, inode] of this.#names) if (isHere(name)) this.#durableNames.set(name, inode)
  }

  /** The whole of a file as the kernel shows it. */
  bytes(path: string): Buffer {
    return this.#names.get(path)?.bytes ?? Buffer.alloc(0)
  }

  /** Puts a file there, durable. */
  put(path: string, bytes: Uint8Array | string): void {
    const inode = new Inode()
    inode.bytes = inode.durable = Buffer.from(bytes as string)
    this.#names.set(path, inode)
    this.#durableNames.set(path, inode)
    this.#directories.add(dirname(path))
  }

  /**
   * The disk that a new process finds: after `kill -9` what the kernel has; after a power failure what was
   * flushed, and of names and file ends that were not, whatever `keeps` says.
   */
  after(what: 'kill' | 'power', keeps: (name: string) => boolean = () => false): Disk {
    const disk = new Disk()
    for (const directory of this.#directories) disk.#directories.add(directory)
    const found = what === 'kill' ? this.#names : new Map(this.#durableNames)
    if (what === 'power') {
      for (const [name, inode] of this.#names) if (keeps(name)) found.set(name, inode)
      for (const name of found.keys())
        if (!this.#names.has(name) && keeps(this.#moves.get(name) ?? name)) found.delete(name)
    }
    for (const [name, inode] of found) {
      const isWhole = what === 'kill' || keeps(`${name}#`)
      disk.put(name, isWhole ? inode.bytes : inode.durable)
    }
    return disk
  }

  #step(step: Step, path: string): void {
    this.fault?.(step, path)
    this.steps.push(`${step} ${path.slice(path.lastIndexOf('/') + 1)}`)
  }
}
