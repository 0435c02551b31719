// The lines that were entered, kept for the next visit.

import { keep, kept } from '../ui/kept.ts'

const NAME = 'wadi:history'
const MOST = 200

export class History {
  #lines: string[] = JSON.parse(kept(NAME) ?? '[]') as string[]
  /** Lines back from the newest; 0 is the line that is typed. */
  #back = 0
  #draft = ''

  add(line: string): void {
    this.#lines = [...this.#lines.filter((old) => old !== line), line].slice(-MOST)
    this.#back = 0
    keep(NAME, JSON.stringify(this.#lines))
  }

  /** The line before (1) or after (-1) the one that is shown; `typed` is what stands there now. */
  move(by: 1 | -1, typed: string): string {
    if (this.#back === 0) this.#draft = typed
    this.#back = Math.max(0, Math.min(this.#lines.length, this.#back + by))
    return this.#back === 0 ? this.#draft : this.#lines.at(-this.#back)!
  }
}
