// What an engine is given, and what it asks of its host.

import { Answered, type Level } from './abi.ts'
import type { Clock } from './clock.ts'

/** What the engine asks of its host, all of it inside a call of the engine. */
export interface EngineHost {
  log(level: Level, text: string): void
  /** A command flagged `host` runs on a session; its arguments are `engine.arguments()`. */
  command(session: number, number: number): (typeof Answered)[keyof typeof Answered]
  /** A directive of the host is about to be set; a text refuses it, and is the reason. */
  configure(name: string, value: string): string | undefined
  /** All directives of a CONFIG SET are set: the host acts on this one; a text refuses, and sets all back. */
  apply?(name: string): string | undefined
  /** The host's lines of a section of INFO, each ended by CRLF. */
  info(section: number): string
  /**
   * A script runs for longer than `busy-reply-threshold`: feeds what others have sent meanwhile (`mayHear`, `hear`),
   * and sends what they are told, without waiting. False where the host cannot.
   */
  hear?(): boolean
}

/** A host that has no commands, directives or facts of its own. */
export const bareHost: EngineHost = {
  log: () => undefined,
  command: () => Answered.now,
  configure: () => undefined,
  info: () => '',
}

export interface EngineOptions {
  module: WebAssembly.Module
  clock: Clock
  /** Two 32-bit numbers that nobody can guess: the seed of hashing and of random choices. */
  seed: readonly [number, number]
  /** The most memory the engine may take, in pages of 64 KB; 0: all that wasm32 allows. */
  maxPages?: number
  host?: EngineHost
  /** The module of Lua, asked for when the first script comes; without it scripts are refused. */
  lua?: () => WebAssembly.Module | undefined
  /** What the engine measures its commands by, in µs: the clock unless told. */
  measure?: () => number
}
