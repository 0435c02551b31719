// Publish and subscribe: which sessions hear which channels, shard channels and patterns.
//
//   topics (table by kind + name) ─► Topic ─► Subscription ─► Subscription    in order of subscribing
//                                               │                │
//   session.subscriptions ──────────────────────┴► …                          the session's own
//
//   links (table by topic + session) ─► Subscription       finds one without walking either list
//
// Patterns are in a list besides, since a message is matched against each of them.

import { Glob } from "../algorithms/glob";
import { Integer } from "../algorithms/integer";
import { SipHash } from "../algorithms/siphash";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Table } from "../structures/table";
import { Reply } from "../protocol/reply";
import { Session, SessionFlag } from "./session";

/** What a topic is. */
export const enum TopicKind {
  CHANNEL = 0,
  PATTERN = 1,
  SHARD = 2,
  COUNT = 3,
}

/** A channel or pattern that someone has subscribed to. Its key is its kind, a byte, and its name. */
@unmanaged
export class Topic {
  first: Subscription | null;
  last: Subscription | null;
  count: u32;
  keyLen: u32;
  /** The list of all topics of a kind. */
  previous: Topic | null;
  next: Topic | null;


  @inline get keyPtr(): usize {
    return changetype<usize>(this) + offsetof<Topic>();
  }


  @inline get kind(): u32 {
    return load<u8>(this.keyPtr);
  }


  @inline get namePtr(): usize {
    return this.keyPtr + 1;
  }


  @inline get nameLen(): u32 {
    return this.keyLen - 1;
  }
}

/** One session's interest in one topic. Its key is the pair (topic, session). */
@unmanaged
export class Subscription {
  topic: Topic;
  session: Session;
  previousOfTopic: Subscription | null;
  nextOfTopic: Subscription | null;
  previousOfSession: Subscription | null;
  nextOfSession: Subscription | null;


  @inline get keyPtr(): usize {
    return changetype<usize>(this);
  }


  @inline get keyLen(): u32 {
    return 8;
  }
}

/** What a session keeps: its subscriptions, in order, and how many of each kind. */
@unmanaged
export class Subscriber {
  first: Subscription | null;
  last: Subscription | null;
  channels: u32;
  patterns: u32;
  shards: u32;


  @inline count(kind: u32): u32 {
    return load<u32>(changetype<usize>(this) + (kind << 2), offsetof<Subscriber>("channels"));
  }


  @inline add(kind: u32, by: i32): void {
    const at = changetype<usize>(this) + (kind << 2);
    store<u32>(
      at,
      load<u32>(at, offsetof<Subscriber>("channels")) + by,
      offsetof<Subscriber>("channels"),
    );
  }
}

const pair: usize = memory.data(8, 8);
const firstTopics: usize = memory.data(12, 4);
const topicCounts: usize = memory.data(12, 4);

export class Subscriptions {
  private static topicTable: usize = 0;
  private static linkTable: usize = 0;

  static boot(): void {
    Subscriptions.topicTable = changetype<usize>(Table.create<Topic>());
    Subscriptions.linkTable = changetype<usize>(Table.create<Subscription>());
  }


  @inline private static get topics(): Table<Topic> {
    return changetype<Table<Topic>>(Subscriptions.topicTable);
  }


  @inline private static get links(): Table<Subscription> {
    return changetype<Table<Subscription>>(Subscriptions.linkTable);
  }

  /** The first topic of a kind; `next` leads on. */
  @inline static firstTopic(kind: u32): Topic | null {
    return changetype<Topic | null>(<usize>load<u32>(firstTopics + (kind << 2)));
  }
  /** Topics of a kind. */
  @inline static topicCount(kind: u32): u32 {
    return load<u32>(topicCounts + (kind << 2));
  }

  /** The topic of that name, or null. */
  static find(kind: u32, name: usize, length: u32): Topic | null {
    if (!Subscriptions.topicCount(kind)) return null;
    const key = Heap.alloc(length + 1);
    store<u8>(key, kind);
    memory.copy(key + 1, name, length);
    const topic = Subscriptions.topics.find(key, length + 1, SipHash.hash(key, length + 1));
    Heap.free(key);
    return topic;
  }

  private static link(topic: Topic, session: Session): Subscription | null {
    store<u32>(pair, <u32>changetype<usize>(topic));
    store<u32>(pair, <u32>changetype<usize>(session), 4);
    return Subscriptions.links.find(pair, 8, SipHash.hash(pair, 8));
  }

  /** How many subscriptions of a kind a session has. */
  static countOf(session: Session, kind: u32): u32 {
    return session.subscriptions ? changetype<Subscriber>(session.subscriptions).count(kind) : 0;
  }

  /** Channels and patterns: what SUBSCRIBE and PSUBSCRIBE reply as the count. */
  static plainCount(session: Session): u32 {
    return (
      Subscriptions.countOf(session, TopicKind.CHANNEL) +
      Subscriptions.countOf(session, TopicKind.PATTERN)
    );
  }

