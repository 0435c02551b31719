// The control block: numbers that the host and the engine leave for each other, so that a call
// across the boundary carries no more than it must. The layout is part of the ABI.

import { Clock } from "../memory/clock";

const block: usize = memory.data(128, 8);

/**
 *   0         8              16        20      24     28     32        40             48           56         60
 *   ├─────────┼──────────────┼─────────┼───────┼──────┼──────┼─────────┼──────────────┼────────────┼──────────┤
 *   │ wall µs │ monotonic µs │ address │ ready │ argc │ argv │ log end │ output bytes │ used bytes │ may wait │
 *   └─────────┴──────────────┴─────────┴───────┴──────┴──────┴─────────┴──────────────┴────────────┴──────────┘
 *
 *   60               64       72              76         80         88         92       96
 *   ├────────────────┼────────┼───────────────┼──────────┼──────────┼──────────┼────────┼───────┤
 *   │ snapshot state │ loaded │ output length │ database │ deadline │ settings │ asleep │ flags │
 *   └────────────────┴────────┴───────────────┴──────────┴──────────┴──────────┴────────┴───────┘
 */
@unmanaged
export class Control {
  wallUs: f64;
  monotonicUs: f64;
  address: u32;
  readyCount: u32;
  argc: u32;
  argv: u32;
  logEnd: f64;
  outputBytes: f64;
  usedBytes: f64;
  mayWait: u32;
  snapshotState: u32;
  /** Bytes of the file that is loaded which were read. */
  loaded: f64;
  outputLength: u32;
  /** The database of the host command that runs. */
  db: u32;
  /** When the next wait of a session is over, Unix time in ms; 0: no session waits with an end. */
  deadlineMs: f64;
  /** How many times CONFIG SET or ACL changed something. */
  settings: u32;
  /** Whether the last tick found that nothing will be due before a command comes. */
  asleep: u32;
  /** What `call` has answered. */
  flags: u32;


  @inline static get it(): Control {
    return changetype<Control>(block);
  }

  /** Takes over the time that the host has written. */
  @inline static readClock(): void {
    const wallUs = <i64>Control.it.wallUs;
    if (wallUs != Clock.nowUs) {
      Clock.nowUs = wallUs;
      Clock.nowMs = wallUs / 1000;
    }
    Clock.monotonicUs = Control.it.monotonicUs;
  }
}
