// Registers every value type; once, when the engine boots.

import { Type } from "../keyspace/entry";
import { Detached } from "../keyspace/detached";
import { Types } from "../keyspace/types";
import { registerHash } from "./hash";
import { registerSet } from "./set";
import { registerList } from "./list";
import { registerSortedSet } from "./sorted-set";

export function bootTypes(): void {
  Detached.boot();
  Types.register(Type.STRING, "string");
  registerHash();
  registerSet();
  registerList();
  registerSortedSet();
}
