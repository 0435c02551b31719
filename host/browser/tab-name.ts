/** A name that no other tab has. `crypto.randomUUID` would do, but pages that are served by plain http have none. */
export function tabName(): string {
  const words = crypto.getRandomValues(new Uint32Array(4))
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('')
}
