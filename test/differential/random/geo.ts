// Distances are not stored here: one in thousands differs in its last digit, since the sines are
// rounded correctly but for so many. Scripts store some that agree.
import type { Family } from './grammar.ts'
import { mostly, oneOf } from './terms.ts'

export const family: Family = {
  keys: ['o1', 'o2'],
  terms: {
    lon: mostly(({ random }) => random.between(-1790, 1790) / 10, oneOf('181', '-181', 'x', 'nan')),
    lat: mostly(({ random }) => random.between(-850, 850) / 10, oneOf('86', '-90', 'x', '')),
    place: oneOf('a', 'b', 'c', 'd', 'e', 'f'),
    distance: mostly(oneOf('100', '1000', '5000', '20000'), oneOf('-1', 'x', '0')),
    unit: mostly(oneOf('m', 'km', 'mi', 'ft'), oneOf('KM', 'x', '')),
  },
  forms: `
    5* GEOADD key (lon lat place)+
    2* GEOADD key {[NX|XX] [CH]} lon lat place
    3* GEODIST key place place [unit]
    2* GEOPOS key (place)+
    2* GEOHASH key (place)+
    4* GEOSEARCH key (FROMMEMBER place|FROMLONLAT lon lat) (BYRADIUS distance unit|BYBOX distance distance unit) (ASC|DESC) {[COUNT count] [WITHDIST] [WITHCOORD] [WITHHASH]}
    GEOSEARCHSTORE key key FROMMEMBER place BYRADIUS distance unit ASC [COUNT count]
    GEORADIUS key lon lat distance unit ASC {[WITHDIST] [WITHCOORD] [WITHHASH] [COUNT count]}
    GEORADIUSBYMEMBER key place distance unit ASC {[WITHDIST] [STORE key]}
    DEL key
  `,
}
