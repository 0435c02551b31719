import { Glob } from "../../../assembly/algorithms/glob";
export { arena } from "./arena.as";

export function matches(
  pattern: usize,
  patternLen: u32,
  text: usize,
  textLen: u32,
  ignoreCase: bool,
): bool {
  return Glob.matches(pattern, patternLen, text, textLen, ignoreCase);
}
