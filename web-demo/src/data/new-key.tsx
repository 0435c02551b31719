// The form that makes a key, with a first element of its type.

import { useState } from 'preact/hooks'
import { type Argument, call } from '../store/store.ts'
import { Dialog } from '../ui/dialog.tsx'
import type { Given } from '../ui/form.ts'
import { type Type, TYPES } from './keys.ts'

interface Field {
  name: string
  label: string
  start?: string
}

const fields: Record<Type, Field[]> = {
  string: [{ name: 'value', label: 'Value' }],
  hash: [
    { name: 'field', label: 'Field' },
    { name: 'value', label: 'Value' },
  ],
  list: [{ name: 'value', label: 'First element' }],
  set: [{ name: 'value', label: 'First member' }],
  zset: [
    { name: 'score', label: 'Score', start: '1' },
    { name: 'value', label: 'Member' },
  ],
  stream: [
    { name: 'field', label: 'Field' },
    { name: 'value', label: 'Value' },
  ],
}

/** The commands that make a key of a type. */
const creations: Record<Type, (key: string, given: Given) => Argument[]> = {
  string: (key, given) => ['SET', key, given('value')],
  hash: (key, given) => ['HSET', key, given('field'), given('value')],
  list: (key, given) => ['RPUSH', key, given('value')],
  set: (key, given) => ['SADD', key, given('value')],
  zset: (key, given) => ['ZADD', key, given('score'), given('value')],
  stream: (key, given) => ['XADD', key, '*', given('field'), given('value')],
}

export function NewKey({
  onClose,
  onMade,
}: {
  onClose: () => void
  onMade: (key: string) => void
}) {
  const [type, setType] = useState<Type>('string')
  return (
    <Dialog
      title="New key"
      action="Create"
      onClose={onClose}
      onSubmit={async (given) => {
        const key = given('key')
        if (await call('EXISTS', key)) throw new Error(`There is a key called ${key} already.`)
        await call(...creations[type](key, given))
        onMade(key)
      }}
    >
      <label class="label">
        Name
        <input class="field mono" name="key" required spellcheck={false} autocapitalize="off" />
      </label>
      <label class="label">
        Type
        <select
          class="field"
          value={type}
          onChange={({ currentTarget }) => setType(currentTarget.value as Type)}
        >
          {TYPES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      {fields[type].map(({ name, label, start }) => (
        <label class="label" key={`${type} ${name}`}>
          {label}
          <input class="field mono" name={name} defaultValue={start} spellcheck={false} />
        </label>
      ))}
    </Dialog>
  )
}
