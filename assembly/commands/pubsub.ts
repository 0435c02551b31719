// Publish and subscribe.

import { Glob } from "../algorithms/glob";
import { Slice } from "../memory/slice";
import { SessionFlag } from "../sessions/session";
import { Subscriptions, Topic, TopicKind } from "../sessions/subscriptions";
import { Command } from "../execution/command";

/** SUBSCRIBE channel [channel …] → for each: subscribe, its name, the number of subscriptions. */
export function subscribe(cmd: Command): void {
  subscribeAll(cmd, TopicKind.CHANNEL, "subscribe");
}

/** PSUBSCRIBE pattern [pattern …] */
export function psubscribe(cmd: Command): void {
  subscribeAll(cmd, TopicKind.PATTERN, "psubscribe");
}

/** SSUBSCRIBE channel [channel …]: channels that belong to a hash slot. */
export function ssubscribe(cmd: Command): void {
  subscribeAll(cmd, TopicKind.SHARD, "ssubscribe");
}

/** UNSUBSCRIBE [channel …]: without a name, from all. */
export function unsubscribe(cmd: Command): void {
  unsubscribeAll(cmd, TopicKind.CHANNEL, "unsubscribe");
}

/** PUNSUBSCRIBE [pattern …] */
export function punsubscribe(cmd: Command): void {
  unsubscribeAll(cmd, TopicKind.PATTERN, "punsubscribe");
}

/** SUNSUBSCRIBE [channel …] */
export function sunsubscribe(cmd: Command): void {
  unsubscribeAll(cmd, TopicKind.SHARD, "sunsubscribe");
}

function subscribeAll(cmd: Command, kind: u32, word: string): void {
  // The older two are allowed in a transaction, though one reply to each command is expected there.
  if (kind == TopicKind.SHARD && cmd.session.has(SessionFlag.IN_EXEC)) {
    return cmd.fail("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
  }
  for (let i = 1; i < cmd.argc; i++) {
    const name = cmd.arg(i);
    Subscriptions.add(cmd.session, kind, name.ptr, name.len);
    tell(cmd, kind, word, name.ptr, name.len);
  }
}

function unsubscribeAll(cmd: Command, kind: u32, word: string): void {
  const session = cmd.session;
  if (cmd.argc > 1) {
    for (let i = 1; i < cmd.argc; i++) {
      const name = cmd.arg(i);
      Subscriptions.remove(session, kind, name.ptr, name.len);
      tell(cmd, kind, word, name.ptr, name.len);
    }
    return;
  }
  let subscription = Subscriptions.firstOf(session, kind);
  if (!subscription) {
    const reply = cmd.reply;
    reply.push(3);
    reply.bulkText(word);
    reply.nil();
    return reply.integer(counted(cmd, kind));
  }
  while (subscription) {
    // The name lives in the topic, which may go with its last subscription.
    const topic: Topic = subscription.topic;
    topic.count++;
    Subscriptions.drop(subscription);
    tell(cmd, kind, word, topic.namePtr, topic.nameLen);
    if (--topic.count == 0) Subscriptions.removeTopic(topic);
    subscription = Subscriptions.firstOf(session, kind);
  }
}

function tell(cmd: Command, kind: u32, word: string, name: usize, length: u32): void {
  const reply = cmd.reply;
  reply.push(3);
  reply.bulkText(word);
  reply.bulk(name, length);
  reply.integer(counted(cmd, kind));
}

function counted(cmd: Command, kind: u32): u32 {
  return kind == TopicKind.SHARD
    ? Subscriptions.countOf(cmd.session, TopicKind.SHARD)
    : Subscriptions.plainCount(cmd.session);
}

/** PUBLISH channel message → how many received it. */
export function publish(cmd: Command): void {
  sendTo(cmd, TopicKind.CHANNEL);
}

/** SPUBLISH channel message */
export function spublish(cmd: Command): void {
  sendTo(cmd, TopicKind.SHARD);
}

function sendTo(cmd: Command, kind: u32): void {
  const channel = cmd.arg(1);
  const message = cmd.arg(2);
  cmd.reply.integer(
    Subscriptions.publish(kind, channel.ptr, channel.len, message.ptr, message.len),
  );
}

/** PUBSUB CHANNELS [pattern] → the channels that someone hears. */
export function pubsubChannels(cmd: Command): void {
  replyTopics(cmd, TopicKind.CHANNEL);
}

/** PUBSUB SHARDCHANNELS [pattern] */
export function pubsubShardchannels(cmd: Command): void {
  replyTopics(cmd, TopicKind.SHARD);
}

function replyTopics(cmd: Command, kind: u32): void {
  if (cmd.argc > 3) return cmd.failArity();
  const pattern: Slice | null = cmd.argc == 3 ? cmd.arg(2) : null;
  const reply = cmd.reply;
  const mark = reply.mark();
  let count: u32 = 0;
  let topic = Subscriptions.firstTopic(kind);
  while (topic) {
    if (!pattern || Glob.matches(pattern.ptr, pattern.len, topic.namePtr, topic.nameLen, false)) {
      reply.bulk(topic.namePtr, topic.nameLen);
      count++;
    }
    topic = topic.next;
  }
  reply.closeArray(mark, count);
}

/** PUBSUB NUMSUB [channel …] → each channel and how many hear it. */
export function pubsubNumsub(cmd: Command): void {
  replyCounts(cmd, TopicKind.CHANNEL);
}

/** PUBSUB SHARDNUMSUB [channel …] */
export function pubsubShardnumsub(cmd: Command): void {
  replyCounts(cmd, TopicKind.SHARD);
}

function replyCounts(cmd: Command, kind: u32): void {
  const reply = cmd.reply;
  reply.array((cmd.argc - 2) * 2);
  for (let i = 2; i < cmd.argc; i++) {
    const name = cmd.arg(i);
    const topic = Subscriptions.find(kind, name.ptr, name.len);
    reply.slice(name);
    reply.integer(topic ? topic.count : 0);
  }
}

/** PUBSUB NUMPAT → the number of patterns that someone subscribed to. */
export function pubsubNumpat(cmd: Command): void {
  cmd.reply.integer(Subscriptions.topicCount(TopicKind.PATTERN));
}
