// Registers every value type; once, when the engine boots.

import { Type } from "../keyspace/entry";
import { Detached } from "../keyspace/detached";
import { Types } from "../keyspace/types";
import { registerHash } from "./hash";
import { registerSet } from "./set";
import { registerList } from "./list";
import { registerSortedSet } from "./sorted-set";
import { registerHashRdb } from "./hash-rdb";
import { registerListRdb } from "./list-rdb";
import { registerSetRdb } from "./set-rdb";
import { registerSortedSetRdb } from "./sorted-set-rdb";
import { registerStringRdb } from "./string-rdb";
import { registerStream } from "./stream";
import { registerStreamRdb } from "./stream-rdb";

export function bootTypes(): void {
  Detached.boot();
  Types.register(Type.STRING, "string");
  registerHash();
  registerSet();
  registerList();
  registerSortedSet();
  registerStringRdb();
  registerListRdb();
  registerSetRdb();
  registerSortedSetRdb();
  registerHashRdb();
  registerStream();
  registerStreamRdb();
}
