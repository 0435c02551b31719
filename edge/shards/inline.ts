// Inline commands: words with blanks between them, as someone types them. "…" knows \n, \r, \t, \b, \a and \x41, '…'
// knows \' alone; behind a closing quote comes a blank.

const BLANK = 32
const DOUBLE = 34
const SINGLE = 39
const BACKSLASH = 92
const ESCAPES: Record<string, number> = { n: 10, r: 13, t: 9, b: 8, a: 7 }

const isBlank = (byte: number): boolean => byte === BLANK || (byte >= 9 && byte <= 13)

/** The words of a line; undefined: a quote is not closed, or does not end its word. */
export function wordsOf(line: Uint8Array): Uint8Array[] | undefined {
  const words: Uint8Array[] = []
  let at = 0
  for (;;) {
    while (at < line.length && isBlank(line[at]!)) at++
    if (at >= line.length) return words
    const word: number[] = []
    while (at < line.length && !isBlank(line[at]!)) {
      const byte = line[at++]!
      if (byte !== DOUBLE && byte !== SINGLE) {
        word.push(byte)
        continue
      }
      const end = quoted(line, at, byte, word)
      if (end === undefined || (end < line.length && !isBlank(line[end]!))) return undefined
      at = end
    }
    words.push(Uint8Array.from(word))
  }
}

/** Reads up to the closing quote; the place behind it. */
function quoted(line: Uint8Array, from: number, quote: number, word: number[]): number | undefined {
  let at = from
  while (at < line.length) {
    const byte = line[at]!
    if (byte === quote) return at + 1
    if (byte !== BACKSLASH || at + 1 >= line.length) word.push(byte)
    else if (quote === SINGLE) {
      if (line[at + 1] === SINGLE) at++
      word.push(line[at]!)
    } else at += escaped(line, at, word)
    at++
  }
  return undefined
}

/** What stands behind a backslash; how many bytes that were more than one. */
function escaped(line: Uint8Array, at: number, word: number[]): number {
  const text = String.fromCharCode(...line.subarray(at + 1, at + 4))
  const [, hex] = /^x([\da-f]{2})/i.exec(text) ?? []
  word.push(hex === undefined ? (ESCAPES[text[0]!] ?? line[at + 1]!) : parseInt(hex, 16))
  return hex === undefined ? 1 : 3
}
