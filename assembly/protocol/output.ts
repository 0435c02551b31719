// The replies of one session: a queue of segments that leave in order, and a writer at its end.
//
//   head ─► segment ─► segment ─► segment ◄─ tail          one segment:
//           sending              ▲  ▲                      0      4       8     12     16        24
//           (pinned)        cursor  limit                  ├──────┼───────┼─────┼──────┼─────────┼───────
//                                                          │ next │ start │ end │ size │ gate    │ bytes …
//                                                          └──────┴───────┴─────┴──────┴─────────┴───────
//
// The session that is being fed writes into one large segment, which is handed from session to
// session while it is hot in the cache: a host that sends at once never makes the engine allocate.
// Pushes to other sessions begin in small segments. A segment stays in place until the host says
// that its bytes have left. `gate` is the offset of the effects log that its bytes depend on.

import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Stats } from "../memory/stats";

const CRLF: u16 = 0x0a0d;
/** Bytes at the end of each segment that only `close` of a mark may use. */
const SLACK: u32 = 16;
const LARGE: u32 = 65536;
const SMALL: u32 = 1024;
const MIDDLE: u32 = 16384;
/** Pieces below this always find a place, even when there is no memory. */
const SINK_MAX: u32 = LARGE - 1024;


@unmanaged
class Segment {
  next: Segment | null;
  /** Bytes that have left already. */
  start: u32;
  end: u32;
  /** Bytes it has room for, SLACK not counted. */
  size: u32;
  gate: u64;


  @inline get bytes(): usize {
    return changetype<usize>(this) + offsetof<Segment>();
  }
}

/**
 * The output gate: what depends on the log beyond `released` waits.
 *
 * While it is on, no segment is written to in two batches. What a batch writes, to whomever, begins in
 * segments of its own; when the batch ends they get the end of the log as their gate. Replies that
 * have one join the list of those held, so that a release looks at no others.
 */
export class Gate {
  static isOn: bool = false;
  /** The disk takes nothing: what is written from now on does not wait for it. */
  static passes: bool = false;
  static released: u64 = 0;
  /** The end of the log, in bytes. */
  static logEnd: u64 = 0;
  /** Replies that were written to in this batch, and replies with bytes behind the gate. */
  private static touched: Output | null = null;
  private static held: Output | null = null;
  /** `(reply)`: some of its bytes may leave now. */
  static openedHook: u32 = 0;

  /** Turns it on or off; what was written before is not held back by turning it on. */
  static turn(on: bool): void {
    if (Gate.isOn == on) return;
    Gate.isOn = on;
    if (!on) Gate.open();
  }

  static touch(reply: Output): void {
    if (reply.gateState & TOUCHED) return;
    reply.gateState |= TOUCHED;
    reply.nextTouched = Gate.touched;
    Gate.touched = reply;
  }

  /** The batch ends: what it wrote depends on the log as it is now. */
  static endBatch(): void {
    let reply = Gate.touched;
    Gate.touched = null;
    while (reply) {
      const next = reply.nextTouched;
      reply.gateState &= ~TOUCHED;
      reply.gateHere();
      if (!(reply.gateState & HELD) && reply.isHeld) {
        reply.gateState |= HELD;
        reply.nextHeld = Gate.held;
        Gate.held = reply;
      }
      reply = next;
    }
  }

  /** The log is safe further on, or the gate was turned off: hands out whose bytes may leave. */
  static open(): void {
    let reply = Gate.held;
    let kept: Output | null = null;
    while (reply) {
      const next = reply.nextHeld;
      if (reply.isHeld) {
        reply.nextHeld = kept;
        kept = reply;
      } else {
        reply.gateState &= ~HELD;
      }
      if (reply.sendableLength()) call_indirect<void>(Gate.openedHook, changetype<usize>(reply));
      reply = next;
    }
    Gate.held = kept;
  }

  /** A reply goes. */
  static forget(reply: Output): void {
    if (reply.gateState & TOUCHED) {
      let before: Output | null = null;
      let at = Gate.touched;
      while (at && at != reply) {
        before = at;
        at = at.nextTouched;
      }
      if (before) before.nextTouched = reply.nextTouched;
      else Gate.touched = reply.nextTouched;
    }
    if (reply.gateState & HELD) {
      let before: Output | null = null;
      let at = Gate.held;
      while (at && at != reply) {
        before = at;
        at = at.nextHeld;
      }
      if (before) before.nextHeld = reply.nextHeld;
      else Gate.held = reply.nextHeld;
    }
    reply.gateState &= EXEMPT;
  }
}

