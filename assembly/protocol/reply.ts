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

import { Double } from "../algorithms/double";
import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Stats } from "../memory/stats";

const CRLF: u16 = 0x0a0d;
/** Bytes at the end of each segment that only `close` of a mark may use. */
const SLACK: u32 = 16;
const LARGE: u32 = 65536;
const SMALL: u32 = 1024;
/** Bulk strings below this are written in one piece. */
const SHORT: u32 = 64;
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
  private static touched: Reply | null = null;
  private static held: Reply | null = null;
  /** `(reply)`: some of its bytes may leave now. */
  static openedHook: u32 = 0;

  /** Turns it on or off; what was written before is not held back by turning it on. */
  static turn(on: bool): void {
    if (Gate.isOn == on) return;
    Gate.isOn = on;
    if (!on) Gate.open();
  }

  static touch(reply: Reply): void {
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
    let kept: Reply | null = null;
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
  static forget(reply: Reply): void {
    if (reply.gateState & TOUCHED) {
      let before: Reply | null = null;
      let at = Gate.touched;
      while (at && at != reply) {
        before = at;
        at = at.nextTouched;
      }
      if (before) before.nextTouched = reply.nextTouched;
      else Gate.touched = reply.nextTouched;
    }
    if (reply.gateState & HELD) {
      let before: Reply | null = null;
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


@unmanaged
export class Reply {
  private cursor: usize;
  private limit: usize;
  private head: Segment | null;
  private tail: Segment | null;
  /** Bytes of all segments, as the output limits count them. */
  outputMemory: u32;
  /** 2 or 3. */
  protocol: u32;
  /** Error replies written so far, wrapping. */
  errors: u32;
  /** Whether the gate keeps this reply in one of its lists. */
  gateState: u32;
  nextTouched: Reply | null;
  nextHeld: Reply | null;
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

  initReply(): void {
    this.cursor = 0;
    this.limit = 0;
    this.head = null;
    this.tail = null;
    this.outputMemory = 0;
    this.protocol = 2;
    this.errors = 0;
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


  @inline get isResp3(): bool {
    return this.protocol == 3;
  }

  // ── writing ────────────────────────────────────────────────────────────────────────────────

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
    if (length >= SINK_MAX && !this.fits(length)) return;
    memory.copy(this.reserve(length), pointer, length);
    this.advance(length);
  }

  /** ASCII text as it is. */
  text(text: string): void {
    this.advance(Bytes.put(this.reserve(<u32>text.length), text));
  }


  @inline ok(): void {
    const at = this.reserve(5);
    store<u32>(at, 0x0d4b4f2b); // +OK\r
    store<u8>(at, 0x0a, 4);
    this.advance(5);
  }

  /** A simple string. */
  status(text: string): void {
    const length = <u32>text.length;
    const at = this.reserve(length + 3);
    store<u8>(at, 43);
    Bytes.put(at + 1, text);
    store<u16>(at + length, CRLF, 1);
    this.advance(length + 3);
  }

  /** An error, with its code: `ERR syntax error`. */
  error(text: string): void {
    const length = <u32>text.length;
    const at = this.reserve(length + 3);
    store<u8>(at, 45);
    Bytes.put(at + 1, text);
    store<u16>(at + length, CRLF, 1);
    this.advance(length + 3);
    this.countError(at + 1, length);
  }

  /** An error whose text is in memory; line breaks in it become spaces. */
  errorBytes(pointer: usize, length: u32): void {
    const at = this.reserve(length + 3);
    store<u8>(at, 45);
    for (let i: u32 = 0; i < length; i++) {
      const char = load<u8>(pointer + i);
      store<u8>(at + i, char == 13 || char == 10 ? 32 : char, 1);
    }
    store<u16>(at + length, CRLF, 1);
    this.advance(length + 3);
    this.countError(at + 1, length);
  }

  integer(value: i64): void {
    this.number(58, value);
  }

  /** A type byte, a number and the line's end: the header of everything with a length. */
  number(kind: u32, value: i64): void {
    const at = this.reserve(24);
    store<u8>(at, kind);
    if (<u64>value < 10) {
      store<u8>(at, 48 + <u32>value, 1);
      store<u16>(at, CRLF, 2);
      this.advance(4);
      return;
    }
    const length = Integer.format(value, at + 1);
    store<u16>(at + length, CRLF, 1);
    this.advance(length + 3);
  }

  bulk(pointer: usize, length: u32): void {
    if (length < SHORT) {
      const at = this.reserve(SHORT + 8);
      const start = at + Reply.shortHeader(at, length);
      Bytes.copy(start, pointer, length);
      store<u16>(start + length, CRLF);
      return this.advance(<u32>(start - at) + length + 2);
    }
    if (length >= SINK_MAX && !this.fits(length)) return;
    this.number(36, length);
    const at = this.reserve(length + 2);
    memory.copy(at, pointer, length);
    store<u16>(at + length, CRLF);
    this.advance(length + 2);
  }


  @inline slice(slice: Slice): void {
    this.bulk(slice.ptr, slice.len);
  }

  bulkText(text: string): void {
    this.number(36, text.length);
    this.text(text);
    this.text("\r\n");
  }

  bulkInteger(value: i64): void {
    const at = this.reserve(32);
    const start = at + Reply.shortHeader(at, Integer.length(value));
    const length = Integer.format(value, start);
    store<u16>(start + length, CRLF);
    this.advance(<u32>(start - at) + length + 2);
  }

  /** Writes `$length` with its line end for a length below 100; how long that is. */
  @inline private static shortHeader(at: usize, length: u32): u32 {
    if (length < 10) {
      store<u32>(at, 0x0a0d3024 + (length << 8));
      return 4;
    }
    const tens = (length * 205) >> 11;
    store<u32>(at, 0x0d303024 + (tens << 8) + ((length - tens * 10) << 16));
    store<u8>(at, 0x0a, 4);
    return 5;
  }

  /** A verbatim string in RESP3, a bulk string in RESP2. `format` has three letters. */
  verbatim(format: string, pointer: usize, length: u32): void {
    if (this.protocol == 2) return this.bulk(pointer, length);
    this.number(61, length + 4);
    this.text(format);
    this.text(":");
    this.raw(pointer, length);
    this.text("\r\n");
  }

  /** A missing value. */
  @inline nil(): void {
    this.text(this.protocol == 3 ? "_\r\n" : "$-1\r\n");
  }

  /** A missing array. */
  @inline nilArray(): void {
    this.text(this.protocol == 3 ? "_\r\n" : "*-1\r\n");
  }


  @inline boolean(value: bool): void {
    if (this.protocol == 3) this.text(value ? "#t\r\n" : "#f\r\n");
    else this.integer(value ? 1 : 0);
  }

  /** A double in RESP3, a bulk string in RESP2. */
  double(value: f64): void {
    if (this.protocol == 3) {
      const at = this.reserve(40);
      store<u8>(at, 44);
      const length = Double.format(value, at + 1);
      store<u16>(at + length, CRLF, 1);
      this.advance(length + 3);
      return;
    }
    const at = this.reserve(48);
    const length = Double.format(value, at + 5);
    // The text was written behind the longer of the two headers.
    if (length < 10) v128.store(at, v128.load(at, 5), 4);
    const header = Reply.shortHeader(at, length);
    store<u16>(at + header + length, CRLF);
    this.advance(header + length + 2);
  }


  @inline array(count: u32): void {
    this.number(42, count);
  }

  /** `pairs` keys and values follow. */
  @inline map(pairs: u32): void {
    if (this.protocol == 3) this.number(37, pairs);
    else this.number(42, (<i64>pairs) << 1);
  }


  @inline set(count: u32): void {
    this.number(this.protocol == 3 ? 126 : 42, count);
  }

  /** Something that answers no command. */
  @inline push(count: u32): void {
    this.number(this.protocol == 3 ? 62 : 42, count);
  }


  @inline emptyArray(): void {
    this.text("*0\r\n");
  }

  // ── lengths known late ─────────────────────────────────────────────────────────────────────

  /** Leaves a place for the header of an array, map or set whose length is not known yet. */
  mark(): u64 {
    const at = this.reserve(24);
    store<u32>(at, 0x0a0d302a); // *0\r\n
    this.advance(4);
    const tail = changetype<usize>(this.tail);
    return ((<u64>tail) << 32) | (at - tail);
  }


  @inline closeArray(mark: u64, count: u32): void {
    this.close(mark, 42, count);
  }


  @inline closeMap(mark: u64, pairs: u32): void {
    if (this.protocol == 3) this.close(mark, 37, pairs);
    else this.close(mark, 42, (<u64>pairs) << 1);
  }


  @inline closeSet(mark: u64, count: u32): void {
    this.close(mark, this.protocol == 3 ? 126 : 42, count);
  }


  @inline closePush(mark: u64, count: u32): void {
    this.close(mark, this.protocol == 3 ? 62 : 42, count);
  }

  /** Writes the header at a mark; what stands behind it in the same segment moves up by its extra digits. */
  private close(mark: u64, kind: u32, count: u64): void {
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
      const header = Reply.newSegment(32);
      store<u8>(header.bytes, kind);
      const digits = Integer.format(count, header.bytes + 1);
      store<u16>(header.bytes + digits, CRLF, 1);
      header.end = digits + 3;
      header.gate = segment.gate;
      const moved = Reply.newSegment(length);
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
      Reply.totalMemory -= behind.size;
      Heap.free(changetype<usize>(behind));
      behind = next;
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
      if (segment == this.tail) return 0;
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

  /** Whether anything waits, also behind the gate. */
  get hasOutput(): bool {
    const head = this.head;
    if (!head) return false;
    if (head == this.tail) this.settle();
    return head.end > head.start || head.next != null;
  }

  /** Bytes that wait, in all segments. */
  get waiting(): u32 {
    if (this.tail) this.settle();
    let total: u32 = 0;
    let segment = this.head;
    while (segment) {
      total += segment.end - segment.start;
      segment = segment.next;
    }
    return total;
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
  disposeReply(): void {
    Gate.forget(this);
    while (this.head) this.dropHead();
  }


  @inline private settle(): void {
    const tail = changetype<Segment>(this.tail);
    tail.end = <u32>(this.cursor - tail.bytes);
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
    if (!Reply.sink)
      Reply.sink = changetype<usize>(Reply.newSegment(LARGE - offsetof<Segment>() - SLACK));
    const sink = changetype<Segment>(Reply.sink);
    sink.next = null;
    this.tail = sink;
    this.cursor = sink.bytes;
    this.limit = sink.bytes + sink.size;
    call_indirect<void>(Reply.overflowHook, changetype<usize>(this));
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
    if (
      Reply.running == changetype<usize>(this) &&
      size <= LARGE - offsetof<Segment>() - SLACK &&
      !isGated
    ) {
      const spare = Reply.spare;
      if (spare) {
        segment = changetype<Segment>(spare);
        Reply.spare = 0;
        segment.next = null;
        segment.start = 0;
        segment.end = 0;
      } else {
        segment = Reply.newSegment(LARGE - offsetof<Segment>() - SLACK);
      }
    } else {
      segment = Reply.newSegment(
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
    if (tail) call_indirect<void>(Reply.growthHook, changetype<usize>(this));
    if (wasEmpty && Reply.running != changetype<usize>(this))
      call_indirect<void>(Reply.pendingHook, changetype<usize>(this));
  }

  /** Whether the last of its bytes wait for the log. */
  get isHeld(): bool {
    const tail = this.tail;
    return Gate.isOn && tail != null && tail.gate > Gate.released;
  }

  /** What the batch wrote depends on the log as it is now; what follows begins in a segment of its own. */
  gateHere(): void {
    let segment = this.batchFirst;
    const gate = Gate.passes ? this.gateBefore(segment) : Gate.logEnd;
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
    Reply.totalMemory -= segment.size;
    if (!Reply.spare && segment.size == LARGE - offsetof<Segment>() - SLACK)
      Reply.spare = changetype<usize>(segment);
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
    Reply.totalMemory += segment.size;
  }

  private countError(pointer: usize, length: u32): void {
    this.errors++;
    Stats.errorReplies++;
    ErrorStats.count(pointer, length);
  }
}

/** Error replies by their code, as INFO errorstats shows them. */
export class ErrorStats {
  /** `(pointer, length)`: set by the table of error codes; 0 until it exists. */
  static hook: u32 = 0;


  @inline static count(pointer: usize, length: u32): void {
    if (ErrorStats.hook) call_indirect<void>(ErrorStats.hook, pointer, length);
  }
}
