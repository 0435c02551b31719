/// <reference types="vite/client" />
// The hand-picked scripts of test/differential on an engine in this home. In Node they are compared with
// redis-server; here only a digest of each is kept, which is the same in every home: the same bytes, time
// and seed give the same replies.

import { type Action, actionsOf, type Case } from '../differential/steps.ts'
import { Stage } from '../support/stage.ts'
import type { Argument } from '../support/frames.ts'

const files: Record<string, { cases: readonly Case[] }> = import.meta.glob(
  '../differential/cases/*.ts',
  { eager: true },
)

/** FNV-1a over the bytes of all replies, and how many there are. */
class Digest {
  #hash = 0x811c9dc5
  #length = 0

  add(bytes: Uint8Array): void {
    for (const byte of bytes) this.#hash = Math.imul(this.#hash ^ byte, 0x01000193)
    this.#length += bytes.length
  }

  toString(): string {
    return `${this.#length}:${(this.#hash >>> 0).toString(16)}`
  }
}

/** Runs every script, each family on an engine of its own; the digest of what each was answered, by its name. */
export function replayScripts(): Record<string, string> {
  const digests: Record<string, string> = {}
  for (const [file, { cases }] of Object.entries(files)) {
    const stage = new Stage()
    const family = /([\w-]+)\.ts$/.exec(file)?.[1]
    for (const { name, commands, protocol } of cases) {
      for (const resp of [2, 3] as const) {
        if (protocol && protocol !== resp) continue
        const digest = new Digest()
        new Replay(stage, resp, digest).run(actionsOf(commands))
        digests[`${family}: ${name} (RESP${resp})`] = String(digest)
      }
    }
  }
  return digests
}

/** One script on an empty engine. */
class Replay {
  readonly #stage: Stage
  readonly #resp: 2 | 3
  readonly #digest: Digest
  readonly #sessions = new Map<string, number>()
  readonly #ids = new Map<string, string>()

  constructor(stage: Stage, resp: 2 | 3, digest: Digest) {
    this.#stage = stage
    this.#resp = resp
    this.#digest = digest
  }

  run(actions: readonly Action[]): void {
    const control = this.#stage.open()
    this.#stage.send(control, 'CLIENT UNPAUSE')
    this.#stage.send(control, 'FLUSHALL')
    for (const action of actions) {
      this.#perform(action)
      for (const session of this.#sessions.values()) {
        this.#digest.add(this.#stage.takeBytes(session))
      }
    }
    for (const session of [...this.#sessions.values(), control]) this.#stage.close(session)
  }

  #perform(action: Action): void {
    if (action.kind === 'sleep') this.#stage.pass(action.ms)
    if (action.kind === 'sleep' || action.kind === 'await') return
    const session = this.#session(action.on)
    if (this.#stage.isClosing(session)) return
    if (action.kind === 'raw') this.#stage.feed(session, action.bytes)
    else
      this.#stage.send(
        session,
        action.command.map((argument) => this.#filled(argument)),
      )
  }

  #session(name: string): number {
    const known = this.#sessions.get(name)
    if (known !== undefined) return known
    const session = this.#stage.open()
    this.#sessions.set(name, session)
    if (this.#resp === 3) this.#stage.ask(session, 'HELLO 3')
    this.#ids.set(name, this.#stage.ask(session, 'CLIENT ID').text)
    return session
  }

  /** The client id in the place of `{id:x}`. */
  #filled(argument: Argument): Argument {
    const id = /^\{id:(\w+)\}$/.exec(String(argument))
    if (!id) return argument
    this.#session(id[1]!)
    return this.#ids.get(id[1]!)!
  }
}
