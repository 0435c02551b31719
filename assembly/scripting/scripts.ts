// The scripts that were evaluated or loaded, by their SHA-1. They live until SCRIPT FLUSH.
//
//   Cached: reference │ flags │ generation │ length │ name: 40 hex digits │ body …

import { SipHash } from "../algorithms/siphash";
import { Config } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Bucket, Table } from "../structures/table";
import { Errors } from "../execution/command";
import { Host, ScriptTask } from "../execution/host";
import { Script } from "./script";
import { Shebang } from "./shebang";

const NAME: u32 = 40;
/** From so many on, compiled scripts may be what takes the memory. */
const COMPILED_MANY: u32 = 500;


@unmanaged
export class Cached {
  /** Where the interpreter has it, if that is still the one of this generation. */
  ref: i32;
  flags: u32;
  generation: u32;
  length: u32;


  @inline get keyPtr(): usize {
    return changetype<usize>(this) + offsetof<Cached>();
  }


  @inline get keyLen(): u32 {
    return NAME;
  }


  @inline get body(): usize {
    return this.keyPtr + NAME;
  }
}

export class Scripts {
  private static table: usize = 0;
  /** Bytes of the scripts. */
  static bytes: u64 = 0;
  /** Interpreters that were made anew because scripts of old filled them. */
  private static resets: u32 = 0;
  /** Scripts that the interpreter has compiled. */
  private static compiled: u32 = 0;


  @inline private static get generation(): u32 {
    return Script.generation + Scripts.resets;
  }


  @inline private static get all(): Table<Cached> {
    if (!Scripts.table) Scripts.table = changetype<usize>(Table.create<Cached>());
    return changetype<Table<Cached>>(Scripts.table);
  }

  static get count(): u32 {
    return Scripts.table ? Scripts.all.count : 0;
  }

  /** The script of that name, 40 lower-case digits, ready to run; null when there is none. */
  static find(name: usize): Cached | null {
    const found = Scripts.peek(name);
    if (!found || found.generation == Scripts.generation) return found;
    const ref = Scripts.compile(found.body, found.length);
    if (ref < 0) {
      Scripts.all.remove(name, NAME, SipHash.hash(name, NAME));
      Scripts.bytes -= found.length;
      Heap.free(changetype<usize>(found));
      return null;
    }
    found.ref = ref;
    found.generation = Scripts.generation;
    return found;
  }

  /**
   * What `ScriptTask.COMPILE` answers. Where scripts that nobody runs any more have taken the interpreter's memory,
   * it is made anew: those that are run again are compiled again.
   */
  private static compile(body: usize, length: u32): i32 {
    if (Scripts.compiled >= COMPILED_MANY) {
      const used = <u64>(<u32>Host.script(ScriptTask.MEMORY));
      if (used > (<u64>Config.scriptMemoryLimit) >> 1) Scripts.reset();
    }
    let ref = Host.script(ScriptTask.COMPILE, <u32>body, length);
    if (ref < 0 && Scripts.compiled && Bytes.is(Script.arenaStart, -ref, "not enough memory")) {
      Scripts.reset();
      ref = Host.script(ScriptTask.COMPILE, <u32>body, length);
    }
    if (ref >= 0) Scripts.compiled++;
    return ref;
  }

  private static reset(): void {
    Scripts.resets++;
    Scripts.compiled = 0;
    if (Host.script(ScriptTask.RESET, 0) == Host.LUA_BROKE) Script.generation++;
  }

  /** As `find`, perhaps not ready to run. */
  static peek(name: usize): Cached | null {
    return Scripts.all.find(name, NAME, SipHash.hash(name, NAME));
  }

  /** Compiles a script and keeps it; null with the reason in `Errors`. */
  static add(name: usize, body: usize, length: u32): Cached | null {
    if (!Shebang.readScript(body, length)) return null;
    const skipped = Shebang.length;
    const ref = Scripts.compile(body + skipped, length - skipped);
    if (ref < 0) {
      Errors.begin();
      if (Scripts.isAbsent(ref)) return null;
      Errors.text("ERR Error compiling script (new function): ");
      Errors.bytes(Script.arenaStart, -ref);
      return null;
    }
    const kept = length - skipped;
    const made = changetype<Cached>(Heap.alloc(offsetof<Cached>() + NAME + kept));
    made.ref = ref;
    made.flags = Shebang.flags;
    made.generation = Scripts.generation;
    made.length = kept;
    memory.copy(made.keyPtr, name, NAME);
    memory.copy(made.body, body + skipped, kept);
    Scripts.all.insert(made, SipHash.hash(name, NAME));
    Scripts.bytes += kept;
    return made;
  }

  /** Whether the host had no interpreter for a task; the reason is then in `Errors`. */
  static isAbsent(outcome: i32): bool {
    if (outcome == Host.NO_LUA) Errors.text("ERR scripts cannot run here: there is no Lua");
    else if (outcome == Host.LUA_BROKE)
      Errors.text(
        "ERR Error compiling script: it needs more of the stack or of memory than there is",
      );
    else return false;
    return true;
  }

  static flush(): void {
    if (!Scripts.table) return;
    const all = Scripts.all;
    for (let index: u32 = 0; index < all.buckets; index++) {
      let bucket: Bucket | null = all.bucketAt(index);
      while (bucket) {
        for (let filled = bucket.filled; filled; filled &= filled - 1) {
          Heap.free(changetype<usize>(bucket.item(<u32>ctz(filled))));
        }
        bucket = bucket.next;
      }
    }
    all.dispose();
    Heap.free(Scripts.table);
    Scripts.table = 0;
    Scripts.bytes = 0;
    Scripts.reset();
  }
}
