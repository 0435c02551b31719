// A place in a score tree from which members are read in either direction. Any change of the tree
// makes it void.

import { ScoreLeaf } from "./score-tree-node";
import { ScoredMember } from "./scored-member";


@unmanaged
export class ScoreCursor {
  private leaf: ScoreLeaf | null;
  private index: u32;

  /** Stands on a member, or behind the last of a leaf: then on the first of the next, if there is one. */
  @inline set(leaf: ScoreLeaf, index: u32): void {
    this.leaf = leaf;
    this.index = index;
    const next = leaf.next;
    if (index < leaf.count || !next) return;
    this.leaf = next;
    this.index = 0;
  }

  /** Whether the cursor stands on a member. */
  @inline get valid(): bool {
    const leaf = this.leaf;
    return leaf != null && this.index < leaf.count;
  }


  @inline get item(): ScoredMember {
    return this.leaf!.itemAt(this.index);
  }

  /** The score, without a look at the item. */
  @inline get score(): f64 {
    return this.leaf!.scoreAt(this.index);
  }

  /** To the member after; behind the last one the cursor is no longer valid. */
  @inline forward(): void {
    const leaf = this.leaf!;
    if (++this.index < leaf.count) return;
    const next = leaf.next;
    if (!next) return;
    this.leaf = next;
    this.index = 0;
  }

  /** To the member before; before the first one the cursor is no longer valid. */
  @inline back(): void {
    const leaf = this.leaf!;
    if (this.index) {
      this.index--;
      return;
    }
    const prev = leaf.prev;
    this.leaf = prev;
    this.index = prev ? prev.count - 1 : 0;
  }
}
