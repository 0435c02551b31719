// Sorted sets: unions, intersections and differences of sorted sets and sets.

import { Double } from "../algorithms/double";
import { Command, Errors } from "../execution/command";
import { Type } from "../keyspace/entry";
import { IndexedSortedSet } from "../types/indexed-sorted-set";
import { SortedSet } from "../types/sorted-set";
import { Operand, Operands } from "../types/sorted-set-operand";
import { SortedSetWalk } from "../types/sorted-set-walk";
import { SortedSetStore } from "./shared/sorted-set-store";

const enum Operation {
  UNION,
  INTER,
  DIFF,
}

const enum Aggregate {
  SUM,
  MIN,
  MAX,
}

let aggregate: Aggregate = Aggregate.SUM;
let withScores: bool = false;
/** ZINTERCARD counts no further; 0: to the end. */
let limit: i64 = 0;

/** ZUNION numkeys key [key …] [WEIGHTS w …] [AGGREGATE SUM|MIN|MAX] [WITHSCORES] → the members of any. */
export function zunion(cmd: Command): void {
  combine(cmd, Operation.UNION, 1);
}

/** ZINTER numkeys key [key …] [WEIGHTS w …] [AGGREGATE SUM|MIN|MAX] [WITHSCORES] → the members of all. */
export function zinter(cmd: Command): void {
  combine(cmd, Operation.INTER, 1);
}

/** ZDIFF numkeys key [key …] [WITHSCORES] → the members of the first that are in no other. */
export function zdiff(cmd: Command): void {
  combine(cmd, Operation.DIFF, 1);
}

/** ZUNIONSTORE dst numkeys key [key …] [WEIGHTS w …] [AGGREGATE SUM|MIN|MAX] → how many were stored. */
export function zunionstore(cmd: Command): void {
  combine(cmd, Operation.UNION, 2);
}

/** ZINTERSTORE dst numkeys key [key …] [WEIGHTS w …] [AGGREGATE SUM|MIN|MAX] → how many were stored. */
export function zinterstore(cmd: Command): void {
  combine(cmd, Operation.INTER, 2);
}

/** ZDIFFSTORE dst numkeys key [key …] → how many were stored. */
export function zdiffstore(cmd: Command): void {
  combine(cmd, Operation.DIFF, 2);
}

/** ZINTERCARD numkeys key [key …] [LIMIT limit] → how many members are in all. */
export function zintercard(cmd: Command): void {
  const operands = operandsOf(cmd, 1);
  if (!operands) return;
  limit = 0;
  for (let i = <i32>operands.count + 2; i < cmd.argc && !cmd.failed; i += 2) {
    if (cmd.is(i, "limit") && i + 1 < cmd.argc) {
      limit = cmd.integerIn(i + 1, 0, i64.MAX_VALUE, "ERR LIMIT can't be negative");
    } else {
      cmd.failSyntax();
    }
  }
  if (!cmd.failed) {
    operands.sort();
    cmd.reply.integer(intersect(operands, null));
  }
  operands.free();
}

/** The number of keys is argument `index`; where that is 2, the result is stored in the key before it. */
function combine(cmd: Command, operation: Operation, index: i32): void {
  const operands = operandsOf(cmd, index);
  if (!operands) return;
  if (parseOptions(cmd, operands, operation, index) && hasRoom(cmd, operands)) {
    if (operation != Operation.DIFF) operands.sort();
    const set = IndexedSortedSet.create();
    if (operation == Operation.UNION) unite(operands, set);
    else if (operation == Operation.INTER) intersect(operands, set);
    else subtract(operands, set);
    if (index == 2) store(cmd, set, operation);
    else replyAll(cmd, set);
  }
  operands.free();
}

/** Looks up the keys behind their number in argument `index`; null when the error is replied. */
function operandsOf(cmd: Command, index: i32): Operands | null {
  const count = cmd.integer(index);
  if (cmd.failed) return null;
  if (count < 1) {
    Errors.begin();
    Errors.text("ERR at least 1 input key is needed for '");
    Errors.commandName(cmd.info);
    Errors.text("' command");
    Errors.send(cmd.reply);
    cmd.failed = true;
    return null;
  }
  if (count > cmd.argc - index - 1) {
    cmd.failSyntax();
    return null;
  }
  const operands = Operands.create(<u32>count);
  for (let i: u32 = 0; i < operands.count; i++) {
    const entry = cmd.read(index + 1 + i, Type.ANY);
    if (entry && entry.type != Type.ZSET && entry.type != Type.SET) {
      cmd.failType();
      operands.free();
      return null;
    }
    operands.at(i).setUp(entry);
  }
  return operands;
}

function parseOptions(cmd: Command, operands: Operands, operation: Operation, index: i32): bool {
  const count = <i32>operands.count;
  const argc = cmd.argc;
  aggregate = Aggregate.SUM;
  withScores = false;
  let i = index + 1 + count;
  while (i < argc && !cmd.failed) {
    const isScored = operation != Operation.DIFF;
    if (isScored && cmd.is(i, "weights") && argc - i > count) {
      parseWeights(cmd, operands, i + 1);
      i += 1 + count;
    } else if (isScored && cmd.is(i, "aggregate") && i + 1 < argc) {
      if (cmd.is(i + 1, "sum")) aggregate = Aggregate.SUM;
      else if (cmd.is(i + 1, "min")) aggregate = Aggregate.MIN;
      else if (cmd.is(i + 1, "max")) aggregate = Aggregate.MAX;
      else cmd.failSyntax();
      i += 2;
    } else if (index == 1 && cmd.is(i, "withscores")) {
      withScores = true;
      i++;
    } else {
      cmd.failSyntax();
    }
  }
  return !cmd.failed;
}

