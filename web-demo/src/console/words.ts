// A line of the console as arguments, quoted as redis-cli has it.

/** The line cannot be read: a quote is open, or something stands right behind one. */
export class QuoteError extends Error {
  override name = 'QuoteError'
}

export interface Word {
  value: string | Uint8Array
  start: number
  end: number
}

const ESCAPES: Record<string, number> = { n: 10, r: 13, t: 9, b: 8, a: 7 }
const encoder = new TextEncoder()

/** Splits a line. `isOpen` allows the last quote to be open, for a line that is still typed. */
export function words(line: string, isOpen = false): Word[] {
  const found: Word[] = []
  for (let at = 0; at < line.length;) {
    if (/\s/.test(line[at]!)) {
      at++
      continue
    }
    const word = /["']/.test(line[at]!) ? quoted(line, at, isOpen) : plain(line, at)
    found.push(word)
    at = word.end
    if (at < line.length && !/\s/.test(line[at]!)) throw new QuoteError('a quote must end a word')
  }
  return found
}

function plain(line: string, start: number): Word {
  let end = start
  while (end < line.length && !/\s/.test(line[end]!)) end++
  return { value: line.slice(start, end), start, end }
}

function quoted(line: string, start: number, isOpen: boolean): Word {
  const quote = line[start]!
  const bytes: number[] = []
  let at = start + 1
  for (; at < line.length && line[at] !== quote; at++) {
    if (line[at] !== '\\' || (quote === "'" && line[at + 1] !== "'")) {
      const point = String.fromCodePoint(line.codePointAt(at)!)
      bytes.push(...encoder.encode(point))
      at += point.length - 1
      continue
    }
    const hex = /^\\x([0-9a-f]{2})/i.exec(line.slice(at, at + 4))
    const next = line[++at] ?? ''
    if (hex) {
      bytes.push(Number.parseInt(hex[1]!, 16))
      at += 2
    } else {
      bytes.push(...(ESCAPES[next] ? [ESCAPES[next]] : encoder.encode(next)))
    }
  }
  if (at >= line.length && !isOpen) throw new QuoteError('a quote is open')
  return { value: new Uint8Array(bytes), start, end: Math.min(at + 1, line.length) }
}
