// Libraries of functions: what FUNCTION LOAD brings, what FCALL finds.
//
//   libraries ─► Library ─► Library          in the order they came
//                  │
//                  ├─ name, code
//                  └─► LibraryFunction ─► …  also in a table by their names, in lower case
//
// A library that comes with a dataset is kept as its code, and run when a command asks for functions: a
// host that has no Lua yet can load a dataset that has libraries.

import { SipHash } from "../algorithms/siphash";
import { Config } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Text } from "../memory/text";
import { LibraryFile } from "../persistence/libraries";
import { RdbFile } from "../persistence/rdb-file";
import { RdbWriter } from "../persistence/rdb-writer";
import { Table } from "../structures/table";
import { Errors } from "../execution/command";
import { Host, LogLevel, ScriptTask } from "../execution/host";
import { Script } from "./script";
import { Scripts } from "./scripts";
import { Shebang } from "./shebang";

const NONE: u32 = u32.MAX_VALUE;


@unmanaged
export class LibraryFunction {
  /** The reference of a function that its library did not bring back. */
  @inline static readonly GONE: i32 = -2;

  next: LibraryFunction | null;
  library: Library;
  ref: i32;
  flags: u32;
  name: Text;
  description: Text;
  hasDescription: bool;
  keyLen: u32;


  @inline get keyPtr(): usize {
    return changetype<usize>(this) + offsetof<LibraryFunction>();
  }
}


@unmanaged
export class Library {
  next: Library | null;
  name: Text;
  code: Text;
  first: LibraryFunction | null;
  last: LibraryFunction | null;
  count: u32;
  /** The interpreter that its functions are in; 0: it has not run yet. */
  generation: u32;

  hasName(name: usize, length: u32): bool {
    return this.name.length == length && Bytes.equal(this.name.bytes, name, length);
  }

  find(name: usize, length: u32): LibraryFunction | null {
    let at = this.first;
    while (at) {
      if (at.name.length == length && Bytes.equalFolded(at.name.bytes, name, length)) return at;
      at = at.next;
    }
    return null;
  }

  /** The functions are not in the interpreter that there is, until they register again. */
  dropReferences(): void {
    let at = this.first;
    while (at) {
      at.ref = LibraryFunction.GONE;
      at = at.next;
    }
  }

  dispose(): void {
    let at = this.first;
    while (at) {
      const next = at.next;
      if (this.generation == Script.generation) Host.script(ScriptTask.FORGET, 1, at.ref);
      at.name.dispose();
      at.description.dispose();
      Heap.free(changetype<usize>(at));
      at = next;
    }
    this.name.dispose();
    this.code.dispose();
    Heap.free(changetype<usize>(this));
  }
}

export class Libraries {
  static first: Library | null = null;
  static count: u32 = 0;
  static bytes: u64 = 0;
  private static table: usize = 0;
  private static folded: usize = 0;
  private static longestName: u32 = 0;
  /** The library whose code runs. */
  private static loading: Library | null = null;
  /** Some have not run in the interpreter that there is. */
  private static hasPending: bool = false;
  private static generation: u32 = 0;

  static boot(): void {
    Script.registerHook = register.index;
    RdbFile.functionHook = addPending.index;
    LibraryFile.saveHook = save.index;
    LibraryFile.clearHook = flush.index;
  }

  static limitConfigured(): void {
    Host.script(ScriptTask.LIMIT, <u32>min<u64>(<u64>Config.scriptMemoryLimit, u32.MAX_VALUE));
  }


  @inline private static get functions(): Table<LibraryFunction> {
    if (!Libraries.table) Libraries.table = changetype<usize>(Table.create<LibraryFunction>());
    return changetype<Table<LibraryFunction>>(Libraries.table);
  }

  static get functionCount(): u32 {
    return Libraries.table ? Libraries.functions.count : 0;
  }

  // ── looking up ─────────────────────────────────────────────────────────────────────────────

  static find(name: usize, length: u32): Library | null {
    let at = Libraries.first;
    while (at) {
      if (at.hasName(name, length)) return at;
      at = at.next;
    }
    return null;
  }

