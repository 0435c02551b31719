// Streams, the newest entry first.

import { useState } from 'preact/hooks'
import { call, callBytes } from '../store/store.ts'
import { escaped } from '../ui/format.ts'
import { givenIn } from '../ui/form.ts'
import { Icon } from '../ui/icon.tsx'
import { attempt } from '../ui/toast.tsx'
import { type EditorProps, Table, useValue } from './elements.tsx'

type Entry = [Uint8Array, Uint8Array[]]

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** When an entry was added, where its id tells a time at all. */
function time(id: string): string {
  const ms = Number(id.split('-')[0])
  return ms > 1e12 && ms < 1e13 ? clock.format(ms) : ''
}

export function StreamEditor(props: EditorProps) {
  const { name } = props
  const { value, more } = useValue(props, async (limit) => {
    const [entries, total, groups] = await Promise.all([
      callBytes('XREVRANGE', name, '+', '-', 'COUNT', limit) as Promise<Entry[]>,
      call('XLEN', name) as Promise<number>,
      call('XINFO', 'GROUPS', name) as Promise<{ [field: string]: string | number }[]>,
    ])
    return { entries, total, groups }
  })
  if (!value) return null
  return (
    <>
      {value.groups.length > 0 && (
        <p class="groups small soft">
          Groups:{' '}
          {value.groups.map((group) => (
            <span class="badge stream" key={group['name']}>
              {group['name']}, {group['pending']} pending
            </span>
          ))}
        </p>
      )}
      <Table
        head={['Entry', 'Fields']}
        total={value.total}
        onMore={more}
        rows={value.entries.map(([idBytes, flat]) => {
          const id = escaped(idBytes)
          return {
            key: id,
            cells: [
              <span class="value">
                <span class="mono">{id}</span>
                <span class="soft small when">{time(id)}</span>
              </span>,
              <dl class="value fields mono">
                {Array.from({ length: flat.length / 2 }, (_, i) => (
                  <div key={i}>
                    <dt>{escaped(flat[2 * i]!)}</dt>
                    <dd>{escaped(flat[2 * i + 1]!)}</dd>
                  </div>
                ))}
              </dl>,
            ],
            onDelete: () => call('XDEL', name, id),
          }
        })}
      />
      <AddEntry name={name} />
    </>
  )
}

function AddEntry({ name }: { name: string }) {
  const [count, setCount] = useState(1)
  return (
    <form
      class="add"
      onSubmit={(event) => {
        event.preventDefault()
        const form = event.currentTarget
        const given = givenIn(form)
        const pairs = Array.from({ length: count }, (_, i) => [
          given(`field${i}`),
          given(`value${i}`),
        ]).flat()
        attempt(async () => {
          await call('XADD', name, '*', ...pairs)
          form.reset()
          setCount(1)
        })
      }}
    >
      {Array.from({ length: count }, (_, i) => (
        <div class="row pair" key={i}>
          <input
            class="field mono"
            name={`field${i}`}
            placeholder="Field"
            aria-label={`Field ${i + 1}`}
            required
          />
          <input
            class="field mono"
            name={`value${i}`}
            placeholder="Value"
            aria-label={`Value ${i + 1}`}
            required
          />
        </div>
      ))}
      <button
        type="button"
        class="button square"
        aria-label="One more field"
        title="One more field"
        onClick={() => setCount(count + 1)}
      >
        <Icon name="plus" />
      </button>
      <button class="button">Append entry</button>
    </form>
  )
}
