// Sorted sets; those that hold places are drawn as a map, too.

import { useState } from 'preact/hooks'
import { call, callBytes } from '../store/store.ts'
import { escaped } from '../ui/format.ts'
import { Cell } from './cell.tsx'
import { Add, type EditorProps, Table, useValue } from './elements.tsx'
import { type Place, PlaceMap } from './place-map.tsx'
import { Segments } from './segments.tsx'

/** Geohashes have 52 bits: scores that are whole and that large are hardly anything else. */
const looksLikePlaces = (scores: number[]) =>
  scores.length > 0 && scores.every((score) => Number.isInteger(score) && score > 2 ** 44)

export function SortedSetEditor(props: EditorProps) {
  const { name } = props
  const [view, setView] = useState<'Places' | 'Scores'>()
  const { value, more } = useValue(props, async (limit) => {
    const [pairs, total] = await Promise.all([
      callBytes('ZRANGE', name, 0, limit - 1, 'WITHSCORES') as Promise<[Uint8Array, number][]>,
      call('ZCARD', name) as Promise<number>,
    ])
    const isGeo = looksLikePlaces(pairs.map(([, score]) => score))
    return { pairs, total, isGeo, places: isGeo ? await placesOf(name, pairs) : [] }
  })
  if (!value) return null
  const { pairs, total, isGeo, places } = value
  const shown = view ?? (isGeo ? 'Places' : 'Scores')
  const rename = async (from: Uint8Array, to: string, score: number) => {
    await call('ZADD', name, score, to)
    await call('ZREM', name, from)
  }
  const remove = (member: Uint8Array | string) => () => call('ZREM', name, member)
  return (
    <>
      {isGeo && (
        <Segments
          label="View"
          options={['Places', 'Scores']}
          chosen={shown}
          onChoose={(choice) => setView(choice as 'Places')}
        />
      )}
      {shown === 'Places' ? (
        <>
          <PlaceMap places={places} />
          <Table
            head={['Place', 'Longitude', 'Latitude']}
            total={total}
            onMore={more}
            rows={places.map(({ member, longitude, latitude }) => ({
              key: member,
              cells: [
                <span class="value mono">{member}</span>,
                <Cell
                  value={bytesOf(longitude.toFixed(4))}
                  label={`Longitude of ${member}`}
                  onSave={(text) => call('GEOADD', name, 'XX', text, latitude, member)}
                />,
                <Cell
                  value={bytesOf(latitude.toFixed(4))}
                  label={`Latitude of ${member}`}
                  onSave={(text) => call('GEOADD', name, 'XX', longitude, text, member)}
                />,
              ],
              onDelete: remove(member),
            }))}
          />
          <Add
            action="Add"
            fields={[
              { name: 'member', label: 'Place' },
              { name: 'longitude', label: 'Longitude', isNumber: true },
              { name: 'latitude', label: 'Latitude', isNumber: true },
            ]}
            onAdd={(given) =>
              call('GEOADD', name, given('longitude'), given('latitude'), given('member'))
            }
          />
        </>
      ) : (
        <>
          <Table
            head={['Score', 'Member']}
            total={total}
            onMore={more}
            rows={pairs.map(([member, score]) => ({
              key: escaped(member),
              cells: [
                <Cell
                  value={bytesOf(String(score))}
                  label={`Score of ${escaped(member)}`}
                  onSave={(text) => call('ZADD', name, text, member)}
                />,
                <Cell
                  value={member}
                  label="Member"
                  onSave={(text) => rename(member, text, score)}
                />,
              ],
              onDelete: remove(member),
            }))}
          />
          <Add
            action="Add"
            fields={[
              { name: 'score', label: 'Score', isNumber: true },
              { name: 'member', label: 'Member' },
            ]}
            onAdd={(given) => call('ZADD', name, given('score'), given('member'))}
          />
        </>
      )}
    </>
  )
}

const bytesOf = (text: string) => new TextEncoder().encode(text)

async function placesOf(name: string, pairs: [Uint8Array, number][]): Promise<Place[]> {
  const members = pairs.map(([member]) => member)
  const found = (await call('GEOPOS', name, ...members)) as ([number, number] | null)[]
  return found.flatMap((at, i) =>
    at ? [{ member: escaped(members[i]!), longitude: at[0], latitude: at[1] }] : [],
  )
}
