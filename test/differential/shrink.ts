/** Makes a failing stream short: commands are left out, many at a time and then one by one. */

/**
 * The shortest list found in which `fails` still sees the failure.
 *
 * @param limitMs after this time what has been reached is returned
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  limitMs = 60_000,
): Promise<readonly T[]> {
  const deadline = performance.now() + limitMs
  let left = items
  for (let size = left.length >> 1; size >= 1;) {
    let removed = false
    for (let end = left.length; end > 0; end -= size) {
      if (performance.now() > deadline) return left
      const without = [...left.slice(0, Math.max(0, end - size)), ...left.slice(end)]
      if (without.length > 0 && (await fails(without))) {
        left = without
        removed = true
      }
    }
    if (size === 1 && !removed) break
    size = Math.max(1, size >> 1)
  }
  return left
}
