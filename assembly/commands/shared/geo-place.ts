// A place as replies show it: longitude and latitude as "%.17Lf" prints them, without zeros at the end.

import { Geohash } from "../../algorithms/geohash";
import { LongDouble } from "../../algorithms/long-double";
import { Reply } from "../../protocol/reply";

const number = changetype<LongDouble>(memory.data(LongDouble.SIZE, 8));
const text: usize = memory.data(48);

/** Replies the two coordinates of the place in a score. */
export function replyPlace(reply: Reply, score: f64): void {
  Geohash.decode(Geohash.ofScore(score));
  reply.array(2);
  replyCoordinate(reply, Geohash.longitude);
  replyCoordinate(reply, Geohash.latitude);
}

function replyCoordinate(reply: Reply, value: f64): void {
  number.setDouble(value);
  const length = number.format(text);
  if (!reply.isResp3) return reply.bulk(text, length);
  reply.text(",");
  reply.raw(text, length);
  reply.text("\r\n");
}
