// The names and numbers of the engine's binary interface; docs/architecture.md tells what they mean.

/** What the functions of the module are; pointers and lengths come back signed: take `>>> 0`. */
export interface EngineExports {
  memory: WebAssembly.Memory
  boot(seedLo: number, seedHi: number, maxPages: number): void
  control(): number
  window(): number
  secret(): number
  open(kind: number, pointer: number, length: number): number
  close(session: number): void
  feed(session: number, pointer: number, length: number): number
  call(session: number, argv: number, argc: number): number
  glance(session: number, key: number, length: number): number
  mayHear(session: number): number
  hear(session: number, pointer: number, length: number): void
  abandon(): void
  output(session: number): number
  sent(session: number, length: number): void
  ready(): number
  status(session: number): number
  answer(session: number, pointer: number, length: number): void
  tick(work: number): number
  log(): number
  logTaken(length: number): void
  logOn(on: number): void
  writer(epoch: number, originId: number, originSequence: number): void
  release(offset: number): void
  gate(on: number): void
  slots(first: number, last: number): void
  park(session: number): number
  unpark(pointer: number, length: number): number
  buffer(length: number): number
  unbuffer(pointer: number): void
  append(pointer: number, length: number): void
  snapshot(options: number): number
  snapshotRead(work: number): number
  snapshotTaken(length: number): void
  loadBegin(options: number): void
  load(pointer: number, length: number): number
  loadEnd(): number
  changes(): number
  changesSaved(count: number): void
  running(): void
  /** Whether a command that a script called is running. */
  scriptInside(): number
}

/** What a session is; the kind decides what is checked, answered and propagated. */
export const Kind = {
  client: 0,
  replica: 1,
  master: 2,
  loader: 3,
  script: 4,
  internal: 5,
  /** A client that asks over REST. */
  rest: 6,
} as const

export type Kind = (typeof Kind)[keyof typeof Kind]

/** The bits that `feed` and `status` answer. */
export const Flag = {
  /** Output is waiting. */
  output: 1,
  /** More to do: send, then feed nothing. */
  more: 2,
  /** Close once the output is sent. */
  closeAfter: 4,
  /** Other sessions are ready. */
  ready: 8,
  /** The effects log has bytes. */
  log: 16,
  /** A blocking command or a host command waits. */
  blocked: 32,
  /** Close at once. */
  closeNow: 64,
  /** A timer is due before the next tick that was asked for. */
  timer: 128,
  /** `call` did not run the command: feed it. */
  refused: 256,
  /** `call` hands out all it has to answer: `callLength` bytes at `address`, until the next call of the engine. */
  answered: 512,
} as const

/** What `snapshot` is told; 0 gives up the one that runs. */
export const SnapshotOption = {
  on: 1,
  /** It is the base of an append-only file. */
  aofBase: 2,
  /** Commands instead of an RDB file. */
  commands: 4,
} as const

export const SnapshotState = { idle: 0, running: 1, complete: 2, failed: 3 } as const

/** What `loadBegin` is told. */
export const LoadOption = {
  /** Keys that are there already are replaced; else they are an error. */
  replaces: 1,
  /** Keys that are past their expiry stay out. */
  dropsExpired: 2,
  /** All keys that are there go first. */
  empties: 4,
  /** What belongs to modules stays out; else it is an error. */
  skipsModules: 8,
} as const

export const LoadState = { idle: 0, running: 1, complete: 2, failed: 3 } as const

/** What the import `command` answers. */
export const Answered = { now: 0, later: 1 } as const

/** INFO's sections in their order, as the import `info` counts them. */
export const sections = [
  'server',
  'clients',
  'memory',
  'persistence',
  'stats',
  'replication',
  'cpu',
  'modules',
  'commandstats',
  'errorstats',
  'latencystats',
  'cluster',
  'keyspace',
] as const

export type Section = (typeof sections)[number]

/** Levels of the import `log`, as Redis counts them. */
export const Level = { debug: 0, verbose: 1, notice: 2, warning: 3 } as const

export type Level = (typeof Level)[keyof typeof Level]

/** The size of the shared read window. */
export const WINDOW_BYTES = 65536
