// Copying between the host's memory and the engine's.

/** Up to so many bytes cost less one by one than the view of them and the call that copy more. */
const SHORT_BYTES = 64

/** Copies `length` bytes from `start` on to where `at` is in another array. */
export function copyBytes(
  from: Uint8Array,
  start: number,
  length: number,
  to: Uint8Array,
  at: number,
): void {
  if (length > SHORT_BYTES) to.set(from.subarray(start, start + length), at)
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i]!
}
