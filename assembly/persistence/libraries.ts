// Libraries of functions, as the text that FUNCTION LOAD takes: what a file brings is in the next file, too,
// whether or not scripts can run here.
//
//   library   0      4        8
//             ├──────┼────────┼──────────┐
//             │ next │ length │ code …   │
//             └──────┴────────┴──────────┘
//
// Whoever runs functions keeps them, and sets `RdbFile.functionHook` and `saveHook`.

import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { CommandWriter } from "./command-writer";
import { RdbOpcode } from "./rdb-format";
import { RdbWriter } from "./rdb-writer";


@unmanaged
class Library {
  next: Library | null;
  length: u32;


  @inline get code(): usize {
    return changetype<usize>(this) + offsetof<Library>();
  }
}

export class Libraries {
  /** `(writer, isCommands)`: calls `save` for each library; 0: those kept here are saved. */
  static saveHook: u32 = 0;
  private static first: Library | null = null;

  /** Keeps a library, once. */
  static keep(ptr: usize, len: u32): void {
    let last: Library | null = null;
    for (let each = Libraries.first; each; each = each!.next) {
      if (Bytes.compare(each.code, each.length, ptr, len) == 0) return;
      last = each;
    }
    const library = changetype<Library>(Heap.alloc(offsetof<Library>() + <usize>len));
    library.next = null;
    library.length = len;
    memory.copy(library.code, ptr, len);
    if (last) last.next = library;
    else Libraries.first = library;
  }

  static clear(): void {
    while (Libraries.first) {
      const library = Libraries.first!;
      Libraries.first = library.next;
      Heap.free(changetype<usize>(library));
    }
  }

  /** Writes all libraries to a snapshot; commands name them only where something runs them. */
  static write(out: RdbWriter, isCommands: bool): void {
    if (Libraries.saveHook)
      return call_indirect<void>(Libraries.saveHook, changetype<usize>(out), isCommands);
    if (isCommands) return;
    for (let each = Libraries.first; each; each = each!.next)
      Libraries.save(out, each.code, each.length, false);
  }

  /** Writes one. */
  static save(out: RdbWriter, ptr: usize, len: u32, isCommands: bool): void {
    if (isCommands) {
      CommandWriter.begin(out, 3, "FUNCTION");
      CommandWriter.text(out, "LOAD");
      CommandWriter.bulk(out, ptr, len);
    } else {
      out.byte(RdbOpcode.FUNCTION_2);
      out.string(ptr, len);
    }
  }
}
