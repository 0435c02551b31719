// Memory for a test's inputs and outputs. It is 128 KB long.

const ARENA: usize = memory.data(131072, 64);

export function arena(): usize {
  return ARENA;
}