  /** Subscribes a session; whether it was not subscribed before. */
  static add(session: Session, kind: u32, name: usize, length: u32): bool {
    let topic = Subscriptions.find(kind, name, length);
    if (topic && Subscriptions.link(topic, session)) return false;
    if (!topic) topic = Subscriptions.createTopic(kind, name, length);
    const subscription = changetype<Subscription>(Heap.alloc(offsetof<Subscription>()));
    subscription.topic = topic;
    subscription.session = session;
    subscription.nextOfTopic = null;
    subscription.previousOfTopic = topic.last;
    if (topic.last) changetype<Subscription>(topic.last).nextOfTopic = subscription;
    else topic.first = subscription;
    topic.last = subscription;
    topic.count++;
    const subscriber = Subscriptions.subscriberOf(session);
    subscription.nextOfSession = null;
    subscription.previousOfSession = subscriber.last;
    if (subscriber.last) changetype<Subscription>(subscriber.last).nextOfSession = subscription;
    else subscriber.first = subscription;
    subscriber.last = subscription;
    subscriber.add(kind, 1);
    session.keptBytes += bytesOf(topic);
    Subscriptions.links.insert(subscription, SipHash.hash(subscription.keyPtr, 8));
    session.add(SessionFlag.SUBSCRIBED);
    return true;
  }

  /** Ends one subscription; whether there was one. */
  static remove(session: Session, kind: u32, name: usize, length: u32): bool {
    const topic = Subscriptions.find(kind, name, length);
    if (!topic) return false;
    const subscription = Subscriptions.link(topic, session);
    if (!subscription) return false;
    Subscriptions.drop(subscription);
    return true;
  }

  /** The session's first subscription of a kind, or null. */
  static firstOf(session: Session, kind: u32): Subscription | null {
    if (!Subscriptions.countOf(session, kind)) return null;
    let at = changetype<Subscriber>(session.subscriptions).first;
    while (at) {
      if (at.topic.kind == kind) return at;
      at = at.nextOfSession;
    }
    return null;
  }

  /** Ends all subscriptions of a session without a word. */
  static clear(session: Session): void {
    if (!session.subscriptions) return;
    let at = changetype<Subscriber>(session.subscriptions).first;
    while (at) {
      const next = at.nextOfSession;
      Subscriptions.drop(at);
      at = next;
    }
    Heap.free(session.subscriptions);
    session.subscriptions = 0;
  }

  static drop(subscription: Subscription): void {
    const topic = subscription.topic;
    const session = subscription.session;
    const subscriber = changetype<Subscriber>(session.subscriptions);
    Subscriptions.links.remove(subscription.keyPtr, 8, SipHash.hash(subscription.keyPtr, 8));
    const before = subscription.previousOfTopic;
    const behind = subscription.nextOfTopic;
    if (before) before.nextOfTopic = behind;
    else topic.first = behind;
    if (behind) behind.previousOfTopic = before;
    else topic.last = before;
    const previous = subscription.previousOfSession;
    const next = subscription.nextOfSession;
    if (previous) previous.nextOfSession = next;
    else subscriber.first = next;
    if (next) next.previousOfSession = previous;
    else subscriber.last = previous;
    subscriber.add(topic.kind, -1);
    session.keptBytes -= bytesOf(topic);
    Heap.free(changetype<usize>(subscription));
    if (!subscriber.first) session.drop(SessionFlag.SUBSCRIBED);
    if (--topic.count == 0) Subscriptions.removeTopic(topic);
  }

  private static subscriberOf(session: Session): Subscriber {
    if (!session.subscriptions) {
      session.subscriptions = Heap.alloc(offsetof<Subscriber>());
      memory.fill(session.subscriptions, 0, offsetof<Subscriber>());
    }
    return changetype<Subscriber>(session.subscriptions);
  }

  private static createTopic(kind: u32, name: usize, length: u32): Topic {
    const topic = changetype<Topic>(Heap.alloc(offsetof<Topic>() + 1 + length));
    topic.first = null;
    topic.last = null;
    topic.count = 0;
    topic.keyLen = length + 1;
    store<u8>(topic.keyPtr, kind);
    memory.copy(topic.namePtr, name, length);
    const slot = firstTopics + (kind << 2);
    const next = changetype<Topic | null>(<usize>load<u32>(slot));
    topic.previous = null;
    topic.next = next;
    if (next) next.previous = topic;
    store<u32>(slot, <u32>changetype<usize>(topic));
    store<u32>(topicCounts + (kind << 2), Subscriptions.topicCount(kind) + 1);
    Subscriptions.topics.insert(topic, SipHash.hash(topic.keyPtr, topic.keyLen));
    return topic;
  }

  /** Forgets a topic that nobody is subscribed to. */
  static removeTopic(topic: Topic): void {
    const kind = topic.kind;
    Subscriptions.topics.remove(
      topic.keyPtr,
      topic.keyLen,
      SipHash.hash(topic.keyPtr, topic.keyLen),
    );
    const previous = topic.previous;
    const next = topic.next;
    if (previous) previous.next = next;
    else store<u32>(firstTopics + (kind << 2), <u32>changetype<usize>(next));
    if (next) next.previous = previous;
    store<u32>(topicCounts + (kind << 2), Subscriptions.topicCount(kind) - 1);
    Heap.free(changetype<usize>(topic));
  }

