// Libraries of functions in files, as the text that FUNCTION LOAD takes. Whoever keeps them sets the hooks here
// and `RdbFile.functionHook`.

import { CommandWriter } from "./command-writer";
import { RdbOpcode } from "./rdb-format";
import { RdbWriter } from "./rdb-writer";

export class LibraryFile {
  /** `(writer, isCommands)`: calls `save` for each library. */
  static saveHook: u32 = 0;
  /** `()`: another dataset comes, and they go. */
  static clearHook: u32 = 0;

  /** Writes all libraries to a snapshot. */
  static write(out: RdbWriter, isCommands: bool): void {
    if (LibraryFile.saveHook)
      call_indirect<void>(LibraryFile.saveHook, changetype<usize>(out), isCommands);
  }

  static clear(): void {
    if (LibraryFile.clearHook) call_indirect<void>(LibraryFile.clearHook);
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
