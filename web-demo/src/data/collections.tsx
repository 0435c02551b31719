// Hashes, lists and sets.

import { useState } from 'preact/hooks'
import { type Argument, call, callBytes } from '../store/store.ts'
import { escaped } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Cell } from './cell.tsx'
import { Add, type EditorProps, Table, useValue } from './elements.tsx'
import { Left, LifetimeDialog } from './lifetime.tsx'

/** Gathers the elements that HSCAN or SSCAN finds until there are `limit` of them. */
async function scanned(command: string, name: string, limit: number, width: number) {
  const found: Uint8Array[] = []
  let cursor: Argument = '0'
  do {
    const reply = await callBytes(command, name, cursor, 'COUNT', 500)
    const [next, some] = reply as [Uint8Array, Uint8Array[]]
    found.push(...some)
    cursor = next
  } while (escaped(cursor) !== '0' && found.length < limit * width)
  return found.slice(0, limit * width)
}

/** When fields of a hash expire, in ms since 1970. */
async function endsOf(name: string, pairs: Uint8Array[][]): Promise<(number | undefined)[]> {
  if (pairs.length === 0) return []
  const fields = pairs.map(([field]) => field!)
  const times = await call('HPEXPIRETIME', name, 'FIELDS', fields.length, ...fields)
  return ((times ?? []) as number[]).map((time) => (time > 0 ? time : undefined))
}

function FieldEnd({ until }: { until: number | undefined }) {
  if (until === undefined) return null
  return (
    <span class="ttl numbers" title="Time to live">
      <Icon name="clock" />
      <Left until={until} />
    </span>
  )
}

export function HashEditor(props: EditorProps) {
  const { name } = props
  const { value, more } = useValue(props, async (limit) => {
    const [flat, total] = await Promise.all([
      scanned('HSCAN', name, limit, 2),
      call('HLEN', name) as Promise<number>,
    ])
    const pairs = Array.from({ length: flat.length / 2 }, (_, i) => flat.slice(2 * i, 2 * i + 2))
    pairs.sort(([a], [b]) => (escaped(a!) < escaped(b!) ? -1 : 1))
    return { pairs, total, ends: await endsOf(name, pairs) }
  })
  const [timed, setTimed] = useState<number>()
  if (!value) return null
  const field = timed === undefined ? undefined : value.pairs[timed]?.[0]
  return (
    <>
      <Table
        head={['Field', 'Value']}
        total={value.total}
        onMore={more}
        rows={value.pairs.map(([field, content], i) => ({
          key: escaped(field!),
          cells: [
            <>
              <Cell value={field!} label="Field" />
              <FieldEnd until={value.ends[i]} />
            </>,
            <Cell
              value={content!}
              label={escaped(field!)}
              onSave={(text) => call('HSET', name, field!, text)}
            />,
          ],
          actions: (
            <button
              class="button bare square"
              aria-label={`Time to live of ${escaped(field!)}`}
              title="Time to live"
              onClick={() => setTimed(i)}
            >
              <Icon name="clock" />
            </button>
          ),
          onDelete: () => call('HDEL', name, field!),
        }))}
      />
      <Add
        action="Set"
        fields={[
          { name: 'field', label: 'Field' },
          { name: 'value', label: 'Value' },
        ]}
        onAdd={(given) => call('HSET', name, given('field'), given('value'))}
      />
      {field && (
        <LifetimeDialog
          title={`Time to live of ${escaped(field)}`}
          what="field"
          until={value.ends[timed!]}
          onClose={() => setTimed(undefined)}
          onSet={(seconds) =>
            seconds
              ? call('HEXPIRE', name, seconds, 'FIELDS', 1, field)
              : call('HPERSIST', name, 'FIELDS', 1, field)
          }
        />
      )}
    </>
  )
}

export function ListEditor(props: EditorProps) {
  const { name } = props
  const { value, more } = useValue(props, async (limit) => {
    const [items, total] = await Promise.all([
      callBytes('LRANGE', name, 0, limit - 1) as Promise<Uint8Array[]>,
      call('LLEN', name) as Promise<number>,
    ])
    return { items, total }
  })
  /** Lists take elements out by value only: the place is marked first. */
  const removeAt = async (index: number) => {
    const mark = `removed:${Math.random()}`
    await call('LSET', name, index, mark)
    await call('LREM', name, 1, mark)
  }
  if (!value) return null
  return (
    <>
      <Table
        head={['Index', 'Element']}
        total={value.total}
        onMore={more}
        rows={value.items.map((item, i) => ({
          key: String(i),
          cells: [
            <span class="value mono soft">{i}</span>,
            <Cell
              value={item}
              label={`Element ${i}`}
              onSave={(text) => call('LSET', name, i, text)}
            />,
          ],
          onDelete: () => removeAt(i),
        }))}
      />
      <Add
        action="Push"
        fields={[{ name: 'value', label: 'New element' }]}
        onAdd={(given) => call(given('end'), name, given('value'))}
      >
        <select class="field narrow" name="end" aria-label="End of the list">
          <option value="RPUSH">at the tail</option>
          <option value="LPUSH">at the head</option>
        </select>
      </Add>
    </>
  )
}

export function SetEditor(props: EditorProps) {
  const { name } = props
  const { value, more } = useValue(props, async (limit) => {
    const [members, total] = await Promise.all([
      scanned('SSCAN', name, limit, 1),
      call('SCARD', name) as Promise<number>,
    ])
    members.sort((a, b) => (escaped(a) < escaped(b) ? -1 : 1))
    return { members, total }
  })
  const rename = async (from: Uint8Array, to: string) => {
    await call('SADD', name, to)
    await call('SREM', name, from)
  }
  if (!value) return null
  return (
    <>
      <Table
        head={['Member']}
        total={value.total}
        onMore={more}
        rows={value.members.map((member) => ({
          key: escaped(member),
          cells: [<Cell value={member} label="Member" onSave={(text) => rename(member, text)} />],
          onDelete: () => call('SREM', name, member),
        }))}
      />
      <Add
        action="Add"
        fields={[{ name: 'value', label: 'New member' }]}
        onAdd={(given) => call('SADD', name, given('value'))}
      />
    </>
  )
}
