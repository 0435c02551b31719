// A reply the way redis-cli writes it: numbered items, quoted texts.

import type { Reply as Value } from '../store/store.ts'
import { escaped, text } from '../ui/format.ts'

/** Items of one list that are shown; more are told by their number. */
const MOST_ITEMS = 500

export function Reply({ value }: { value: Value }) {
  if (value === null) return <span class="nil">(nil)</span>
  if (typeof value === 'boolean') return <span class="number">({String(value)})</span>
  if (typeof value === 'number' || typeof value === 'bigint') {
    const kind = typeof value === 'number' && !Number.isInteger(value) ? 'double' : 'integer'
    return (
      <span class="number">
        ({kind}) {String(value)}
      </span>
    )
  }
  if (typeof value === 'string') return <span class="status">{value}</span>
  if (value instanceof Uint8Array) return <Text value={value} />
  if (value instanceof Error) return <span class="error">(error) {value.message}</span>
  if (Array.isArray(value)) return <List items={value} />
  return <Pairs pairs={value instanceof Map ? [...value] : Object.entries(value)} />
}

function Text({ value }: { value: Uint8Array }) {
  const asText = text(value)
  // A page of text, as INFO answers, is easier to read as it is.
  if (asText !== undefined && asText.trim().split('\n').length > 2) {
    return <span class="page-of-text">{asText.replaceAll('\r', '')}</span>
  }
  return <span class="text">"{escaped(value)}"</span>
}

function List({ items }: { items: Value[] }) {
  if (items.length === 0) return <span class="nil">(empty array)</span>
  return (
    <span class="items">
      {items.slice(0, MOST_ITEMS).map((item, i) => (
        <span class="item" key={i}>
          <span class="index">{i + 1})</span>
          <Reply value={item} />
        </span>
      ))}
      <More count={items.length} />
    </span>
  )
}

function Pairs({ pairs }: { pairs: [Value, Value][] }) {
  if (pairs.length === 0) return <span class="nil">(empty hash)</span>
  return (
    <span class="items">
      {pairs.slice(0, MOST_ITEMS).map(([field, value], i) => (
        <span class="item" key={i}>
          <span class="index">{i + 1}#</span>
          <span class="pair">
            <Reply value={field} />
            <span class="index"> =&gt; </span>
            <Reply value={value} />
          </span>
        </span>
      ))}
      <More count={pairs.length} />
    </span>
  )
}

function More({ count }: { count: number }) {
  if (count <= MOST_ITEMS) return null
  return <span class="nil">… and {(count - MOST_ITEMS).toLocaleString('en')} more</span>
}