  // ── messages ───────────────────────────────────────────────────────────────────────────────

  /** Sends a message to all who hear the channel; how many there were. */
  static publish(kind: u32, channel: usize, channelLen: u32, message: usize, messageLen: u32): u32 {
    let receivers: u32 = 0;
    // A message that there is no memory for reaches nobody.
    if (!Heap.hasRoom((<u64>channelLen + messageLen) * 2 + 65536)) return 0;
    const topic = Subscriptions.find(kind, channel, channelLen);
    if (topic) {
      Message.begin(kind == TopicKind.SHARD ? "smessage" : "message", 3, channelLen + messageLen);
      Message.bulk(channel, channelLen);
      Message.bulk(message, messageLen);
      receivers += Message.send(topic);
    }
    if (kind == TopicKind.SHARD || !Subscriptions.topicCount(TopicKind.PATTERN)) return receivers;
    let pattern = Subscriptions.firstTopic(TopicKind.PATTERN);
    while (pattern) {
      if (Glob.matches(pattern.namePtr, pattern.nameLen, channel, channelLen, false)) {
        Message.begin("pmessage", 4, pattern.nameLen + channelLen + messageLen);
        Message.bulk(pattern.namePtr, pattern.nameLen);
        Message.bulk(channel, channelLen);
        Message.bulk(message, messageLen);
        receivers += Message.send(pattern);
      }
      pattern = pattern.next;
    }
    return receivers;
  }
}

/** What a subscription takes, with a name that its session may be alone with. */
function bytesOf(topic: Topic): u32 {
  return offsetof<Subscription>() + offsetof<Topic>() + topic.keyLen;
}

/** A message in its wire form: made once, copied to each subscriber. RESP2 and RESP3 differ in the first byte. */
class Message {
  private static block: usize = 0;
  private static at: usize = 0;

  /** Begins a message of so many elements, the first of them `word`; `length` bytes of others follow. */
  static begin(word: string, elements: u32, length: u32): void {
    // A bulk string has at most 15 bytes beside its own.
    Message.block = Heap.alloc(64 + (elements << 4) + length);
    Message.at = Message.block;
    Message.header(elements);
    store<u8>(Message.at++, 36);
    Message.header(word.length);
    Message.at += Bytes.put(Message.at, word);
    Message.endLine();
  }

  static bulk(ptr: usize, len: u32): void {
    store<u8>(Message.at++, 36);
    Message.header(len);
    memory.copy(Message.at, ptr, len);
    Message.at += len;
    Message.endLine();
  }

  /** Copies it to all subscribers of a topic; how many there are. */
  static send(topic: Topic): u32 {
    const length = <u32>(Message.at - Message.block);
    let receivers: u32 = 0;
    let at = topic.first;
    while (at) {
      const reply = changetype<Reply>(Deferred.target(at.session));
      store<u8>(Message.block, reply.isResp3 ? 62 : 42);
      reply.raw(Message.block, length);
      receivers++;
      at = at.nextOfTopic;
    }
    Heap.free(Message.block);
    return receivers;
  }

  /** A number and the line's end; of the whole message, behind the byte for its kind. */
  private static header(value: u32): void {
    if (Message.at == Message.block) Message.at++;
    Message.at += Integer.formatUnsigned(value, Message.at);
    Message.endLine();
  }


  @inline private static endLine(): void {
    store<u16>(Message.at, 0x0a0d);
    Message.at += 2;
  }
}

/**
 * Pushes that a session causes to itself: they wait in an output of their own until its command has
 * replied, since a reply is never interrupted.
 */
export class Deferred {
  private static store: usize = 0;
  /** The session whose command runs; 0 between commands. */
  static running: usize = 0;
  static isWaiting: bool = false;
  /** The reply of the command will be dropped; what waits follows then. */
  static isHeld: bool = false;

  /** Where a push to this session is written. */
  @inline static target(session: Session): Reply {
    return changetype<usize>(session) == Deferred.running
      ? Deferred.aside(session)
      : changetype<Reply>(session);
  }

  private static aside(session: Session): Reply {
    if (!Deferred.store) {
      Deferred.store = Heap.alloc(offsetof<Session>());
      memory.fill(Deferred.store, 0, offsetof<Session>());
      changetype<Reply>(Deferred.store).initReply();
      changetype<Reply>(Deferred.store).exemptFromGate();
      // It never goes into the ready queue.
      changetype<Session>(Deferred.store).add(SessionFlag.IN_READY);
    }
    const reply = changetype<Reply>(Deferred.store);
    reply.protocol = session.protocol;
    Deferred.isWaiting = true;
    return reply;
  }

  /** The command has replied: what waited follows. */
  static flush(session: Session): void {
    const reply = changetype<Reply>(Deferred.store);
    Deferred.isWaiting = false;
    for (let length = reply.sendableLength(); length; length = reply.sendableLength()) {
      session.raw(reply.sendable, length);
      reply.sent(length);
    }
  }
}
