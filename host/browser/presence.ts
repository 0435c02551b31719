// When a page is shown again its timers have slept; when it leaves there is a moment to keep what was written.

interface Turns {
  /** Shown again, or thawed. */
  shown: () => void
  /** Hidden: it may go without another word. */
  hidden: () => void
  /** Frozen or left: others must be able to go on without it. */
  leaving: () => void
}

export class Presence {
  readonly #ends: (() => void)[] = []

  constructor(page: EventTarget | undefined, turns: Turns) {
    if (!page) return
    const document = page as EventTarget & { hidden?: boolean; defaultView?: EventTarget }
    const window = document.defaultView ?? page
    const isHidden = (): boolean => document.hidden ?? false
    this.#on(page, 'visibilitychange', () => (isHidden() ? turns.hidden() : turns.shown()))
    this.#on(page, 'resume', turns.shown)
    this.#on(page, 'freeze', turns.leaving)
    this.#on(window, 'pageshow', turns.shown)
    this.#on(window, 'pagehide', turns.leaving)
  }

  end(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  #on(target: EventTarget, kind: string, listener: () => void): void {
    target.addEventListener(kind, listener)
    this.#ends.push(() => target.removeEventListener(kind, listener))
  }
}
