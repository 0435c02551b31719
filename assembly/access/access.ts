// The door of this room: what the engine boots, and what others ask.

import { AccessGate } from "./gate";
import { Login } from "./login";
import { Users } from "./users";

/** Once, when the engine boots. */
export function bootAccess(): void {
  Users.boot();
  AccessGate.boot();
  Login.boot();
}
