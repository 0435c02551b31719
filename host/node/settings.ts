// The values of all directives, as the engine's table holds them, and what the host does when one changes.

/** Looks at a new value, or acts on it; a text refuses it, and is the reason. */
export type Listener = (value: string, name: string) => string | undefined | void

export class Settings {
  /** While the server starts, values are taken but nothing is done about them yet. */
  live = false

  readonly #values = new Map<string, string>()
  readonly #checks = new Map<string, Listener>()
  readonly #actions = new Map<string, Listener>()

  get(name: string): string {
    return this.#values.get(name) ?? ''
  }

  number(name: string): number {
    return Number(this.get(name))
  }

  isOn(name: string): boolean {
    return this.get(name) === 'yes'
  }

  entries(): IterableIterator<[string, string]> {
    return this.#values.entries()
  }

  /** Called for every new value, at the start too. */
  check(name: string, listener: Listener): void {
    this.#checks.set(name, listener)
  }

  /** Called for values that are set while the server runs, once all that are set together are there. */
  onChange(name: string, listener: Listener): void {
    this.#actions.set(name, listener)
  }

  /** Takes a value without asking anyone. */
  load(name: string, value: string): void {
    this.#values.set(name, value)
  }

  /** Whether a value of the configuration file will do; a text says why not. */
  problem(name: string, value: string): string | undefined {
    return this.#checks.get(name)?.(value, name) ?? undefined
  }

  /** A directive is set; a text refuses the value. */
  configure(name: string, value: string): string | undefined {
    const reason = this.problem(name, value)
    if (!reason) this.#values.set(name, value)
    return reason
  }

  /** All that CONFIG SET sets is set: acts on one of them. A text refuses, and all are set back. */
  apply(name: string): string | undefined {
    if (!this.live) return undefined
    return this.#actions.get(name)?.(this.get(name), name) ?? undefined
  }
}
