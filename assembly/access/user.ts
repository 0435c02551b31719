// A user: a name, passwords, and what those who log in with one may do.

import { Sha256 } from "../algorithms/sha256";
import { Heap } from "../memory/heap";
import { Text } from "../memory/text";
import { Session } from "../sessions/session";
import { Selector, SelectorFlag } from "./selector";
import { WordList } from "./word-list";

const digest: usize = memory.data(64, 16);

export class UserFlag {
  static readonly ON: u32 = 1;
  static readonly NO_PASSWORD: u32 = 2;
  static readonly SKIPS_SANITIZE: u32 = 4;
  /** A line of the configuration file tells of it. */
  static readonly DECLARED: u32 = 8;
  /** Belongs to one session, and goes with it. */
  static readonly UNNAMED: u32 = 16;
}

const ALL: u32 = SelectorFlag.ALL_COMMANDS | SelectorFlag.ALL_KEYS | SelectorFlag.ALL_CHANNELS;

/** Passwords are kept as their SHA-256, 32 bytes. */
@unmanaged
export class User {
  name: Text;
  flags: u32;
  private firstPassword: usize;
  private lastPassword: usize;
  root: Selector;

  /** A user who is off and may do nothing. */
  static create(name: usize, length: u32): User {
    const user = changetype<User>(Heap.alloc(offsetof<User>()));
    memory.fill(changetype<usize>(user), 0, offsetof<User>());
    user.name = Text.of(name, length);
    user.root = Selector.create();
    return user;
  }

  /** The user that a session acts as; null: nobody, who may do all. */
  @inline static of(session: Session): User | null {
    return changetype<User | null>(session.user);
  }


  @inline has(flag: u32): bool {
    return (this.flags & flag) != 0;
  }


  @inline get passwords(): WordList {
    return changetype<WordList>(changetype<usize>(this) + offsetof<User>("firstPassword"));
  }

  /** Whether there is something that it may not do. */
  get isRestricted(): bool {
    return !this.root.has(ALL);
  }

  copy(): User {
    const made = changetype<User>(Heap.alloc(offsetof<User>()));
    memory.fill(changetype<usize>(made), 0, offsetof<User>());
    made.name = Text.of(this.name.bytes, this.name.length);
    made.flags = this.flags;
    made.passwords.addAll(this.passwords);
    made.root = this.root.copy();
    let last = made.root;
    let at = this.root.next;
    while (at) {
      const copied = at.copy();
      last.next = copied;
      last = copied;
      at = at.next;
    }
    return made;
  }

  /** Bytes that its selectors take, which a copy takes again. */
  get bytes(): u64 {
    let sum: u64 = 0;
    let at: Selector | null = this.root;
    while (at) {
      sum += at.bytes;
      at = at.next;
    }
    return sum;
  }

  /** Becomes what another is, but for the name; the other goes. */
  become(other: User): void {
    this.clear();
    this.flags = other.flags;
    this.firstPassword = other.firstPassword;
    this.lastPassword = other.lastPassword;
    this.root = other.root;
    other.name.dispose();
    Heap.free(changetype<usize>(other));
  }

  dispose(): void {
    this.clear();
    this.name.dispose();
    Heap.free(changetype<usize>(this));
  }

  private clear(): void {
    this.passwords.clear();
    this.clearSelectors();
    this.root.dispose();
  }

  /** All selectors but the root go. */
  clearSelectors(): void {
    let at = this.root.next;
    while (at) {
      const next = at.next;
      at.dispose();
      at = next;
    }
    this.root.next = null;
  }

  /** Puts a selector behind those that there are. */
  addSelector(selector: Selector): void {
    let last = this.root;
    let at = last.next;
    while (at) {
      last = at;
      at = at.next;
    }
    last.next = selector;
  }

  /** Whether someone who says this may log in as the user; its time tells nothing of what the passwords are. */
  accepts(secret: usize, length: u32): bool {
    Sha256.hash(secret, length, digest);
    let isKnown = this.has(UserFlag.NO_PASSWORD);
    let word = this.passwords.first;
    while (word) {
      let difference: u64 = 0;
      for (let i: usize = 0; i < 32; i += 8)
        difference |= load<u64>(word.bytes + i) ^ load<u64>(digest + i);
      isKnown = isKnown || difference == 0;
      word = word.next;
    }
    return isKnown && this.has(UserFlag.ON);
  }
}
