// GET of a string by a session of which nothing special is known, without a command and a reply around it: the read of
// an embedded engine, where these cost more than the lookup.
//
// It answers only where the usual way (`Feed.call`) would do nothing else than look the key up, and leaves the same
// statistics. Where anything is out of the ordinary it has done nothing, and the command goes the usual way.

import { Integer } from "../algorithms/integer";
import { SipHash } from "../algorithms/siphash";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Keyspace } from "../keyspace/keyspace";
import { Clock } from "../memory/clock";
import { Stats } from "../memory/stats";
import { Gate } from "../protocol/output";
import { Session, SessionFlag, SessionKind } from "../sessions/session";
import { Checks } from "./checks";
import { ClientMemory } from "./client-memory";
import { commandInfo } from "./info";
import { Known } from "./known";
import { Pause } from "./pause";

const NAME_BYTES: u32 = 3;
/** The marks around a bulk string of which `Stats` counts the bytes: `$`, two line ends. */
const MARK_BYTES: u32 = 5;

/** A longer reply would leave in several writes. */
const MOST_BYTES: u32 = 16384;

const digits: usize = memory.data(24);

export class Glance {
  /** Where the value lies, until the engine is called again. */
  static at: usize = 0;
  static length: u32 = 0;

  static get(session: Session, key: usize, keyLength: u32): bool {
    const bytes = NAME_BYTES + keyLength;
    if (bytes >= Checks.largeFrom || !Glance.isPlain(session)) return false;
    const entry = session.db.find(key, keyLength, SipHash.hash(key, keyLength));
    if (!entry || entry.isVolatile || entry.type != Type.STRING) return false;
    Glance.view(entry);
    if (Glance.length > MOST_BYTES) return false;
    Keyspace.touch(entry);
    Glance.count(session, bytes);
    return true;
  }

  /** Whether nobody is to be asked, told or timed when this session reads. */
  @inline private static isPlain(session: Session): bool {
    return (
      session.state == SessionFlag.AUTHENTICATED &&
      session.kind == SessionKind.CLIENT &&
      !session.input &&
      !session.hasOutput &&
      !(Checks.slot | Checks.memory | Checks.mode | Checks.monitor) &&
      !(Pause.isOn || Gate.isOn || ClientMemory.isOn)
    );
  }


  @inline private static view(entry: Entry): void {
    if (entry.encoding == Encoding.INT) {
      Glance.at = digits;
      Glance.length = Integer.format(entry.integer, digits);
    } else {
      Glance.at = entry.stringPtr;
      Glance.length = entry.stringLen;
    }
  }


  @inline private static count(session: Session, bytes: u32): void {
    session.lastMs = Clock.nowMs;
    session.lastCommand = Known.get;
    session.commands++;
    session.receivedBytes += bytes;
    commandInfo(Known.get).calls++;
    Stats.commands++;
    Stats.keyspaceHits++;
    Stats.inputBytes += bytes;
    Stats.outputBytes += MARK_BYTES + Integer.length(Glance.length) + Glance.length;
    Stats.writes++;
  }
}
