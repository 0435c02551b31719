/** Whether a text matches a pattern with `*`, `?`, `[a-z]`, `[^a]` and `\`, as the commands read them. */
export function matches(pattern: string, text: string, p = 0, t = 0): boolean {
  for (; p < pattern.length; p++) {
    const char = pattern[p]!
    if (char === '*') {
      while (pattern[p + 1] === '*') p++
      if (p + 1 === pattern.length) return true
      for (let from = t; from <= text.length; from++)
        if (matches(pattern, text, p + 1, from)) return true
      return false
    }
    if (t >= text.length) return false
    if (char === '[') {
      const set = matchSet(pattern, p, text[t]!)
      if (!set.isIn) return false
      p = set.end
    } else if (char !== '?') {
      if (char === '\\' && p + 1 < pattern.length) p++
      if (pattern[p] !== text[t]) return false
    }
    t++
  }
  return t === text.length
}

/** Whether a character is in the set that begins at `p`, and where the set ends. */
function matchSet(pattern: string, p: number, char: string): { isIn: boolean; end: number } {
  let at = p + 1
  const isInverse = pattern[at] === '^'
  if (isInverse) at++
  let isIn = false
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    if (pattern[at] === '\\' && at + 1 < pattern.length) {
      at++
      isIn ||= pattern[at] === char
    } else if (pattern[at + 1] === '-' && at + 2 < pattern.length) {
      const [low, high] = [pattern[at]!, pattern[at + 2]!].sort()
      isIn ||= char >= low! && char <= high!
      at += 2
    } else {
      isIn ||= pattern[at] === char
    }
  }
  return { isIn: isIn !== isInverse, end: at }
}

/** The characters in front of the first that is not one as it is. */
export function literalPrefix(pattern: string): string {
  const end = pattern.search(/[*?[\\]/)
  return end < 0 ? pattern : pattern.slice(0, end)
}

export const isPattern = (text: string): boolean => /[*?[\\]/.test(text)
