// Where a trap ends: tells the host what happened, then stops. It is a bug in the engine, never a reply.

// @ts-ignore: decorator
@external("host", "abort")
declare function hostAbort(code: u32, pointer: usize, length: u32): void;

/** Called by compiled assertions and bounds checks; the text is UTF-16 as AssemblyScript stores it. */
export function abort(message: string | null, _file: string | null, line: u32, _column: u32): void {
  hostAbort(
    line,
    message ? changetype<usize>(message) : 0,
    message ? (<u32>message.length) << 1 : 0,
  );
  unreachable();
}