// Bits of `gateState`.
const TOUCHED: u32 = 1;
const HELD: u32 = 2;
const EXEMPT: u32 = 4;

const LARGE_SIZE: u32 = LARGE - offsetof<Segment>() - SLACK;


@unmanaged
export class Output {
  private cursor: usize;
  private limit: usize;
  private head: Segment | null;
  private tail: Segment | null;
  /** Bytes of all segments, as the output limits count them. */
  outputMemory: u32;
  /** Whether the gate keeps this reply in one of its lists. */
  gateState: u32;
  nextTouched: Output | null;
  nextHeld: Output | null;
  /** The first segment of the running batch, while it is touched. */
  private batchFirst: Segment | null;
  /** There was no memory for its output. */
  private isOverflown: bool;

  /** The session whose command runs: it writes into the large segment. */
  static running: usize = 0;
  /** One large segment that is ready for the next `feed`. */
  private static spare: usize = 0;
  /** Called with the session when its queue was empty and is not any more. */
  static pendingHook: u32 = 0;
  /** Called with a session that there is no memory to answer. */
  static overflowHook: u32 = 0;
  private static sink: usize = 0;
  /** Called with a session whose queue has grown by one more segment. */
  static growthHook: u32 = 0;
  /** Bytes in all queues. */
  static totalMemory: u64 = 0;
  /** Where the bytes lie that `takeWhole` has taken. */
  static takenAt: usize = 0;

  initOutput(): void {
    this.cursor = 0;
    this.limit = 0;
    this.head = null;
    this.tail = null;
    this.outputMemory = 0;
    this.gateState = 0;
    this.nextTouched = null;
    this.nextHeld = null;
    this.batchFirst = null;
    this.isOverflown = false;
  }

  /** It does not wait for the log: nobody outside this process reads it. */
  exemptFromGate(): void {
    this.gateState |= EXEMPT;
  }

  /** Room for `size` more bytes in one piece: where to write them. `advance` then says how many there are. */
  @inline reserve(size: u32): usize {
    if (this.cursor + size > this.limit) this.addSegment(size);
    return this.cursor;
  }


  @inline advance(size: u32): void {
    this.cursor += size;
  }

  /** Bytes as they are. */
  raw(pointer: usize, length: u32): void {
    if (!this.hasRoomFor(length)) return;
    memory.copy(this.reserve(length), pointer, length);
    this.advance(length);
  }

  /** ASCII text as it is. */
  text(text: string): void {
    this.advance(Bytes.put(this.reserve(<u32>text.length), text));
  }

  // ── places that are filled later ───────────────────────────────────────────────────────────

  /** Leaves a place for the header of an array, map or set whose length is not known yet. */
  mark(): u64 {
    const at = this.reserve(24);
    store<u32>(at, 0x0a0d302a); // *0\r\n
    this.advance(4);
    const tail = changetype<usize>(this.tail);
    return ((<u64>tail) << 32) | (at - tail);
  }

  /** Writes the header at a mark; what stands behind it in the same segment moves up by its extra digits. */
  protected close(mark: u64, kind: u32, count: u64): void {
    const segment = changetype<Segment>(<usize>(mark >> 32));
    const at = changetype<usize>(segment) + <u32>mark;
    store<u8>(at, kind);
    if (count < 10) {
      store<u8>(at, 48 + <u32>count, 1);
      return;
    }
    const isTail = segment == this.tail;
    const end = isTail ? this.cursor : segment.bytes + segment.end;
    const extra = Integer.digits(count) - 1;
    const behind = at + 4;
    if (end + extra > segment.bytes + segment.size + SLACK) {
      // No room left here: header and what stands behind the mark move into segments of their own.
      const length = <u32>(end - behind);
      const header = Output.newSegment(32);
      store<u8>(header.bytes, kind);
      const digits = Integer.format(count, header.bytes + 1);
      store<u16>(header.bytes + digits, CRLF, 1);
      header.end = digits + 3;
      header.gate = segment.gate;
      const moved = Output.newSegment(length);
      memory.copy(moved.bytes, behind, length);
      moved.end = length;
      moved.gate = segment.gate;
      moved.next = segment.next;
      header.next = moved;
      segment.next = header;
      segment.end = <u32>(at - segment.bytes);
      this.account(header);
      this.account(moved);
      if (isTail) {
        this.tail = moved;
        this.cursor = moved.bytes + length;
        this.limit = moved.bytes + moved.size;
      }
      return;
    }
    memory.copy(behind + extra, behind, end - behind);
    const digits = Integer.format(count, at + 1);
    store<u16>(at + digits, CRLF, 1);
    if (isTail) this.cursor += extra;
    else segment.end += extra;
  }

