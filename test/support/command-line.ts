/** Commands as text, quoted as in redis-cli: `SET key "a\x00b" 'it''s'`. */
import type { Command } from './frames.ts'

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

/** The arguments of one line; double quotes know escapes, single quotes only `\'`. */
export function parseLine(line: string): Buffer[] {
  const words: Buffer[] = []
  let at = 0
  for (;;) {
    while (line[at] === ' ') at++
    if (at >= line.length) return words
    const quote = line[at] === '"' || line[at] === "'" ? line[at++] : undefined
    const bytes: Buffer[] = []
    for (;;) {
      const char = line[at]
      if (char === undefined) {
        if (quote) throw new Error(`Unbalanced quotes: ${line}`)
        break
      }
      at++
      if (quote ? char === quote : char === ' ') break
      if (quote && char === '\\' && (quote === '"' || line[at] === "'")) {
        const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(at, at + 3))
        if (quote === '"' && hex) {
          bytes.push(Buffer.from(hex[1]!, 'hex'))
          at += 3
        } else {
          const escaped = line[at++] ?? ''
          bytes.push(Buffer.from((quote === '"' ? ESCAPES[escaped] : undefined) ?? escaped))
        }
      } else {
        bytes.push(Buffer.from(char))
      }
    }
    words.push(Buffer.concat(bytes))
  }
}

function formatWord(word: Buffer): string {
  const text = word.toString('latin1')
  if (/^[\w!#$%&()*+,\-./:;<=>?@[\]^`{|}~]+$/.test(text)) return text
  const escaped = text.replace(/[^\x20-\x7e]|["\\]/g, (c) =>
    c === '"' || c === '\\' ? `\\${c}` : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return `"${escaped}"`
}

/** A line that redis-cli, and `parseLine`, read back as this command. */
export function formatLine(command: Command): string {
  return command
    .map((word) => formatWord(Buffer.isBuffer(word) ? word : Buffer.from(String(word))))
    .join(' ')
}