  static findFunction(name: usize, length: u32): LibraryFunction | null {
    if (length > Libraries.longestName) return null;
    const folded = Libraries.folded;
    for (let i: u32 = 0; i < length; i++) store<u8>(folded + i, Bytes.lower(load<u8>(name + i)));
    return Libraries.functions.find(folded, length, SipHash.hash(folded, length));
  }

  /** Names of functions are at most so long: room to look them up. */
  private static expectName(length: u32): void {
    if (length <= Libraries.longestName) return;
    if (Libraries.folded) Heap.free(Libraries.folded);
    Libraries.longestName = length;
    Libraries.folded = Heap.alloc(length);
  }

  /**
   * Runs the code of libraries that have not run in the interpreter that there is. False without one: the
   * reason is in `Errors`.
   */
  static settle(): bool {
    if (!Libraries.hasPending && Libraries.generation == Script.generation) return true;
    Libraries.generation = Script.generation;
    Libraries.hasPending = false;
    let at = Libraries.first;
    while (at) {
      const next = at.next;
      if (at.generation != Script.generation && !Libraries.revive(at)) return false;
      at = next;
    }
    return true;
  }

  /** Runs a library again, or for the first time. */
  private static revive(library: Library): bool {
    const isNew = !library.generation;
    library.dropReferences();
    const outcome = Libraries.execute(library);
    if (outcome == Host.NO_LUA) {
      Libraries.hasPending = true;
      Errors.begin();
      return !Scripts.isAbsent(outcome);
    }
    if (outcome || (isNew && !Libraries.mayJoin(library))) {
      Errors.begin();
      Errors.text("A library of functions does not load: ");
      Errors.bytes(library.name.bytes, library.name.length);
      Host.log(LogLevel.WARNING, Errors.pointer, Errors.length);
      if (isNew) {
        Libraries.takeFromList(library);
        library.dispose();
      }
    } else if (isNew) {
      Libraries.publish(library);
    }
    return true;
  }

  // ── loading ────────────────────────────────────────────────────────────────────────────────

  /** Runs the code of a library, which registers its functions; what `Host.script` answers. */
  private static execute(library: Library): i32 {
    const code = library.code;
    let skipped: u32 = 0;
    while (skipped < code.length && load<u8>(code.bytes + skipped) != 10) skipped++;
    Libraries.loading = library;
    Script.beginLoad();
    const outcome = Host.script(
      ScriptTask.LOAD,
      <u32>(code.bytes + skipped),
      code.length - skipped,
    );
    Libraries.loading = null;
    if (outcome == Host.LUA_BROKE) Script.generation++;
    library.generation = Script.generation;
    return outcome;
  }

  /** A function that the running library registers; what is wrong with it, 0: nothing. */
  static register(data: usize, length: u32): u32 {
    const library = Libraries.loading;
    if (!library) return 3;
    const nameLength = load<u32>(data, 8);
    const descriptionLength = load<u32>(data, 12);
    const name = data + 16;
    const known = library.find(name, nameLength);
    if (known && library.generation && library.generation != Script.generation) {
      known.ref = load<i32>(data);
      known.flags = load<u32>(data, 4);
      return 0;
    }
    if (!Shebang.isName(name, nameLength)) return 1;
    if (known) return 2;
    const made = changetype<LibraryFunction>(Heap.alloc(offsetof<LibraryFunction>() + nameLength));
    made.next = null;
    made.library = library;
    made.ref = load<i32>(data);
    made.flags = load<u32>(data, 4);
    made.name = Text.of(name, nameLength);
    made.hasDescription = descriptionLength != NONE;
    made.description = made.hasDescription
      ? Text.of(name + nameLength, descriptionLength)
      : Text.EMPTY;
    made.keyLen = nameLength;
    Libraries.expectName(nameLength);
    for (let i: u32 = 0; i < nameLength; i++)
      store<u8>(made.keyPtr + i, Bytes.lower(load<u8>(name + i)));
    const last = library.last;
    if (last) last.next = made;
    else library.first = made;
    library.last = made;
    library.count++;
    return 0;
  }

