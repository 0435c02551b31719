const UNITS = ['K', 'M', 'G', 'T', 'P']

/** `11.65M`, as INFO and redis-cli write sizes for people. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  let value = bytes / 1024
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(2)}${UNITS[unit]}`
}
