// Lists in RDB: a row of nodes, each a listpack or one large element.

import { Config } from "../generated/config";
import { Encoding, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { RdbLoad } from "../persistence/rdb-load";
import { RdbNode, RdbType } from "../persistence/rdb-format";
import { RdbState } from "../persistence/rdb-reader";
import { RdbWriter } from "../persistence/rdb-writer";
import { BlockCaptures } from "../persistence/block-captures";
import { Capture } from "../persistence/capture";
import { Ziplist } from "../persistence/ziplist";
import { Listpack } from "../structures/listpack";
import { ListpackValidator } from "../structures/listpack-validate";
import { Quicklist } from "../structures/quicklist";
import { Node } from "../structures/quicklist-node";
import { ListRewrite } from "./list-rewrite";

function rdbType(_value: usize, _encoding: u32): u32 {
  return RdbType.LIST_QUICKLIST_2;
}

/** Writes one node of a list. */
function saveNode(out: RdbWriter, node: Node): void {
  out.writeLength(node.isLarge ? RdbNode.PLAIN : RdbNode.PACKED);
  if (node.isLarge) out.string(node.block, node.length);
  else out.string(node.listpack, node.bytes);
}

function save(out: RdbWriter, value: usize, encoding: u32): void {
  if (encoding == Encoding.LISTPACK) {
    out.writeLength(1);
    out.writeLength(RdbNode.PACKED);
    return out.string(value, Listpack.bytes(value));
  }
  const list = changetype<Quicklist>(value);
  out.writeLength(list.nodes);
  for (let i: u32 = 0; i < list.nodes; i++) saveNode(out, list.at(i));
}

// ── in a snapshot ────────────────────────────────────────────────────────────────────────────

/** A list with more nodes is written bit by bit. */
const LARGE: u32 = 8;
const NODE: u32 = <u32>offsetof<Node>();

function isLarge(value: usize, encoding: u32): bool {
  return encoding == Encoding.QUICKLIST && changetype<Quicklist>(value).nodes > LARGE;
}

function capture(capture: Capture): void {
  const list = changetype<Quicklist>(capture.value);
  const nodes = list.nodes;
  const directory = Heap.alloc(nodes * NODE);
  for (let i: u32 = 0; i < nodes; i++)
    v128.store(directory + i * NODE, v128.load(changetype<usize>(list.at(i))));
  if (!capture.isCommands) capture.out.writeLength(nodes);
  BlockCaptures.begin(capture, directory, nodes, NODE, <u32>offsetof<Node>("block"));
}

function captureSome(capture: Capture, budget: i32): i32 {
  const out = capture.out;
  let left = budget;
  while (!capture.isSilent && capture.place < capture.count) {
    if (left <= 0) return left;
    const before = out.length;
    const node = changetype<Node>(capture.a + capture.place * NODE);
    const address = node.block;
    node.block = BlockCaptures.blockOf(capture, capture.place);
    if (capture.isCommands) ListRewrite.node(out, capture.key, capture.keyLen, node);
    else saveNode(out, node);
    node.block = address;
    BlockCaptures.written(capture, capture.place++);
    left -= 1 + ((<i32>(out.length - before)) >> 6);
  }
  capture.done = true;
  return left;
}

// ── loading ──────────────────────────────────────────────────────────────────────────────────

function load(load: RdbLoad): void {
  if (load.stage == 0) {
    load.mark();
    // A ziplist by itself is one node.
    load.left = load.type == RdbType.LIST_ZIPLIST ? 1 : load.length();
    if (!load.isOk) return load.rewind();
    load.make(
      Type.LIST,
      Encoding.QUICKLIST,
      changetype<usize>(Quicklist.create(<i32>Config.listMaxListpackSize)),
    );
    load.stage = 1;
  }
  const list = changetype<Quicklist>(load.entry.value);
  for (; load.left; load.left--) {
    load.mark();
    if (load.type == RdbType.LIST) loadElement(load, list);
    else if (load.type == RdbType.LIST_QUICKLIST_2) loadNode(load, list);
    else loadZiplist(load, list);
    if (!load.isOk) return load.rewind();
  }
  if (!list.count) {
    load.state = RdbState.EMPTY;
    return;
  }
  if (list.isListpack(false)) load.make(Type.LIST, Encoding.LISTPACK, list.toListpack());
  load.done = true;
}

function loadElement(load: RdbLoad, list: Quicklist): void {
  if (load.string(0)) list.pushLast(load.ptr, load.len);
}

function loadNode(load: RdbLoad, list: Quicklist): void {
  const kind = load.length();
  if (!load.isOk) return;
  if (kind == RdbNode.PLAIN) return loadElement(load, list);
  if (kind != RdbNode.PACKED) return load.bad("a list's node has an unknown form");
  const lp = load.block();
  if (!load.isOk) return;
  if (!ListpackValidator.validate(lp, load.len, true)) {
    Heap.free(lp);
    return load.bad("a list's listpack is broken");
  }
  if (Listpack.first(lp)) list.appendListpack(lp);
  else Heap.free(lp);
}

function loadZiplist(load: RdbLoad, list: Quicklist): void {
  if (!load.string(0)) return;
  if (Ziplist.open(load.ptr, load.len)) {
    while (Ziplist.next()) list.pushLast(Ziplist.ptr, Ziplist.len);
  }
  if (!Ziplist.ok) load.bad("a list's ziplist is broken");
}

/** Once, when the engine boots. */
export function registerListRdb(): void {
  const info = Types.info(Type.LIST);
  info.rdbType = rdbType.index;
  info.save = save.index;
  info.rewrite = ListRewrite.value.index;
  info.isLarge = isLarge.index;
  info.capture = capture.index;
  info.captureSome = captureSome.index;
  info.captureEnd = BlockCaptures.end.index;
  RdbLoad.register(RdbType.LIST, load.index);
  RdbLoad.register(RdbType.LIST_ZIPLIST, load.index);
  RdbLoad.register(RdbType.LIST_QUICKLIST, load.index);
  RdbLoad.register(RdbType.LIST_QUICKLIST_2, load.index);
}