  /** What is written from now on, until `endDrop`, can be dropped again. */
  beginDrop(): u64 {
    this.reserve(1);
    return ((<u64>changetype<usize>(this.tail)) << 32) | this.cursor;
  }

  /** Drops what was written since `beginDrop`. */
  endDrop(mark: u64): void {
    const segment = changetype<Segment>(<usize>(mark >> 32));
    let behind = segment.next;
    segment.next = null;
    this.tail = segment;
    this.cursor = <usize>(mark & 0xffffffff);
    this.limit = segment.bytes + segment.size;
    while (behind) {
      const next = behind.next;
      this.outputMemory -= behind.size;
      Output.totalMemory -= behind.size;
      Heap.free(changetype<usize>(behind));
      behind = next;
    }
  }

  /** How many bytes were written since `beginDrop`. */
  lengthSince(mark: u64): u32 {
    this.settle();
    const first = changetype<Segment>(<usize>(mark >> 32));
    let total: u32 = <u32>(first.bytes + first.end - <usize>(mark & 0xffffffff));
    let segment = first.next;
    while (segment) {
      total += segment.end;
      segment = segment.next;
    }
    return total;
  }

  /** Where those bytes are, if they lie in one piece; else 0. */
  placeSince(mark: u64): usize {
    return <usize>(mark >> 32) == changetype<usize>(this.tail) ? <usize>(mark & 0xffffffff) : 0;
  }

  /** Copies those bytes. */
  copySince(mark: u64, target: usize): void {
    let segment: Segment | null = changetype<Segment>(<usize>(mark >> 32));
    let from = <usize>(mark & 0xffffffff);
    while (segment) {
      const length = segment.bytes + segment.end - from;
      memory.copy(target, from, length);
      target += length;
      segment = segment.next;
      if (segment) from = segment.bytes;
    }
  }

  // ── the queue ──────────────────────────────────────────────────────────────────────────────

  /** Bytes of the first segment that may be sent now; `sendable` is their address. */
  sendableLength(): u32 {
    let segment = this.head;
    while (segment) {
      if (segment == this.tail) this.settle();
      if (segment.end > segment.start) {
        return Gate.isOn && segment.gate > Gate.released ? 0 : segment.end - segment.start;
      }
      // Empty because a reply was dropped: it must go, so that the next output is told to the host.
      if (segment == this.tail && this.batchFirst) return 0;
      this.dropHead();
      segment = this.head;
    }
    return 0;
  }


  @inline get sendable(): usize {
    const head = changetype<Segment>(this.head);
    return head.bytes + head.start;
  }

  /** The host has sent so many bytes of the first segment. */
  sent(length: u32): void {
    const segment = this.head;
    if (!segment) return;
    Stats.outputBytes += length;
    Stats.writes++;
    segment.start += length;
    if (segment == this.tail) this.settle();
    if (segment.start >= segment.end) this.dropHead();
  }

  /**
   * Takes all output out at once, if it lies in the large segment alone: its bytes stay as they are until something is
   * written there again. How many they are, and in `takenAt` where; 0: they must leave one segment after another.
   */
  takeWhole(): u32 {
    const segment = changetype<Segment>(this.head);
    if (segment != this.tail || segment.size != LARGE_SIZE || Output.spare) return 0;
    const length = segment.end - segment.start;
    Output.takenAt = segment.bytes + segment.start;
    Stats.outputBytes += length;
    Stats.writes++;
    this.dropHead();
    return length;
  }


  @inline get hasOutput(): bool {
    return this.head != null;
  }

  /** Bytes of all segments; the large one that is handed around counts as far as it is filled. */
  get heldOutput(): u32 {
    const head = this.head;
    if (!head || head != this.tail || head.size != LARGE_SIZE) return this.outputMemory;
    return <u32>(this.cursor - head.bytes) - head.start;
  }

  /** Segments that wait. */
  get segments(): u32 {
    let total: u32 = 0;
    let segment = this.head;
    while (segment) {
      total++;
      segment = segment.next;
    }
    return total;
  }

  /** Drops everything. */
  disposeOutput(): void {
    Gate.forget(this);
    while (this.head) this.dropHead();
  }


  @inline private settle(): void {
    const tail = changetype<Segment>(this.tail);
    tail.end = <u32>(this.cursor - tail.bytes);
  }

  /** Whether a piece can be written: a short one always can. */
  @inline protected hasRoomFor(length: u32): bool {
    return length < SINK_MAX || this.fits(length);
  }

