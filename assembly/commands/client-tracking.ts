// CLIENT TRACKING and what belongs to it: clients that cache what they read, and hear when it changes.

import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { Broadcast, Member } from "../sessions/broadcast";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Tracker } from "../sessions/tracker";
import { Tracking } from "../sessions/tracking";
import { Command, Errors } from "../execution/command";

/** What CLIENT TRACKING was told. */
class Options {
  static modes: u32 = 0;
  static target: Session | null = null;
  static prefixes: u32 = 0;
}

/** CLIENT TRACKING ON | OFF [REDIRECT id] [BCAST] [PREFIX prefix …] [OPTIN] [OPTOUT] [NOLOOP] */
export function clientTracking(cmd: Command): void {
  if (!readOptions(cmd)) return;
  const session = cmd.session;
  if (cmd.is(2, "off")) {
    Tracking.end(session);
    return cmd.reply.ok();
  }
  if (!cmd.is(2, "on")) return cmd.failSyntax();
  if (!areModesAllowed(cmd)) return;
  const isBroadcast = (Options.modes & SessionFlag.TRACKING_BROADCAST) != 0;
  if (isBroadcast && !areApart(cmd)) return;
  if (!cmd.room(<u64>cmd.inputBytes + 65536)) return;
  Tracking.begin(session, Options.target, Options.modes);
  if (isBroadcast) addPrefixes(cmd);
  cmd.reply.ok();
}

function readOptions(cmd: Command): bool {
  Options.modes = 0;
  Options.target = null;
  Options.prefixes = 0;
  for (let i = 3; i < cmd.argc; i++) {
    const hasMore = i + 1 < cmd.argc;
    if (cmd.is(i, "redirect") && hasMore) {
      if (!readTarget(cmd, ++i)) return false;
    } else if (cmd.is(i, "bcast")) Options.modes |= SessionFlag.TRACKING_BROADCAST;
    else if (cmd.is(i, "optin")) Options.modes |= SessionFlag.TRACKING_OPTIN;
    else if (cmd.is(i, "optout")) Options.modes |= SessionFlag.TRACKING_OPTOUT;
    else if (cmd.is(i, "noloop")) Options.modes |= SessionFlag.TRACKING_NOLOOP;
    else if (cmd.is(i, "prefix") && hasMore) {
      Options.prefixes++;
      i++;
    } else {
      cmd.failSyntax();
      return false;
    }
  }
  return true;
}

function readTarget(cmd: Command, index: i32): bool {
  if (Options.target) cmd.fail("ERR A client can only redirect to a single other client");
  if (cmd.failed) return false;
  const id = cmd.integer(index);
  if (cmd.failed) return false;
  const target = Sessions.byId(<u64>id);
  if (!target || target.kind != SessionKind.CLIENT) {
    cmd.fail("ERR The client ID you want redirect to does not exist");
    return false;
  }
  Options.target = target;
  return true;
}

/** Whether the modes fit each other and those that the session has. */
function areModesAllowed(cmd: Command): bool {
  const session = cmd.session;
  const modes = Options.modes;
  const isBroadcast = (modes & SessionFlag.TRACKING_BROADCAST) != 0;
  const isOptIn = (modes & SessionFlag.TRACKING_OPTIN) != 0;
  const isOptOut = (modes & SessionFlag.TRACKING_OPTOUT) != 0;
  if (!isBroadcast && Options.prefixes) {
    cmd.fail("ERR PREFIX option requires BCAST mode to be enabled");
  } else if (
    session.has(SessionFlag.TRACKING) &&
    session.has(SessionFlag.TRACKING_BROADCAST) != isBroadcast
  ) {
    cmd.fail(
      "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
    );
  } else if (isBroadcast && (isOptIn || isOptOut)) {
    cmd.fail("ERR OPTIN and OPTOUT are not compatible with BCAST");
  } else if (isOptIn && isOptOut) {
    cmd.fail("ERR You can't specify both OPTIN mode and OPTOUT mode");
  } else if (
    (isOptIn && session.has(SessionFlag.TRACKING_OPTOUT)) ||
    (isOptOut && session.has(SessionFlag.TRACKING_OPTIN))
  ) {
    cmd.fail(
      "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
    );
  }
  return !cmd.failed;
}

/** The argument with the next prefix behind argument `index`; 0 for none. */
function nextPrefix(cmd: Command, index: i32): i32 {
  for (let i = index + 1; i < cmd.argc; i++) {
    if (cmd.is(i, "redirect")) i++;
    else if (cmd.is(i, "prefix")) return i + 1;
  }
  return 0;
}

