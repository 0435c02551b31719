/** A byte string somewhere in memory: an argument of a command, 8 bytes in its vector. */
@unmanaged
export class Slice {
  ptr: u32;
  len: u32;


  @inline get end(): usize {
    return <usize>this.ptr + this.len;
  }
}
