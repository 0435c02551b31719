// A block of a large collection. A snapshot writes such a collection block by block while commands go
// on, so whatever changes a block, or frees it, must say so first.

@unmanaged
export class Block {
  /** The epoch of the snapshot that has this block's bytes, or need not have them. */
  stamp: u32;

  /** The epoch of the snapshot that runs, or ran last. */
  static epoch: u32 = 0;
  /** `(address)`: a block is about to change or to be freed; 0 while no snapshot cares. */
  static hook: u32 = 0;

  /** Must be called before any byte of the block changes. */
  @inline touch(): void {
    if (this.stamp != Block.epoch) this.firstTouch();
  }

  private firstTouch(): void {
    this.stamp = Block.epoch;
    Block.changes(changetype<usize>(this));
  }

  /** As `touch`, for a block without a stamp. */
  @inline static changes(address: usize): void {
    if (Block.hook) call_indirect<void>(Block.hook, address);
  }

  /** A block that is made while a snapshot runs is no part of it. */
  @inline stampNew(): void {
    this.stamp = Block.epoch;
  }
}