/** Whether no prefix begins with another one, given or there already. */
function areApart(cmd: Command): bool {
  const tracker = cmd.session.tracking ? Tracker.of(cmd.session) : null;
  for (let i = nextPrefix(cmd, 2); i; i = nextPrefix(cmd, i)) {
    const prefix = cmd.arg(i);
    const before = Broadcast.overlapping(tracker, prefix.ptr, prefix.len);
    if (before) return failOverlap(cmd, prefix, "an existing", before.ptr, before.length);
    for (let k = nextPrefix(cmd, i); k; k = nextPrefix(cmd, k)) {
      const other = cmd.arg(k);
      if (Bytes.equal(prefix.ptr, other.ptr, min(prefix.len, other.len)))
        return failOverlap(cmd, prefix, "another provided", other.ptr, other.len);
    }
  }
  return true;
}

function failOverlap(cmd: Command, prefix: Slice, what: string, ptr: usize, length: u32): bool {
  Errors.begin();
  Errors.text("ERR Prefix '");
  Errors.bytes(prefix.ptr, prefix.len);
  Errors.text("' overlaps with ");
  Errors.text(what);
  Errors.text(" prefix '");
  Errors.bytes(ptr, length);
  Errors.text("'. Prefixes for a single client must not overlap.");
  Errors.send(cmd.reply);
  cmd.failed = true;
  return false;
}

function addPrefixes(cmd: Command): void {
  const tracker = Tracker.of(cmd.session);
  if (!Options.prefixes) Broadcast.add(tracker, 0, 0);
  for (let i = nextPrefix(cmd, 2); i; i = nextPrefix(cmd, i))
    Broadcast.add(tracker, cmd.arg(i).ptr, cmd.arg(i).len);
}

/** CLIENT CACHING YES | NO: whether the keys of the next command are tracked. */
export function clientCaching(cmd: Command): void {
  const session = cmd.session;
  if (!session.has(SessionFlag.TRACKING)) {
    return cmd.fail(
      "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
    );
  }
  if (cmd.is(2, "yes")) {
    if (!session.has(SessionFlag.TRACKING_OPTIN)) {
      return cmd.fail(
        "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
      );
    }
  } else if (cmd.is(2, "no")) {
    if (!session.has(SessionFlag.TRACKING_OPTOUT)) {
      return cmd.fail(
        "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
      );
    }
  } else return cmd.failSyntax();
  session.add(SessionFlag.TRACKING_CACHING);
  cmd.reply.ok();
}

/** CLIENT GETREDIR → the id of the session that gets the messages; 0: itself, -1: it does not track. */
export function clientGetredir(cmd: Command): void {
  cmd.reply.integer(Tracking.redirectOf(cmd.session));
}

/** CLIENT TRACKINGINFO → modes, redirection and prefixes. */
export function clientTrackinginfo(cmd: Command): void {
  const reply = cmd.reply;
  const session = cmd.session;
  reply.map(3);
  reply.bulkText("flags");
  const flags = reply.mark();
  let count: u32 = 1;
  reply.bulkText(session.has(SessionFlag.TRACKING) ? "on" : "off");
  count += word(cmd, SessionFlag.TRACKING_BROADCAST, "bcast");
  if (word(cmd, SessionFlag.TRACKING_OPTIN, "optin"))
    count += 1 + word(cmd, SessionFlag.TRACKING_CACHING, "caching-yes");
  if (word(cmd, SessionFlag.TRACKING_OPTOUT, "optout"))
    count += 1 + word(cmd, SessionFlag.TRACKING_CACHING, "caching-no");
  count += word(cmd, SessionFlag.TRACKING_NOLOOP, "noloop");
  count += word(cmd, SessionFlag.TRACKING_BROKEN_REDIRECT, "broken_redirect");
  reply.closeSet(flags, count);
  reply.bulkText("redirect");
  reply.integer(Tracking.redirectOf(session));
  reply.bulkText("prefixes");
  const prefixes = reply.mark();
  count = 0;
  let member = session.tracking ? changetype<Member | null>(Tracker.of(session).prefixes) : null;
  while (member) {
    reply.bulk(member.prefix.ptr, member.prefix.length);
    count++;
    member = member.nextOfTracker;
  }
  reply.closeArray(prefixes, count);
}

/** Replies a word when the session has the flag; how many words it replied. */
function word(cmd: Command, flag: u32, text: string): u32 {
  if (!cmd.session.has(flag)) return 0;
  cmd.reply.bulkText(text);
  return 1;
}