  /** Whether a long piece can be written; if there is no memory for it, the output ends here. */
  private fits(length: u32): bool {
    if (!this.isOverflown && Heap.hasRoom(<u64>length + LARGE)) return true;
    if (!this.isOverflown) this.overflow();
    return false;
  }

  /**
   * There is no memory for more output: the session must go. What is still written goes into a segment that
   * nobody sends; what waits stays, since some of it may be on its way.
   */
  private overflow(): void {
    if (this.tail && !this.isOverflown) this.settle();
    this.isOverflown = true;
    if (!Output.sink) Output.sink = changetype<usize>(Output.newSegment(LARGE_SIZE));
    const sink = changetype<Segment>(Output.sink);
    sink.next = null;
    this.tail = sink;
    this.cursor = sink.bytes;
    this.limit = sink.bytes + sink.size;
    call_indirect<void>(Output.overflowHook, changetype<usize>(this));
  }

  private addSegment(size: u32): void {
    if (this.isOverflown || !(size > LARGE ? Heap.hasRoom(<u64>size + LARGE) : Heap.hasReserve)) {
      return this.overflow();
    }
    const wasEmpty = this.head == null;
    const tail = this.tail;
    if (tail) this.settle();
    let segment: Segment;
    const isGated = Gate.isOn && !(this.gateState & EXEMPT);
    if (Output.running == changetype<usize>(this) && size <= LARGE_SIZE && !isGated) {
      const spare = Output.spare;
      if (spare) {
        segment = changetype<Segment>(spare);
        Output.spare = 0;
        segment.next = null;
        segment.start = 0;
        segment.end = 0;
      } else {
        segment = Output.newSegment(LARGE_SIZE);
      }
    } else {
      segment = Output.newSegment(
        max(
          size,
          (isGated ? this.batchFirst : tail) != null
            ? MIDDLE - offsetof<Segment>() - SLACK
            : SMALL - offsetof<Segment>() - SLACK,
        ),
      );
    }
    segment.gate = 0;
    if (isGated) {
      if (!this.batchFirst) this.batchFirst = segment;
      Gate.touch(this);
    }
    if (tail) tail.next = segment;
    else this.head = segment;
    this.tail = segment;
    this.cursor = segment.bytes;
    this.limit = segment.bytes + segment.size;
    this.account(segment);
    if (tail) call_indirect<void>(Output.growthHook, changetype<usize>(this));
    if (wasEmpty && Output.running != changetype<usize>(this))
      call_indirect<void>(Output.pendingHook, changetype<usize>(this));
  }

  /** Whether the last of its bytes wait for the log. */
  get isHeld(): bool {
    const tail = this.tail;
    return Gate.isOn && tail != null && tail.gate > Gate.released;
  }

  /** What the batch wrote depends on the log as it is now; what follows begins in a segment of its own. */
  gateHere(): void {
    this.stamp(Gate.passes ? this.gateBefore(this.batchFirst) : Gate.logEnd);
  }

  /** What the batch wrote here does not depend on what it logs. */
  passGate(): void {
    this.stamp(this.gateBefore(this.batchFirst));
  }

  /** Whether some of its bytes wait for the end of the batch to get their gate. */
  @inline get isUngated(): bool {
    return this.batchFirst != null;
  }

  private stamp(gate: u64): void {
    let segment = this.batchFirst;
    this.batchFirst = null;
    while (segment) {
      segment.gate = gate;
      segment = segment.next;
    }
    this.limit = this.cursor;
  }

  /** The gate of what stands in front of a segment. */
  private gateBefore(segment: Segment | null): u64 {
    let gate: u64 = 0;
    let at = this.head;
    while (at && at != segment) {
      gate = at.gate;
      at = at.next;
    }
    return gate;
  }

  private dropHead(): void {
    const segment = changetype<Segment>(this.head);
    this.head = segment.next;
    if (!segment.next) {
      this.tail = null;
      this.cursor = 0;
      this.limit = 0;
    }
    this.outputMemory -= segment.size;
    Output.totalMemory -= segment.size;
    if (!Output.spare && segment.size == LARGE_SIZE) Output.spare = changetype<usize>(segment);
    else Heap.free(changetype<usize>(segment));
  }

  private static newSegment(size: u32): Segment {
    const segment = changetype<Segment>(Heap.alloc(offsetof<Segment>() + size + SLACK));
    segment.next = null;
    segment.start = 0;
    segment.end = 0;
    segment.size = <u32>Heap.sizeOf(changetype<usize>(segment)) - offsetof<Segment>() - SLACK;
    segment.gate = 0;
    return segment;
  }


  @inline private account(segment: Segment): void {
    this.outputMemory += segment.size;
    Output.totalMemory += segment.size;
  }
}
