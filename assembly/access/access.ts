// What the engine boots of this room.

import { AccessGate } from "./gate";
import { Login } from "./login";
import { Users } from "./users";

/** Once, when the engine boots. */
export function bootAccess(): void {
  Users.boot();
  AccessGate.boot();
  Login.boot();
}
