// Numbers and times as people read them.

const UNITS = ['B', 'KB', 'MB', 'GB']

export function bytes(count: number): string {
  let unit = 0
  let value = count
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`
}

/** 1234567 → 1.23 M. */
export function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`
  if (value >= 1e4) return `${(value / 1e3).toPrecision(3)} k`
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)))
}

/** Milliseconds to live, in the two largest units. */
export function lifetime(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  if (days) return hours ? `${days} d ${hours} h` : `${days} d`
  if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`
  if (minutes) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`
  return `${seconds} s`
}

/** What an error says, as a sentence. */
export function sentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
}

const strict = new TextDecoder('utf-8', { fatal: true })

/** The text of bytes, or `undefined` where they are no text. */
export function text(value: Uint8Array): string | undefined {
  try {
    const decoded = strict.decode(value)
    // oxlint-disable-next-line no-control-regex
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(decoded) ? undefined : decoded
  } catch {
    return undefined
  }
}

/** Bytes as redis-cli shows them, without the quotes. */
export function escaped(value: Uint8Array): string {
  const asText = text(value)
  if (asText !== undefined) {
    return asText.replace(/["\\\n\r\t]/g, (c) => ESCAPES[c]!)
  }
  return Array.from(value, (byte) => {
    const char = String.fromCharCode(byte)
    if (ESCAPES[char]) return ESCAPES[char]
    return byte >= 32 && byte < 127 ? char : `\\x${byte.toString(16).padStart(2, '0')}`
  }).join('')
}

const ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}
