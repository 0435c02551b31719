// MONITOR: every command, as a line, to the sessions that asked for it.
//
//   +1700000000.123456 [0 127.0.0.1:5000] "SET" "key" "value"

import { Clock } from "../memory/clock";
import { TextBuffer } from "../protocol/text-buffer";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Deferred } from "../sessions/subscriptions";
import { Command } from "./command";
import { Checks } from "./checks";

const HEX: string = "0123456789abcdef";

export class Monitor {
  private static count: u32 = 0;

  static add(session: Session): void {
    if (session.has(SessionFlag.MONITOR)) return;
    session.add(SessionFlag.MONITOR);
    Monitor.count++;
    Checks.monitor = show.index;
  }

  static remove(session: Session): void {
    if (!session.has(SessionFlag.MONITOR)) return;
    session.drop(SessionFlag.MONITOR);
    if (--Monitor.count == 0) Checks.monitor = 0;
  }
}

function show(cmd: Command): void {
  TextBuffer.begin();
  TextBuffer.char(43);
  TextBuffer.integer(Clock.nowUs / 1000000);
  TextBuffer.char(46);
  const micros = Clock.nowUs % 1000000;
  for (let unit: i64 = 100000; unit; unit /= 10) TextBuffer.char(48 + <u32>((micros / unit) % 10));
  TextBuffer.text(" [");
  TextBuffer.integer(cmd.db.index);
  TextBuffer.char(32);
  const session = cmd.session;
  if (session.kind == SessionKind.SCRIPT) {
    TextBuffer.text("lua");
  } else if (session.has(SessionFlag.UNIX)) {
    TextBuffer.text("unix:");
    TextBuffer.bytes(
      session.address.bytes,
      session.address.length - min<u32>(2, session.address.length),
    );
  } else {
    TextBuffer.bytes(session.address.bytes, session.address.length);
  }
  TextBuffer.char(93);
  for (let i = 0; i < cmd.argc; i++) {
    TextBuffer.text(' "');
    quote(cmd.arg(i).ptr, cmd.arg(i).len);
    TextBuffer.char(34);
  }
  TextBuffer.text("\r\n");
  let at = Sessions.first;
  while (at) {
    if (at.has(SessionFlag.MONITOR) && !at.has(SessionFlag.CLOSE_AFTER_REPLY))
      Deferred.target(at).raw(TextBuffer.pointer, TextBuffer.length);
    at = at.next;
  }
  TextBuffer.end();
}

/** Bytes as they stand between double quotes. */
function quote(pointer: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) {
    const char = <u32>load<u8>(pointer + i);
    switch (char) {
      case 34:
        TextBuffer.text('\\"');
        break;
      case 92:
        TextBuffer.text("\\\\");
        break;
      case 10:
        TextBuffer.text("\\n");
        break;
      case 13:
        TextBuffer.text("\\r");
        break;
      case 9:
        TextBuffer.text("\\t");
        break;
      case 7:
        TextBuffer.text("\\a");
        break;
      case 8:
        TextBuffer.text("\\b");
        break;
      default:
        if (char - 32 < 95) {
          TextBuffer.char(char);
        } else {
          TextBuffer.text("\\x");
          TextBuffer.char(HEX.charCodeAt(char >> 4));
          TextBuffer.char(HEX.charCodeAt(char & 15));
        }
    }
  }
}
