// Streams of the engine as the tests call them.

import { compileEntry, instantiate, type Instance } from '../../support/compile.ts'

interface Exports {
  boot(maxBytes: number, maxEntries: number): void
  used(): number
  alloc(size: number): number
  create(): number
  copy(stream: number): number
  release(stream: number, work: number): number
  bytes(stream: number): number
  length(stream: number): bigint
  added(stream: number): bigint
  firstMs(stream: number): bigint
  firstSeq(stream: number): bigint
  nodes(stream: number): number
  radixNodes(stream: number): number
  append(stream: number, ms: bigint, seq: bigint, texts: number, fields: number): void
  deleteEntry(stream: number, ms: bigint, seq: bigint): number
  trimToLength(stream: number, length: bigint, approximately: number, limit: bigint): bigint
  trimToId(stream: number, ms: bigint, seq: bigint, approximately: number, limit: bigint): bigint
  addedUpTo(stream: number, ms: bigint, seq: bigint): bigint
  has(stream: number, ms: bigint, seq: bigint): number
  range(
    stream: number,
    firstMs: bigint,
    firstSeq: bigint,
    lastMs: bigint,
    lastSeq: bigint,
    backwards: number,
    count: number,
    skipFields: number,
    target: number,
  ): number
  dump(stream: number, target: number): number
  validate(lp: number, size: number): number
  walk(lp: number): bigint
  addGroup(stream: number, ptr: number, len: number): void
  hasGroup(stream: number, ptr: number, len: number): number
  removeGroup(stream: number, ptr: number, len: number): void
  group(stream: number, ptr: number, len: number): number
  groups(stream: number, target: number): number
  addConsumer(group: number, ptr: number, len: number): void
  hasConsumer(group: number, ptr: number, len: number): number
  removeConsumer(group: number, ptr: number, len: number): number
  assign(
    group: number,
    ptr: number,
    len: number,
    ms: bigint,
    seq: bigint,
    timeMs: bigint,
    deliveries: bigint,
  ): void
  acknowledge(group: number, ms: bigint, seq: bigint): number
  pending(group: number, target: number): number
  nextEpoch(): number
  blocks(stream: number, target: number): number
}

export type Id = readonly [ms: bigint, seq: bigint]
export interface Entry {
  id: Id
  texts: string[]
}

const module = await compileEntry(new URL('./stream.as.ts', import.meta.url))
/** The engine that was started last, and memory of it to pass things in. */
export let engine: Instance<Exports>
export let api: Exports
export let buffer: number

export const BUFFER = 1 << 24
export const LOWEST: Id = [0n, 0n]
export const HIGHEST: Id = [2n ** 64n - 1n, 2n ** 64n - 1n]

export function start(maxBytes = 4096, maxEntries = 100) {
  engine = instantiate<Exports>(module)
  api = engine.exports
  api.boot(maxBytes, maxEntries)
  buffer = api.alloc(BUFFER)
}

export const order = (a: Id, b: Id) =>
  a[0] === b[0] ? (a[1] < b[1] ? -1 : Number(a[1] > b[1])) : a[0] < b[0] ? -1 : 1

/** Reads what the entry wrote to the buffer. */
export class Reader {
  #bytes: Buffer
  #at = 0
  constructor(length: number) {
    this.#bytes = engine.read(buffer, length)
  }
  get more() {
    return this.#at < this.#bytes.length
  }
  u32() {
    return this.#bytes.readUInt32LE((this.#at += 4) - 4)
  }
  u64() {
    return this.#bytes.readBigUInt64LE((this.#at += 8) - 8)
  }
  id(): Id {
    return [this.u64(), this.u64()]
  }
  raw() {
    const length = this.u32()
    return this.#bytes.subarray(this.#at, (this.#at += length))
  }
  text() {
    return this.raw().toString('latin1')
  }
}

export function append(stream: number, id: Id, texts: string[]) {
  let at = buffer + texts.length * 8
  const slices = Buffer.alloc(texts.length * 8)
  texts.forEach((text, i) => {
    slices.writeUInt32LE(at, i * 8)
    slices.writeUInt32LE(text.length, i * 8 + 4)
    at += engine.write(at, Buffer.from(text, 'latin1'))
  })
  engine.write(buffer, slices)
  api.append(stream, id[0], id[1], buffer, texts.length / 2)
}

export function range(
  stream: number,
  first: Id = LOWEST,
  last: Id = HIGHEST,
  backwards = false,
  count = 2 ** 31,
  skipFields = false,
): Entry[] {
  const reader = new Reader(
    api.range(stream, ...first, ...last, Number(backwards), count, Number(skipFields), buffer),
  )
  const entries: Entry[] = []
  for (let left = count; reader.more; left--) {
    const id = reader.id()
    const fields = reader.u32()
    const read = skipFields && left % 2 === 1 ? 0 : fields * 2
    entries.push({ id, texts: Array.from({ length: read }, () => reader.text()) })
  }
  return entries
}

export function dump(stream: number): { id: Id; listpack: Buffer }[] {
  const reader = new Reader(api.dump(stream, buffer))
  const nodes: { id: Id; listpack: Buffer }[] = []
  while (reader.more) nodes.push({ id: reader.id(), listpack: reader.raw() })
  return nodes
}

export function withName<T>(name: string, use: (ptr: number, len: number) => T): T {
  return use(buffer, engine.write(buffer, name))
}

export interface PendingEntry {
  id: Id
  timeMs: bigint
  deliveries: bigint
  consumer: string
}

export function pendingOf(stream: number, name: string) {
  const group = withName(name, (ptr, len) => api.group(stream, ptr, len))
  const reader = new Reader(api.pending(group, buffer))
  const consumers = Array.from({ length: reader.u32() }, () => reader.text())
  const entries = Array.from({ length: reader.u32() }, (): PendingEntry => {
    const [id, timeMs, deliveries] = [reader.id(), reader.u64(), reader.u64()]
    return { id, timeMs, deliveries, consumer: reader.text() }
  })
  const own = Object.fromEntries(
    consumers.map((consumer) => [
      consumer,
      Array.from({ length: reader.u32() }, () => reader.id()),
    ]),
  )
  return { consumers, entries, own }
}

export function addPending(stream: number, name: string, consumers: string[], count: number) {
  withName(name, (ptr, len) => api.addGroup(stream, ptr, len))
  const group = withName(name, (ptr, len) => api.group(stream, ptr, len))
  for (const consumer of consumers) {
    withName(consumer, (ptr, len) => api.addConsumer(group, ptr, len))
  }
  for (let i = 0; i < count; i++) {
    withName(consumers[i % consumers.length]!, (ptr, len) =>
      api.assign(group, ptr, len, BigInt(i), 0n, 100n, BigInt(i)),
    )
  }
}
