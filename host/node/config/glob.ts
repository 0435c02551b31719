// The shell's patterns in `include /etc/wadi/conf.d/*.conf`: * ? [abc], none of which matches a leading dot
// or a slash.

import { readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'

export const hasWildcard = (path: string): boolean => /[*?[]/.test(path)

/** The existing paths that match, sorted. */
export function glob(pattern: string): string[] {
  const segments = pattern.split('/')
  let found = [segments[0] === '' ? '/' : '.']
  if (segments[0] === '') segments.shift()
  for (const segment of segments) {
    if (segment === '') continue
    found = found.flatMap((directory) => expand(directory, segment))
  }
  return found.toSorted()
}

function expand(directory: string, segment: string): string[] {
  if (!hasWildcard(segment)) {
    const path = join(directory, segment)
    return existsSync(path) ? [path] : []
  }
  const matcher = toRegExp(segment)
  return list(directory)
    .filter((name) => matcher.test(name) && (segment.startsWith('.') || !name.startsWith('.')))
    .map((name) => join(directory, name))
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function toRegExp(segment: string): RegExp {
  const source = segment.replace(/\[([!^]?)([^\]]+)\]|[*?]|[\\^$.|+(){}[\]]/g, (part, not, set) => {
    if (part === '*') return '.*'
    if (part === '?') return '.'
    if (set) return `[${not ? '^' : ''}${String(set).replace(/[\\\]^]/g, '\\$&')}]`
    return `\\${part}`
  })
  return new RegExp(`^${source}$`, 's')
}
