// What open() was asked for, looked at before anything is done: JavaScript has no types that would say it.

import type { OpenOptions } from './types.ts'

/** All options, and what those can be that are words. */
const OPTIONS: { [option in keyof Required<OpenOptions>]: readonly unknown[] | undefined } = {
  mode: ['shared', 'worker', 'here', 'memory'],
  durability: ['relaxed', 'strict'],
  reads: ['owner', 'local', 'cached'],
  wasm: undefined,
  lua: undefined,
  worker: undefined,
  storage: undefined,
  codec: undefined,
  recover: undefined,
  maxMemoryBytes: undefined,
  ownerTimeoutMs: undefined,
}

const PLACES = ['auto', 'indexeddb', 'opfs']

/** @throws {TypeError} there is no such option, or it cannot be what it is */
export function checkOptions(name: unknown, options: OpenOptions): void {
  if (typeof name !== 'string' || name === '')
    throw new TypeError('open(name) needs a name for the store')
  for (const [option, value] of Object.entries(options) as [
    keyof OpenOptions,
    string | undefined,
  ][]) {
    if (!Object.hasOwn(OPTIONS, option)) throw new TypeError(`open() has no option ${option}`)
    const choices = OPTIONS[option]
    if (value === undefined || !choices || choices.includes(value)) continue
    throw new TypeError(`${option} is one of ${choices.join(', ')}, and not ${value}`)
  }
  const { mode = 'shared', storage, codec } = options
  const isHere = mode === 'here' || mode === 'memory'
  if (typeof storage === 'string' && !PLACES.includes(storage))
    throw new TypeError(`storage is ${PLACES.join(', ')} or an object, and not ${storage}`)
  if (typeof storage === 'object' && !isHere)
    throw new TypeError(
      "a Worker cannot be sent a storage: give open() a worker of your own that calls serve({ storage }), or use mode 'here'",
    )
  if (isHere && options.reads === 'local')
    throw new TypeError(`reads 'local' is for shared stores: with mode '${mode}' all reads are`)
  if (options.reads === 'cached' && mode !== 'worker')
    throw new TypeError(
      `reads 'cached' is for mode 'worker': with '${mode}' ${isHere ? 'all reads are faster' : 'other tabs write, too'}`,
    )
  if (codec !== undefined && !isHere && hasFunctions(codec))
    throw new TypeError(
      "a Worker cannot be sent functions: give open() a worker of your own that calls serve({ codec }) and, as codec, the key; or use mode 'here'",
    )
  if (codec !== undefined && mode === 'here' && !hasFunctions(codec))
    throw new TypeError("with mode 'here' the codec is an object with name, encode and decode")
}

const hasFunctions = (codec: object | string): boolean =>
  typeof (codec as { encode?: unknown }).encode === 'function'
