// A reply the way redis-cli writes it: numbered items, quoted texts.

import type { Reply as Value } from '../store/store.ts'
import { escaped, text } from '../ui/format.ts'

/** Items of one list that are shown; more are told by their number. */
const MOST_ITEMS = 500
/** Bytes of one text that are shown. */
const MOST_BYTES = 20_000

/** Commands whose numbers are scores: JavaScript does not tell 36 from 36.0. */
const SCORES =
  /^(Z(M?SCORE|INCRBY|RANGE|REVRANGE|(REV)?RANGEBYSCORE|DIFF|INTER|UNION|RANDMEMBER)|B?Z(POPM(IN|AX)|MPOP))$/

export const hasScores = (command: string): boolean => SCORES.test(command)

interface Props {
  value: Value
  /** Whether all numbers in it are doubles. */
  areDoubles?: boolean
}

export function Reply({ value, areDoubles = false }: Props) {
  if (value === null) return <span class="nil">(nil)</span>
  if (typeof value === 'boolean') return <span class="number">({String(value)})</span>
  if (typeof value === 'number' || typeof value === 'bigint') {
    const isDouble = areDoubles || (typeof value === 'number' && !Number.isInteger(value))
    return (
      <span class="number">
        ({isDouble ? 'double' : 'integer'}) {String(value)}
      </span>
    )
  }
  if (typeof value === 'string') return <span class="status">{value}</span>
  if (value instanceof Uint8Array) return <Text value={value} />
  if (value instanceof Error) return <span class="error">(error) {value.message}</span>
  if (Array.isArray(value)) return <List items={value} areDoubles={areDoubles} />
  return <Pairs pairs={value instanceof Map ? [...value] : Object.entries(value)} />
}

function Text({ value }: { value: Uint8Array }) {
  if (value.length > MOST_BYTES) return <LongText value={value} />
  const asText = text(value)
  // A page of text, as INFO answers, is easier to read as it is.
  if (asText !== undefined && asText.trim().split('\n').length > 2) {
    return <span class="page-of-text">{asText.replaceAll('\r', '')}</span>
  }
  return <span class="text">"{escaped(value)}"</span>
}

/** The beginning of a text that would keep the page from moving. */
function LongText({ value }: { value: Uint8Array }) {
  let end = MOST_BYTES
  // A character of several bytes stays in one piece, if it is one.
  for (let most = 3; most > 0 && (value[end]! & 0xc0) === 0x80; most--) end--
  return (
    <>
      <span class="text">"{escaped(value.subarray(0, end))}</span>
      <span class="nil"> … and {(value.length - end).toLocaleString('en')} bytes more</span>
    </>
  )
}

function List({ items, areDoubles }: { items: Value[]; areDoubles: boolean }) {
  if (items.length === 0) return <span class="nil">(empty array)</span>
  return (
    <span class="items">
      {items.slice(0, MOST_ITEMS).map((item, i) => (
        <span class="item" key={i}>
          <span class="index">{i + 1})</span>
          <Reply value={item} areDoubles={areDoubles} />
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
