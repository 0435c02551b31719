import { bindHandlers } from "../../../assembly/generated/handlers";
import {
  COMMAND_COUNT,
  commandInfo,
  findCommand,
  findSubcommand,
  renameCommand,
} from "../../../assembly/execution/info";

const room: usize = memory.data(4096, 16);

export function text(): usize {
  return room;
}
export function boot(): void {
  bindHandlers();
}
export function count(): i32 {
  return COMMAND_COUNT;
}
export function find(at: u32, length: u32): i32 {
  return findCommand(room + at, length);
}
export function findChild(parent: i32, at: u32, length: u32): i32 {
  return findSubcommand(parent, room + at, length);
}
export function rename(number: i32, at: u32, length: u32): bool {
  return renameCommand(number, room + at, length);
}
export function name(number: i32): usize {
  return commandInfo(number).name;
}
export function nameLength(number: i32): u32 {
  return commandInfo(number).nameLength;
}
export function parent(number: i32): i32 {
  return commandInfo(number).parent;
}
export function firstChild(number: i32): i32 {
  return commandInfo(number).firstChild;
}
export function childCount(number: i32): i32 {
  return commandInfo(number).childCount;
}
export function handler(number: i32): u32 {
  return commandInfo(number).handler;
}
