// The test files that run in every home: they need an engine and a clock, and nothing of Node.

export const BEHAVIOUR_FILES = [
  'engine/blocking.test.ts',
  'engine/pause.test.ts',
  'engine/scripting.test.ts',
  'engine/tracking.test.ts',
  'engine/uniformity.test.ts',
  'engine/abi/access.test.ts',
  'engine/abi/effects.test.ts',
  'engine/abi/field-expiry.test.ts',
  'engine/abi/memory.test.ts',
  'engine/abi/parking.test.ts',
  'engine/persistence/snapshot.test.ts',
] as const
