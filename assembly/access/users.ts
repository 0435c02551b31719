// All users by name, in the order of their names, and what a change of one does to the sessions of it.

import { Config } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Access } from "../sessions/access";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Subscriber, TopicKind } from "../sessions/subscriptions";
import { Rules } from "./rules";
import { Selector, SelectorFlag } from "./selector";
import { User, UserFlag } from "./user";

const DEFAULT: usize = memory.data<u8>([100, 101, 102, 97, 117, 108, 116]);
const DEFAULT_LENGTH: u32 = 7;

/** Users in a row of pointers, sorted by name. */
@unmanaged
export class UserSet {
  count: u32;
  private row: usize;

  static create(): UserSet {
    const made = changetype<UserSet>(Heap.alloc(offsetof<UserSet>()));
    made.count = 0;
    made.row = Heap.alloc(32);
    return made;
  }


  @inline at(place: u32): User {
    return changetype<User>(<usize>load<u32>(this.row + (place << 2)));
  }

  private lowerBound(name: usize, length: u32): u32 {
    let low: u32 = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      const user = this.at(middle).name;
      if (Bytes.compare(user.bytes, user.length, name, length) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  find(name: usize, length: u32): User | null {
    const place = this.lowerBound(name, length);
    if (place == this.count) return null;
    const user = this.at(place);
    const isIt = user.name.length == length && Bytes.equal(user.name.bytes, name, length);
    return isIt ? user : null;
  }

  /** Adds a user whose name is not there. */
  add(user: User): void {
    const bytes = (<usize>(this.count + 1)) << 2;
    if (bytes > Heap.sizeOf(this.row)) this.row = Heap.resize(this.row, bytes << 1);
    const place = this.lowerBound(user.name.bytes, user.name.length);
    const slot = this.row + ((<usize>place) << 2);
    memory.copy(slot + 4, slot, (<usize>(this.count - place)) << 2);
    store<u32>(slot, changetype<usize>(user));
    this.count++;
  }

  /** Takes a user out, who is in it. */
  remove(user: User): void {
    const slot = this.row + ((<usize>this.lowerBound(user.name.bytes, user.name.length)) << 2);
    this.count--;
    memory.copy(slot, slot + 4, this.row + ((<usize>this.count) << 2) - slot);
  }

  /** Gives itself back, and the users who are still in it. */
  dispose(): void {
    for (let i: u32 = 0; i < this.count; i++) this.at(i).dispose();
    Heap.free(this.row);
    Heap.free(changetype<usize>(this));
  }
}

export class Users {
  static all: UserSet = changetype<UserSet>(0);


  @inline static get defaultUser(): User {
    return changetype<User>(Access.defaultUser);
  }

  /** Makes the default user, who may do all without a password. */
  static boot(): void {
    Users.all = UserSet.create();
    const user = Users.makeDefault();
    Users.all.add(user);
    Access.defaultUser = changetype<usize>(user);
    Users.followDefault();
  }

  static makeDefault(): User {
    const user = User.create(DEFAULT, DEFAULT_LENGTH);
    user.root.setAll(true);
    user.root.setAllKeys(true);
    user.root.setAllChannels(true);
    user.flags = UserFlag.ON | UserFlag.NO_PASSWORD;
    return user;
  }


  @inline static isDefaultName(name: usize, length: u32): bool {
    return length == DEFAULT_LENGTH && Bytes.equal(name, DEFAULT, DEFAULT_LENGTH);
  }

  static find(name: usize, length: u32): User | null {
    return Users.all.find(name, length);
  }

  /** requirepass was set: it is the default user's only password, and an empty one is none. */
  static passwordConfigured(): void {
    const user = Users.defaultUser;
    const password = Config.requirepass;
    const rule = Heap.alloc(password.length + 16);
    if (password.length) {
      Rules.apply(user, rule, Bytes.put(rule, "resetpass"));
      store<u8>(rule, 62);
      memory.copy(rule + 1, password.bytes, password.length);
      Rules.apply(user, rule, password.length + 1);
    } else {
      Rules.apply(user, rule, Bytes.put(rule, "nopass"));
    }
    Heap.free(rule);
    Users.followDefault();
  }

  // ── a user changes ─────────────────────────────────────────────────────────────────────────

  /** A user becomes what its draft is. Sessions that listen to what it may not hear any more are closed, the caller's with its reply. */
  static change(user: User, draft: User, caller: Session | null = null): void {
    if (losesChannels(user, draft)) {
      let session = Sessions.first;
      while (session) {
        if (User.of(session) == user && listensTooFar(session, draft))
          Sessions.requestClose(session, session != caller);
        session = session.next;
      }
    }
    user.become(draft);
    Users.follow(user);
  }

  /** A user has changed: its sessions are checked, or need not be. */
  static follow(user: User): void {
    const isRestricted = user.isRestricted;
    let session = Sessions.first;
    while (session) {
      if (User.of(session) == user) Users.mark(session, isRestricted);
      session = session.next;
    }
    if (user == Users.defaultUser) Users.followDefault();
  }

  private static followDefault(): void {
    const user = Users.defaultUser;
    Access.needsPassword = !user.has(UserFlag.NO_PASSWORD) || !user.has(UserFlag.ON);
    Access.isDefaultRestricted = user.isRestricted;
  }

  /** Makes a session act as a user. */
  static assign(session: Session, user: User): void {
    session.user = changetype<usize>(user);
    Users.mark(session, user.isRestricted);
  }

  private static mark(session: Session, isRestricted: bool): void {
    if (isRestricted || session.has(SessionFlag.OWN_LOGIN)) session.add(SessionFlag.RESTRICTED);
    else session.drop(SessionFlag.RESTRICTED);
  }

  /** Removes a user and closes its sessions; the caller's, once it has its reply. */
  static remove(user: User, caller: Session | null): void {
    Users.all.remove(user);
    Users.expel(user, caller);
    user.dispose();
  }

  private static expel(user: User, caller: Session | null): void {
    let nextSession = Sessions.first;
    while (nextSession) {
      const session = nextSession;
      nextSession = session.next;
      if (User.of(session) != user) continue;
      Users.assign(session, Users.defaultUser);
      session.drop(SessionFlag.AUTHENTICATED);
      if (session.kind == SessionKind.CLIENT) Sessions.requestClose(session, session != caller);
    }
  }

  /**
   * Other users take the place of all. Sessions go on as the user of their name, unless there is none or they
   * listen to what that may not hear.
   */
  static replaceAll(users: UserSet): void {
    const old = Users.all;
    const draft = users.find(DEFAULT, DEFAULT_LENGTH);
    if (draft) users.remove(draft);
    users.add(Users.defaultUser);
    Users.all = users;
    old.remove(Users.defaultUser);
    Users.change(Users.defaultUser, draft ? draft : Users.makeDefault());
    let nextSession = Sessions.first;
    while (nextSession) {
      const session = nextSession;
      nextSession = session.next;
      const user = User.of(session);
      if (!user || user == Users.defaultUser || user.has(UserFlag.UNNAMED)) continue;
      const next = users.find(user.name.bytes, user.name.length);
      if (next && !(losesChannels(user, next) && listensTooFar(session, next))) {
        Users.assign(session, next);
        continue;
      }
      Users.assign(session, Users.defaultUser);
      session.drop(SessionFlag.AUTHENTICATED);
      Sessions.requestClose(session, true);
    }
    old.dispose();
  }
}

// ── channels that a user may not hear any more ───────────────────────────────────────────────

/** Whether a user had a channel pattern that its draft has not. */
function losesChannels(user: User, draft: User): bool {
  return !hearsAll(draft) && (hearsAll(user) || hasOther(user, draft));
}

function hearsAll(user: User): bool {
  let at: Selector | null = user.root;
  while (at) {
    if (at.has(SelectorFlag.ALL_CHANNELS)) return true;
    at = at.next;
  }
  return false;
}

function hasOther(user: User, draft: User): bool {
  let at: Selector | null = user.root;
  while (at) {
    let word = at.channels.first;
    while (word) {
      if (!mayHear(draft, TopicKind.PATTERN, word.bytes, word.length)) return true;
      word = word.next;
    }
    at = at.next;
  }
  return false;
}

/** Whether a user has a pattern for the channel, or that very pattern. */
function mayHear(user: User, kind: u32, name: usize, length: u32): bool {
  let at: Selector | null = user.root;
  while (at) {
    if (at.allowsChannel(kind == TopicKind.PATTERN, name, length)) return true;
    at = at.next;
  }
  return false;
}

function listensTooFar(session: Session, draft: User): bool {
  if (!session.has(SessionFlag.SUBSCRIBED)) return false;
  let at = changetype<Subscriber>(session.subscriptions).first;
  while (at) {
    const topic = at.topic;
    if (!mayHear(draft, topic.kind, topic.namePtr, topic.nameLen)) return true;
    at = at.nextOfSession;
  }
  return false;
}
