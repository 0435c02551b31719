/** Scripts for the geo commands. */
import type { Case } from '../script.ts'
import { FLOATS, INTEGERS, ONE_OF_EACH, OTHER_TYPES, each, lines, words } from '../values.ts'

const SICILY =
  'GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 13.583333 37.316667 Agrigento 12.758489 38.788135 edge1 17.241510 38.788135 edge2'
const POLES = 'GEOADD poles 0 85 n 0 -85 s 180 0 e -180 0 w 179.9 10 near -179.9 10 over 0 0 zero'
const UNITS = words('m km ft mi M Km FT mI cm "" x')
const OPTIONS = words('WITHDIST WITHHASH WITHCOORD')

const ON_OTHER_TYPES = lines(`
  GEOADD % 1 1 a
  GEOADD % 200 1 a
  GEODIST % a b
  GEODIST % a b x
  GEOHASH % a
  GEOHASH %
  GEOPOS % a
  GEOPOS %
  GEOSEARCH % FROMMEMBER a BYRADIUS 1 km
  GEOSEARCH % FROMLONLAT 0 0 BYRADIUS 1 km
  GEOSEARCH % FROMLONLAT 0 0 BYRADIUS 1 x
  GEOSEARCHSTORE out % FROMLONLAT 0 0 BYRADIUS 1 km
  GEORADIUS % 0 0 1 km
  GEORADIUS % 0 0 1 x
  GEORADIUS % 0 0 1 km STORE out
  GEORADIUS_RO % 0 0 1 km
  GEORADIUSBYMEMBER % a 1 km
  GEORADIUSBYMEMBER % a x km
  GEORADIUSBYMEMBER_RO % a 1 km
`)

