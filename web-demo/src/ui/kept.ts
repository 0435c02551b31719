// Small things that this browser remembers of its visitor, where it may.

export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined
  } catch {
    return undefined // cookies are blocked, and this with them
  }
}

export function keep(name: string, text: string): void {
  try {
    localStorage.setItem(name, text)
  } catch {
    // It is forgotten with the page.
  }
}
