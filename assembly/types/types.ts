// Registers every value type; once, when the engine boots.

import { Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";

export function bootTypes(): void {
  Types.register(Type.STRING, "string");
}
