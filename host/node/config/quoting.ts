// How configuration lines and commands typed by people are split into arguments.
//
// Text here is latin1: one character a byte, so that any bytes survive.

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

const isSpace = (char: string | undefined): boolean => char !== undefined && /[\s\v]/.test(char)

/**
 * Splits a line at blanks. "double quotes" know the escapes \n \r \t \b \a \xHH \" and \\,
 * 'single quotes' only \'. Answers null when quotes do not balance, or text follows a closing quote.
 */
export function splitArguments(line: string): string[] | null {
  const args: string[] = []
  let at = 0
  for (;;) {
    while (isSpace(line[at])) at++
    if (at >= line.length) return args
    let current = ''
    while (at < line.length && !isSpace(line[at])) {
      const char = line[at]!
      if (char !== '"' && char !== "'") {
        current += char
        at++
        continue
      }
      const quoted = char === '"' ? doubleQuoted(line, at + 1) : singleQuoted(line, at + 1)
      if (!quoted) return null
      current += quoted.text
      at = quoted.end
      if (at < line.length && !isSpace(line[at])) return null
    }
    args.push(current)
  }
}

interface Quoted {
  text: string
  /** Where the line goes on after the closing quote. */
  end: number
}

function doubleQuoted(line: string, at: number): Quoted | null {
  let text = ''
  for (; at < line.length; at++) {
    const char = line[at]!
    if (char === '"') return { text, end: at + 1 }
    if (char !== '\\' || at + 1 >= line.length) {
      text += char
      continue
    }
    const hex = /^x[0-9a-f]{2}/i.exec(line.slice(at + 1, at + 4))
    if (hex) {
      text += String.fromCharCode(Number.parseInt(hex[0].slice(1), 16))
      at += 3
    } else {
      const escaped = line[++at]!
      text += ESCAPES[escaped] ?? escaped
    }
  }
  return null
}

function singleQuoted(line: string, at: number): Quoted | null {
  let text = ''
  for (; at < line.length; at++) {
    const char = line[at]!
    if (char === "'") return { text, end: at + 1 }
    if (char === '\\' && line[at + 1] === "'") at++
    text += line[at]!
  }
  return null
}

/** Quotes any bytes so that `splitArguments` gives them back. */
export function quote(text: string): string {
  let quoted = '"'
  for (const char of text) {
    const code = char.charCodeAt(0)
    if (char === '"' || char === '\\') quoted += `\\${char}`
    else if (code >= 32 && code < 127) quoted += char
    else quoted += QUOTED[char] ?? `\\x${code.toString(16).padStart(2, '0')}`
  }
  return `${quoted}"`
}

const QUOTED: Record<string, string> = Object.fromEntries(
  Object.entries(ESCAPES).map(([letter, char]) => [char, `\\${letter}`]),
)

/** Whether a value must be quoted to stand on a configuration line. */
export function needsQuotes(text: string): boolean {
  return text === '' || /[^\x21-\x7e]|["'\\]/.test(text)
}