  private static make(name: Text, code: usize, length: u32): Library {
    const library = changetype<Library>(Heap.alloc(offsetof<Library>()));
    memory.fill(changetype<usize>(library), 0, offsetof<Library>());
    library.name = name;
    library.code = Text.of(code, length);
    return library;
  }

  /** A library of that code, which nobody can call yet; null with the reason in `Errors`. */
  static prepare(code: usize, length: u32): Library | null {
    if (!Shebang.readLibrary(code, length)) return null;
    const library = Libraries.make(Shebang.name, code, length);
    const outcome = Libraries.execute(library);
    if (!outcome && library.count) return library;
    Errors.begin();
    if (!outcome) {
      Errors.text("ERR No functions registered");
    } else if (!Scripts.isAbsent(outcome)) {
      Errors.text("ERR ");
      Errors.bytes(Script.arenaStart, -outcome);
    }
    library.dispose();
    return null;
  }

  /** Whether no function of it has the name of one of another library; the reason is in `Errors` if not. */
  static mayJoin(library: Library): bool {
    let at = library.first;
    while (at) {
      const other = Libraries.findFunction(at.name.bytes, at.name.length);
      if (other && other.library != library) {
        Errors.begin();
        Errors.text("ERR Function ");
        Errors.bytes(at.name.bytes, at.name.length);
        Errors.text(" already exists");
        return false;
      }
      at = at.next;
    }
    return true;
  }

  /** Brings a library among those that can be called. */
  static join(library: Library): void {
    library.next = null;
    let last: Library | null = Libraries.first;
    if (!last) {
      Libraries.first = library;
    } else {
      while (last.next) last = changetype<Library>(last.next);
      last.next = library;
    }
    Libraries.count++;
    Libraries.bytes += library.code.length;
    Libraries.publish(library);
  }

  private static publish(library: Library): void {
    let at = library.first;
    while (at) {
      Libraries.functions.insert(at, SipHash.hash(at.keyPtr, at.keyLen));
      at = at.next;
    }
  }

  /** Takes a library from those that can be called; it stays. */
  static leave(library: Library): void {
    let at = library.first;
    while (at) {
      Libraries.functions.remove(at.keyPtr, at.keyLen, SipHash.hash(at.keyPtr, at.keyLen));
      at = at.next;
    }
    Libraries.takeFromList(library);
  }

  private static takeFromList(library: Library): void {
    let before: Library | null = null;
    let at = Libraries.first;
    while (at && at != library) {
      before = at;
      at = at.next;
    }
    if (before) before.next = library.next;
    else Libraries.first = library.next;
    Libraries.count--;
    Libraries.bytes -= library.code.length;
  }

  static flush(): void {
    while (Libraries.first) {
      const library = changetype<Library>(Libraries.first);
      Libraries.leave(library);
      library.dispose();
    }
    if (Host.script(ScriptTask.RESET, 1) == Host.LUA_BROKE) Script.generation++;
  }

  // ── with a dataset ─────────────────────────────────────────────────────────────────────────

  /** Keeps a library of a dataset; its code runs when a command asks for functions. */
  static addPending(code: usize, length: u32): bool {
    if (!Shebang.readLibrary(code, length)) return false;
    const name = Shebang.name;
    const known = Libraries.find(name.bytes, name.length);
    if (known) {
      Libraries.leave(known);
      known.dispose();
    }
    Libraries.join(Libraries.make(name, code, length));
    Libraries.hasPending = true;
    return true;
  }

  /** Writes all of them as an RDB file has them, or as the commands that load them. */
  static save(out: RdbWriter, asCommands: bool): void {
    let at = Libraries.first;
    while (at) {
      LibraryFile.save(out, at.code.bytes, at.code.length, asCommands);
      at = at.next;
    }
  }
}

function register(data: usize, length: u32): u32 {
  return Libraries.register(data, length);
}

function addPending(code: usize, length: u32): bool {
  return Libraries.addPending(code, length);
}

function save(out: RdbWriter, asCommands: bool): void {
  Libraries.save(out, asCommands);
}

function flush(): void {
  Libraries.flush();
}
