// A block of a large collection. A snapshot writes such a collection block by block while commands go
// on, so whatever changes a block, or frees it, must say so first.

@unmanaged
export class Block {
  /** The epoch of the snapshot that has this block's bytes, or need not have them. */
  stamp: u32;

  /** The epoch of the snapshot that runs, or ran last. */
  static epoch: u32 = 0;

  /** Must be called before any byte of the block changes. */
  @inline touch(): void {
    if (this.stamp != Block.epoch) this.stamp = Block.epoch;
  }

  /** A block that is made while a snapshot runs is no part of it. */
  @inline stampNew(): void {
    this.stamp = Block.epoch;
  }
}
