// Which turns share a commit, and frames of answers. A commit of SQLite takes several times as long as the command that it
// stores, and each costs a row written; a frame costs the runtime more than the command that it answers. But to wait
// for others costs time, and where nobody comes it was for nothing.
//
//   alone     a turn is stored and answered at once, but for one of sixteen, which begins a group to see who comes
//   crowded   each turn that finds no group begins one; when nobody joins it, turns are alone again
//
// A group ends with a timer of 0 ms: the runtime hands over what has arrived before it lets a timer wake.

/** While turns are alone, one of so many waits for others. */
const TRY_EVERY = 16
/**
 * A group has at most so many turns, about so many bytes to store, and so many in the engine for answers, where a session
 * with any has at least 64 KB: those whose arrivals never pause are stored, too.
 */
const MOST_TURNS = 256
const MOST_UNSTORED = 64 << 10
const MOST_OUTPUT = 4 << 20

export class Group {
  readonly #soon: (wake: () => void) => void
  readonly #settle: () => void
  #isOpen = false
  #isCrowded = false
  #alone = 0
  /** Turns of this group. */
  #turns = 0

  /**
   * @param soon calls `wake` once all that has arrived was handed over
   * @param settle stores and answers what waits
   */
  constructor(soon: (wake: () => void) => void, settle: () => void) {
    this.#soon = soon
    this.#settle = settle
  }

  /** A turn has ended: whether it waits for others. */
  takes(unstoredBytes: number, outputBytes: number): boolean {
    if (!this.#isOpen) {
      if (!this.#isCrowded && ++this.#alone % TRY_EVERY) return false
      this.#open()
    }
    return ++this.#turns % MOST_TURNS !== 0 && this.hasRoom(unstoredBytes, outputBytes)
  }

  /** Whether more may wait beside so much. */
  hasRoom(unstoredBytes: number, outputBytes: number): boolean {
    return unstoredBytes <= MOST_UNSTORED && outputBytes <= MOST_OUTPUT
  }

  #open(): void {
    this.#isOpen = true
    this.#turns = 0
    this.#soon(() => {
      this.#isOpen = false
      this.#isCrowded = this.#turns > 1
      this.#settle()
    })
  }
}
