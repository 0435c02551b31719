// A consumer group of a stream: how far it has read, and what was delivered but not acknowledged yet.
//
// A group is an index of its pending ids; each pending entry says when it was delivered last, how often, and
// to whom. A consumer is an index of the ids among them that are its own. So the state of a pending
// entry is kept once, and what a consumer has is found in order without a look at the others'.
//
//   pending entry   0        8        16           24           32         36
//                   ├────────┼────────┼────────────┼────────────┼──────────┤
//                   │ ms     │ seq    │ time in ms │ deliveries │ consumer │
//                   └────────┴────────┴────────────┴────────────┴──────────┘
//
// Every pending entry has a consumer, and is in that consumer's index.

import { Heap } from "../memory/heap";
import { IdEntry } from "./id-node";
import { IdTree } from "./id-tree";
import { Named, Names } from "./named";

/** A counter or a time that cannot be told. */
export const NOT_KNOWN: i64 = -1;


@unmanaged
export class Pending extends IdEntry {
  /** When it was delivered last: unix time. */
  timeMs: i64;
  deliveries: i64;
  consumer: Consumer;
}


@unmanaged
export class Consumer extends Named {
  /** When it was last heard of, and when it last got or claimed something (-1: never): unix time. */
  seenMs: i64;
  activeMs: i64;
}


@unmanaged
export class Group extends Named {
  /** The index of consumers by name. */
  consumers: usize;
  /** The last id that was delivered. */
  lastMs: u64;
  lastSeq: u64;
  /** How many entries of the stream the group has gone past; -1 when that is not known. Wraps, as in Redis. */
  entriesRead: i64;

  /** The same for a command that sets it: a counter that has wrapped is not known. */
  get knownRead(): i64 {
    return max<i64>(this.entriesRead, -1);
  }

  static create(ptr: usize, len: u32, lastMs: u64, lastSeq: u64, entriesRead: i64): Group {
    const group = changetype<Group>(Named.create(offsetof<Group>(), offsetof<Pending>(), ptr, len));
    group.consumers = 0;
    group.lastMs = lastMs;
    group.lastSeq = lastSeq;
    group.entriesRead = entriesRead;
    return group;
  }

  // --- consumers ---

  @inline consumer(ptr: usize, len: u32): Consumer | null {
    return changetype<Consumer>(Names.find(this.consumers, ptr, len));
  }

  /** Adds a consumer, whose name must be new. */
  addConsumer(ptr: usize, len: u32, seenMs: i64, activeMs: i64): Consumer {
    this.touch();
    const consumer = changetype<Consumer>(
      Named.create(offsetof<Consumer>(), offsetof<IdEntry>(), ptr, len),
    );
    consumer.seenMs = seenMs;
    consumer.activeMs = activeMs;
    this.consumers = Names.add(this.consumers, consumer);
    return consumer;
  }

  /** Removes a consumer and all that it has pending; answers how many those were. */
  removeConsumer(consumer: Consumer): u32 {
    this.touch();
    consumer.touch();
    const pending = consumer.size;
    let leaf = consumer.first();
    while (leaf) {
      for (let i: u32 = 0; i < <u32>leaf.count; i++) {
        const entry = changetype<IdEntry>(leaf.at(i, offsetof<IdEntry>()));
        this.remove(entry.ms, entry.seq);
      }
      leaf = leaf.next;
    }
    this.consumers = Names.remove(this.consumers, consumer);
    consumer.clear(i32.MAX_VALUE);
    Heap.free(changetype<usize>(consumer));
    return pending;
  }

  // --- pending entries ---

  @inline pending(ms: u64, seq: u64): Pending | null {
    return changetype<Pending>(this.find(ms, seq));
  }

  /** Makes an entry pending for a consumer, whoever had it before, with its time and count. */
  assign(ms: u64, seq: u64, consumer: Consumer, timeMs: i64, deliveries: i64): Pending {
    const pending = changetype<Pending>(this.add(ms, seq));
    if (!IdTree.added) {
      IdTree.leaf.touch();
      const owner = pending.consumer;
      if (owner != consumer) {
        owner.remove(ms, seq);
        consumer.add(ms, seq);
      }
    } else {
      consumer.add(ms, seq);
    }
    pending.consumer = consumer;
    pending.timeMs = timeMs;
    pending.deliveries = deliveries;
    return pending;
  }

  /** Ends that an entry is pending; says whether it was. */
  acknowledge(ms: u64, seq: u64): bool {
    const pending = this.pending(ms, seq);
    if (!pending) return false;
    pending.consumer.remove(ms, seq);
    this.remove(ms, seq);
    return true;
  }

  // --- the whole group ---

  /** Bytes of all its blocks. */
  bytes(): usize {
    let sum =
      Heap.sizeOf(changetype<usize>(this)) + this.indexBytes() + Names.bytes(this.consumers);
    let place: u32 = 0;
    let consumer = Names.at(this.consumers, place);
    while (consumer) {
      sum += Heap.sizeOf(changetype<usize>(consumer)) + consumer.indexBytes();
      place = Names.step(this.consumers, place);
      consumer = Names.at(this.consumers, place);
    }
    return sum;
  }

  copy(): Group {
    const twin = Group.create(
      this.name,
      this.nameLength,
      this.lastMs,
      this.lastSeq,
      this.entriesRead,
    );
    let leaf = this.first();
    while (leaf) {
      for (let i: u32 = 0; i < <u32>leaf.count; i++) {
        const pending = leaf.at(i, offsetof<Pending>());
        const entry = changetype<IdEntry>(pending);
        memory.copy(twin.add(entry.ms, entry.seq), pending, offsetof<Pending>());
      }
      leaf = leaf.next;
    }
    let place: u32 = 0;
    let consumer = Names.at(this.consumers, place);
    while (consumer) {
      twin.copyConsumer(changetype<Consumer>(consumer));
      place = Names.step(this.consumers, place);
      consumer = Names.at(this.consumers, place);
    }
    return twin;
  }

  /** Copies a consumer of the group that this one is a copy of. */
  private copyConsumer(consumer: Consumer): void {
    const twin = this.addConsumer(
      consumer.name,
      consumer.nameLength,
      consumer.seenMs,
      consumer.activeMs,
    );
    let leaf = consumer.first();
    while (leaf) {
      for (let i: u32 = 0; i < <u32>leaf.count; i++) {
        const entry = changetype<IdEntry>(leaf.at(i, offsetof<IdEntry>()));
        twin.add(entry.ms, entry.seq);
        changetype<Pending>(this.find(entry.ms, entry.seq)).consumer = twin;
      }
      leaf = leaf.next;
    }
  }

  /** Frees about `work` of its blocks; answers what is left of `work`, or -1 while there is more. */
  releaseContents(work: i32): i32 {
    work = this.clear(work);
    while (this.consumers && work >= 0) {
      const consumer = Names.last(this.consumers);
      work = consumer.clear(work);
      if (work < 0) break;
      this.consumers = Names.remove(this.consumers, consumer);
      Heap.free(changetype<usize>(consumer));
      work--;
    }
    return this.consumers ? -1 : max(work, 0);
  }

  /** Frees the group itself, once its contents are released. */
  @inline free(): void {
    Heap.free(changetype<usize>(this));
  }
}