function parseWeights(cmd: Command, operands: Operands, first: i32): void {
  for (let i: u32 = 0; i < operands.count; i++) {
    const text = cmd.arg(first + i);
    if (!Double.parse(text.ptr, text.len)) return cmd.fail("ERR weight value is not a float");
    operands.at(i).weight = Double.value;
  }
}

function hasRoom(cmd: Command, operands: Operands): bool {
  return cmd.room(SortedSetStore.bytesFor(operands.members, 0) + operands.bytes);
}

/** A score times the weight of its set; infinity times 0 is 0. */
@inline
function weighted(score: f64, weight: f64): f64 {
  const product = score * weight;
  return isNaN(product) ? 0.0 : product;
}

/** One score of two; the sum of opposite infinities is 0. */
function aggregated(a: f64, b: f64): f64 {
  if (aggregate == Aggregate.SUM) {
    const sum = a + b;
    return isNaN(sum) ? 0.0 : sum;
  }
  return (aggregate == Aggregate.MIN ? b < a : b > a) ? b : a;
}

function unite(operands: Operands, set: IndexedSortedSet): void {
  for (let i: u32 = 0; i < operands.count; i++) {
    const operand = operands.at(i);
    operand.startWalk();
    while (Operand.next()) {
      const score = weighted(Operand.score, operand.weight);
      const hash = IndexedSortedSet.hash(Operand.ptr, Operand.len);
      const member = set.find(Operand.ptr, Operand.len, hash);
      if (member) member.score = aggregated(member.score, score);
      else set.enter(score, Operand.ptr, Operand.len, hash);
    }
  }
  set.order();
}

/** Walks over the first and smallest; counts what is in all, and collects it where there is a set for it. */
function intersect(operands: Operands, set: IndexedSortedSet | null): u32 {
  const smallest = operands.at(0);
  let found: u32 = 0;
  smallest.startWalk();
  while (Operand.next()) {
    let score = weighted(Operand.score, smallest.weight);
    let i: u32 = 1;
    for (; i < operands.count; i++) {
      const operand = operands.at(i);
      if (!operand.find(Operand.ptr, Operand.len)) break;
      score = aggregated(score, SortedSet.score * operand.weight);
    }
    if (i < operands.count) continue;
    found++;
    if (set) {
      set.enter(score, Operand.ptr, Operand.len, IndexedSortedSet.hash(Operand.ptr, Operand.len));
    } else if (found == limit) {
      break;
    }
  }
  if (set) set.order();
  return found;
}

/**
 * The first without the members of the others: either each of its members is looked for in them, or
 * theirs are taken out of a copy of it, whichever has less to look at.
 */
function subtract(operands: Operands, set: IndexedSortedSet): void {
  const first = operands.at(0);
  const searches = <u64>first.length * (operands.count - 1);
  const asksOthers = searches <= operands.members;
  first.startWalk();
  while (Operand.next()) {
    if (asksOthers && isInOthers(operands)) continue;
    const hash = IndexedSortedSet.hash(Operand.ptr, Operand.len);
    const member = set.enter(Operand.score, Operand.ptr, Operand.len, hash);
    if (first.isSorted) set.append(member);
  }
  if (!first.isSorted) set.order();
  if (asksOthers) return;
  for (let i: u32 = 1; i < operands.count; i++) takeOut(operands.at(i), set);
}

function isInOthers(operands: Operands): bool {
  for (let i: u32 = 1; i < operands.count; i++) {
    if (operands.at(i).find(Operand.ptr, Operand.len)) return true;
  }
  return false;
}

function takeOut(operand: Operand, set: IndexedSortedSet): void {
  operand.startWalk();
  while (Operand.next()) {
    const hash = IndexedSortedSet.hash(Operand.ptr, Operand.len);
    const member = set.find(Operand.ptr, Operand.len, hash);
    if (member) set.take(member, hash);
  }
}

function store(cmd: Command, set: IndexedSortedSet, operation: Operation): void {
  if (operation == Operation.UNION) SortedSetStore.finish(cmd, 1, set, "zunionstore");
  else if (operation == Operation.INTER) SortedSetStore.finish(cmd, 1, set, "zinterstore");
  else SortedSetStore.finish(cmd, 1, set, "zdiffstore");
}

function replyAll(cmd: Command, set: IndexedSortedSet): void {
  const reply = cmd.reply;
  const isNested = withScores && reply.isResp3;
  reply.array(withScores && !isNested ? set.length << 1 : set.length);
  const walk = SortedSetWalk.main;
  for (set.seekRank(0, walk); walk.valid; walk.forward()) {
    const member = walk.item;
    if (isNested) reply.array(2);
    reply.bulk(member.keyPtr, member.keyLen);
    if (withScores) reply.double(member.score);
  }
  SortedSetStore.drop(set);
}
