// MULTI: the queue of a session.
//
//   session.transaction ─► Queue { first, last, count, bytes }
//                            │
//                            ▼
//   QueuedCommand: next │ number │ argc │ (address, length) × argc │ bytes of the arguments …
//
// Arguments are copied, since the input they stand in is gone when EXEC comes.

import { CommandInfo, Flag } from "./info";
import { Known } from "./known";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Session, SessionFlag } from "../sessions/session";
import { Watches } from "../sessions/watches";


@unmanaged
export class QueuedCommand {
  next: QueuedCommand | null;
  info: CommandInfo;
  argc: i32;
  private unused: u32;


  @inline get argv(): usize {
    return changetype<usize>(this) + offsetof<QueuedCommand>();
  }
}


@unmanaged
export class Queue {
  first: QueuedCommand | null;
  private last: QueuedCommand | null;
  count: u32;
  bytes: u32;
  /** Whether any of the commands may write. */
  writes: bool;
  /** Whether any of them may need more memory. */
  grows: bool;

  static of(session: Session): Queue {
    return changetype<Queue>(session.transaction);
  }

  /** Whether a command waits for EXEC. */
  @inline static takes(session: Session, info: CommandInfo): bool {
    if (!session.has(SessionFlag.MULTI) || session.has(SessionFlag.IN_EXEC)) return false;
    const number = <i32>info.number;
    return (
      number != Known.exec &&
      number != Known.discard &&
      number != Known.multi &&
      number != Known.watch &&
      number != Known.quit &&
      number != Known.reset
    );
  }

  static begin(session: Session): void {
    const queue = changetype<Queue>(Heap.alloc(offsetof<Queue>()));
    memory.fill(changetype<usize>(queue), 0, offsetof<Queue>());
    session.transaction = changetype<usize>(queue);
    session.add(SessionFlag.MULTI);
  }

  /** Copies a command to the end. */
  push(info: CommandInfo, argv: usize, argc: i32): void {
    let bytes: usize = offsetof<QueuedCommand>() + ((<usize>argc) << 3);
    for (let i = 0; i < argc; i++) bytes += changetype<Slice>(argv + (i << 3)).len;
    // A name may be read 16 bytes on.
    const queued = changetype<QueuedCommand>(Heap.alloc(bytes + 16));
    queued.next = null;
    queued.info = info;
    queued.argc = argc;
    let to = queued.argv + ((<usize>argc) << 3);
    for (let i = 0; i < argc; i++) {
      const from = changetype<Slice>(argv + (i << 3));
      const slice = changetype<Slice>(queued.argv + (i << 3));
      slice.ptr = <u32>to;
      slice.len = from.len;
      memory.copy(to, from.ptr, from.len);
      to += from.len;
    }
    const last = this.last;
    if (last) last.next = queued;
    else this.first = queued;
    this.last = queued;
    if (info.has(Flag.WRITE | Flag.MAY_REPLICATE)) this.writes = true;
    if (info.has(Flag.DENYOOM)) this.grows = true;
    this.count++;
    this.bytes += <u32>bytes;
  }

  dispose(): void {
    let queued = this.first;
    while (queued) {
      const next = queued.next;
      Heap.free(changetype<usize>(queued));
      queued = next;
    }
    Heap.free(changetype<usize>(this));
  }

  /** Ends a session's MULTI: the queue and the watches go. */
  static discard(session: Session): void {
    if (session.transaction) {
      Queue.of(session).dispose();
      session.transaction = 0;
    }
    session.drop(SessionFlag.MULTI | SessionFlag.EXEC_ABORTED);
    Watches.clear(session);
  }
}
