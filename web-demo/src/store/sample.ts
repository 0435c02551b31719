// What a first visitor finds: a few keys of every type, on the theme of the name.

import { keep, kept } from '../ui/kept.ts'
import { type Argument, call } from './store.ts'

const MARK = 'wadi:welcome'

const forecast = {
  place: 'Wadi Rum',
  days: [
    { day: 'Mon', high: 31, low: 17, sky: 'clear' },
    { day: 'Tue', high: 33, low: 18, sky: 'clear' },
    { day: 'Wed', high: 29, low: 16, sky: 'dust' },
  ],
}

/** Commands that make the sample; `PFADD` and `SETBIT` in numbers that are worth a look. */
function commands(): Argument[][] {
  const visitors = Array.from({ length: 340 }, (_, i) => `visitor-${i}`)
  const rainy = [3, 4, 11, 12, 13, 27, 40, 41, 58, 59, 60, 88]
  return [
    ['SET', 'greeting', 'Marhaba! This value lives in your browser.'],
    ['SET', 'forecast', JSON.stringify(forecast)],
    ['SET', 'visits:today', 128],
    ['SET', 'session:5f1c', 'user=ada', 'EX', 1800],
    ['SET', 'session:9b2e', 'user=grace', 'EX', 7200],
    ['HSET', 'station:rum', 'temperature', '31.4', 'humidity', '12', 'wind', '18', 'sky', 'clear'],
    ['HSET', 'station:mujib', 'temperature', '27.9', 'humidity', '34', 'wind', '9', 'sky', 'haze'],
    ['HEXPIRE', 'station:mujib', 3600, 'FIELDS', 1, 'sky'],
    ['RPUSH', 'queue:permits', 'permit 1041: two tents', 'permit 1042: jeep', 'permit 1043: climb'],
    ['SADD', 'flora', 'acacia', 'white broom', 'tamarisk', 'oleander', 'date palm', 'rimth'],
    [
      'ZADD',
      'trail:longest',
      14.2,
      'Burdah arch',
      7.5,
      'Khazali canyon',
      36,
      'Lawrence spring',
      3.1,
      'Rum village loop',
    ],
    ['GEOADD', 'places', 35.4204, 29.5765, 'Wadi Rum', 35.5715, 31.4664, 'Wadi Mujib'],
    [
      'GEOADD',
      'places',
      35.4444,
      30.3285,
      'Petra',
      35.6197,
      30.6833,
      'Dana',
      35.0063,
      29.5267,
      'Aqaba',
    ],
    ...[
      ['ibex', 'Burdah', '2'],
      ['sand cat', 'Barra', '1'],
      ['griffon vulture', 'Rum', '5'],
      ['ibex', 'Khazali', '4'],
    ].map(([animal, at, count]) => [
      'XADD',
      'sightings',
      '*',
      'animal',
      animal!,
      'at',
      at!,
      'count',
      count!,
    ]),
    ['PFADD', 'visitors:unique', ...visitors],
    ...rainy.map((day) => ['SETBIT', 'days:rain', day, 1]),
    ['SETBIT', 'days:rain', 95, 0],
  ]
}

/** Adds the sample's keys; those of the same name are made anew. */
export async function addSample(): Promise<void> {
  const all = commands()
  await call('DEL', ...new Set(all.map(([, key]) => key!)))
  await Promise.all(all.map((command) => call(...command)))
}

/** Fills an empty store on the first visit. */
export async function welcome(): Promise<void> {
  if (kept(MARK)) return
  keep(MARK, 'done')
  if ((await call('DBSIZE')) === 0) await addSample()
}