export const cases: readonly Case[] = [
  {
    name: 'GEOADD, GEOPOS, GEOHASH and GEODIST',
    commands: `
      ${SICILY}
      ${SICILY}
      ${POLES}
      GEOADD sicily NX 1 1 Palermo 2 2 new
      GEOADD sicily XX CH 1 1 Palermo 2 2 absent
      GEOADD sicily CH 13.361389 38.115556 Palermo
      GEOADD sicily NX XX 1 1 a
      GEOADD sicily nx ch 1 1 a
      GEOADD sicily 1 1
      GEOADD sicily NX CH CH
      GEOADD sicily 1 1 a 2
      GEOADD sicily GT 1 1 a
      GEOADD sicily 1 1 a 181 0 b
      GEOADD sicily 180.0000001 0 b
      GEOADD sicily 0 85.05112879 b
      GEOADD sicily 0 85.05112878 limit -180 -85.05112878 corner
      GEOADD none XX 1 1 a
      EXISTS none
      ${each('GEOADD k % 1 m', FLOATS)}
      ${each('GEOADD k 1 % m', FLOATS)}
      GEOADD k 1e300 -1e300 m
      GEOPOS sicily Palermo Catania Agrigento limit corner none
      GEOPOS poles n s e w zero near over
      GEOPOS none a
      GEOPOS sicily
      GEOHASH sicily Palermo Catania Agrigento limit corner none
      GEOHASH poles n s e w zero
      GEOHASH none a
      GEOHASH sicily
      ZRANGE sicily 0 -1 WITHSCORES
      ZRANGE poles 0 -1 WITHSCORES
      ${each('GEODIST sicily Palermo Catania %', UNITS)}
      GEODIST sicily Palermo Catania
      GEODIST sicily Palermo Palermo
      GEODIST sicily Palermo none
      GEODIST sicily none Palermo
      GEODIST none a b
      GEODIST sicily Palermo Catania km x
      GEODIST sicily Palermo
      GEODIST poles n s
      GEODIST poles e w
      GEODIST poles near over km
      ZADD odd -1 minus 1e18 big 0.5 half inf infinite
      GEOPOS odd minus big half
      GEOHASH odd minus big half
      GEODIST odd half big
    `,
  },
  {
    name: 'GEOSEARCH',
    commands: `
      ${SICILY}
      ${POLES}
      ${UNITS.map((unit) => each(`GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS % ${unit} ASC WITHDIST\nGEOSEARCH sicily FROMLONLAT 15 37 BYBOX % % ${unit} ASC WITHDIST`, [0, 200, 400, 100000])).join('\n')}
      ${OPTIONS.map((option) => each(`GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 200 km ASC ${option} %`, OPTIONS)).join('\n')}
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 500 km DESC WITHDIST WITHHASH WITHCOORD
      GEOSEARCH sicily FROMMEMBER Palermo BYRADIUS 200 km ASC
      GEOSEARCH sicily FROMMEMBER none BYRADIUS 200 km ASC
      GEOSEARCH sicily FROMMEMBER Palermo BYBOX 400 100 km ASC WITHDIST
      ${each('GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 500 km ASC COUNT %', INTEGERS)}
      ${each('GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 500 km DESC COUNT %', [1, 2, 3])}
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 500 km COUNT 2
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 500 km COUNT 2 ANY
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 500 km COUNT 2 ANY ASC
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 500 km ANY
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 500 km
      ${each('GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS % km ASC', FLOATS)}
      ${each('GEOSEARCH sicily FROMLONLAT 15 37 BYBOX % 100 km ASC\nGEOSEARCH sicily FROMLONLAT 15 37 BYBOX 100 % km ASC', FLOATS)}
      ${each('GEOSEARCH sicily FROMLONLAT % 37 BYRADIUS 100 km ASC', FLOATS)}
      GEOSEARCH sicily FROMLONLAT 15 37
      GEOSEARCH sicily BYRADIUS 100 km ASC COUNT 1
      geoSearch sicily FROMLONLAT 15 37 ASC
      GEOSEARCH sicily FROMLONLAT 15 37 ASC COUNT 1
      GEOSEARCH sicily FROMLONLAT 15 37 FROMMEMBER Palermo BYRADIUS 1 km
      GEOSEARCH sicily FROMMEMBER Palermo FROMLONLAT 15 37 BYRADIUS 1 km
      GEOSEARCH sicily FROMMEMBER Palermo FROMMEMBER Catania BYRADIUS 1 km
      GEOSEARCH sicily FROMLONLAT 1 1 FROMLONLAT 15 37 BYRADIUS 100 km ASC
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 1 km BYBOX 1 1 km
      GEOSEARCH sicily FROMLONLAT 15 37 BYBOX 1 1 km BYRADIUS 1 km
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 1 km BYRADIUS 100 km ASC
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 1
      GEOSEARCH sicily FROMLONLAT 15
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 100 km STOREDIST
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 100 km STORE out
      GEOSEARCH none FROMMEMBER a BYRADIUS 1 km
      GEOSEARCH none FROMLONLAT 200 0 BYRADIUS 1 km
      GEOSEARCH none FROMMEMBER a BYRADIUS 1 km ANY
      GEOSEARCH none FROMMEMBER a
      ${each('GEOSEARCH poles FROMLONLAT % BYRADIUS 5000 km ASC WITHDIST', ['0 85', '0 -85', '180 0', '-180 0', '179.95 10', '0 0', '90 0'])}
      ${each('GEOSEARCH poles FROMLONLAT % BYBOX 4000 3000 km ASC WITHDIST', ['0 85', '0 -85', '180 0', '-180 0', '179.95 10', '0 0', '90 0'])}
      GEOSEARCH poles FROMLONLAT 0 0 BYRADIUS 11000 km ASC
      GEOSEARCH poles FROMLONLAT 0 0 BYBOX 30000 30000 km ASC
    `,
  },
  {
    name: 'GEORADIUS and GEORADIUSBYMEMBER',
    commands: `
      ${SICILY}
      GEORADIUS sicily 15 37 200 km ASC
      GEORADIUS sicily 15 37 200 km DESC WITHDIST WITHCOORD WITHHASH
      GEORADIUS sicily 15 37 200 km COUNT 1
      GEORADIUS sicily 15 37 200 km COUNT 1 ANY
      GEORADIUS sicily 15 37 200 km ANY
      GEORADIUS sicily 15 37 200 km COUNT 0
      GEORADIUS sicily 15 37 200
      GEORADIUS sicily 15 37 200 km FOO
      GEORADIUS sicily 15 37 200 km COUNT
      GEORADIUS sicily 15 37 -1 km
      GEORADIUS sicily 15 x 1 km
      GEORADIUS sicily 15 90 1 km
      GEORADIUS sicily 15 37 200 km BYRADIUS 1 km
      GEORADIUS sicily 15 37 200 km FROMMEMBER Palermo
      GEORADIUS sicily 15 37 200 km STORE out
      ZRANGE out 0 -1 WITHSCORES
      GEORADIUS sicily 15 37 200 km STOREDIST out
      ZCARD out
      GEORADIUS sicily 15 37 200 km STORE out STOREDIST out2 COUNT 1
      EXISTS out2
      GEORADIUS sicily 15 37 200 km STORE out WITHDIST
      GEORADIUS sicily 15 37 200 km STORE out WITHCOORD
      GEORADIUS sicily 15 37 200 km STORE
      GEORADIUS sicily 15 37 1 m STORE out
      EXISTS out
      GEORADIUS sicily 15 37 1 m STORE out
      GEORADIUS none 15 37 1 m STORE out
      SET out string
      GEORADIUS none 15 37 1 m STORE out
      EXISTS out
      GEORADIUS_RO sicily 15 37 200 km ASC WITHDIST
      GEORADIUS_RO sicily 15 37 200 km STORE out
      GEORADIUS_RO sicily 15 37 200 km STOREDIST out
      GEORADIUSBYMEMBER sicily Agrigento 100 km ASC
      GEORADIUSBYMEMBER sicily Agrigento 100 km DESC WITHDIST
      GEORADIUSBYMEMBER sicily none 100 km
      GEORADIUSBYMEMBER sicily Agrigento x km
      GEORADIUSBYMEMBER sicily Agrigento 100 x
      GEORADIUSBYMEMBER sicily Agrigento 100 km STORE out
      ZRANGE out 0 -1
      GEORADIUSBYMEMBER none a x x
      GEORADIUSBYMEMBER none a 1 km FOO
      GEORADIUSBYMEMBER none a 1 km STORE out
      GEORADIUSBYMEMBER_RO sicily Agrigento 100 km ASC
      GEORADIUSBYMEMBER_RO sicily Agrigento 100 km STORE out
    `,
  },
  {
    name: 'GEOSEARCHSTORE',
    commands: `
      ${SICILY}
      GEOSEARCHSTORE out sicily FROMLONLAT 15 37 BYRADIUS 200 km
      ZRANGE out 0 -1 WITHSCORES
      OBJECT ENCODING out
      GEOSEARCHSTORE out sicily FROMLONLAT 15 37 BYRADIUS 200 km ASC COUNT 1 STOREDIST
      ZCARD out
      GEOSEARCHSTORE out sicily FROMLONLAT 15 37 BYRADIUS 200 km WITHDIST
      GEOSEARCHSTORE out sicily FROMLONLAT 15 37 BYRADIUS 200 km WITHHASH STOREDIST
      GEOSEARCHSTORE out sicily FROMLONLAT 15 37
      GEOSEARCHSTORE out sicily BYRADIUS 200 km ASC ASC ASC
      GEOSEARCHSTORE out sicily FROMMEMBER none BYRADIUS 200 km
      GEOSEARCHSTORE out sicily FROMLONLAT 15 37 BYRADIUS 200 km STORE x
      GEOSEARCHSTORE out sicily FROMLONLAT 15 37 BYRADIUS 1 m
      EXISTS out
      SET out string
      GEOSEARCHSTORE out none FROMLONLAT 15 37 BYRADIUS 1 m
      EXISTS out
      GEOSEARCHSTORE sicily sicily FROMMEMBER Palermo BYBOX 10 10 km
      ZRANGE sicily 0 -1
    `,
  },
  {
    name: 'geo commands against other types and missing keys',
    commands: `${ONE_OF_EACH}
      ${[...OTHER_TYPES, 'str'].map((key) => ON_OTHER_TYPES.map((line) => line.replaceAll('%', key)).join('\n')).join(`\n${ONE_OF_EACH}\n`)}
      ${ON_OTHER_TYPES.map((line) => `${line.replaceAll('%', 'none')}\nDEL none`).join('\n')}`,
  },
  {
    name: 'keyspace events of geo sets',
    protocol: 2,
    commands: `
      CONFIG SET notify-keyspace-events KEA
      b> PSUBSCRIBE __key*__:*
      GEOADD g 1 1 a 2 2 b
      GEOADD g 1 1 a
      GEOADD g CH 3 3 a
      GEOSEARCHSTORE out g FROMMEMBER a BYRADIUS 1000 km
      GEORADIUS g 1 1 1000 km STORE out
      GEORADIUSBYMEMBER g a 1000 km STOREDIST out
      GEOSEARCHSTORE out g FROMLONLAT 50 50 BYRADIUS 1 m
      CONFIG SET notify-keyspace-events ""
    `,
  },
]
