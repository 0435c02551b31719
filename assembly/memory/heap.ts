// The heap: every byte the engine holds comes from here, and is counted here.
//
// Memory is a row of 64 KB pages. A page is either part of a free run, part of a large block, or a
// *span*: 64 KB of equal blocks of one size class. Nothing about a block is kept in the block
// itself: a table with 16 bytes a page says what the page is, so `free` and `sizeOf` find the class
// of a pointer by its upper 16 bits, blocks pack without headers, and a 64-byte block is always
// 64-byte aligned. A span whose last block is freed goes back to the page runs, so memory moves
// between the classes.
//
//   0            heap base        page table end                                  grown on demand
//   ├────────────┼────────────────┼──────┬──────┬─────────────┬──────┬─────────────┬── …
//   │ static data│ page table     │ span │ span │ large block │ span │ free run    │
//   └────────────┴────────────────┴──────┴──────┴─────────────┴──────┴─────────────┴── …
//
// Size classes: every 8 bytes up to 128, eight a doubling up to 1 KB, four a doubling up to 32 KB.
// Anything larger is a run of whole pages.

const PAGE_SHIFT: u32 = 16;
const PAGE_SIZE: u32 = 1 << PAGE_SHIFT;
const PAGE_MASK: u32 = PAGE_SIZE - 1;

/** The largest block that lives in a span. */
const SPAN_BLOCK_MAX: u32 = 32768;
const SMALL_MAX: u32 = 128;
const MEDIUM_MAX: u32 = 1024;
const FIRST_MEDIUM: u32 = SMALL_MAX / 8 + 1;
const FIRST_BIG: u32 = FIRST_MEDIUM + 24;
const CLASS_COUNT: u32 = FIRST_BIG + 20;

/** Free runs of 1 … 62 pages have a list each; longer ones share the last. */
const LAST_BIN: u32 = 63;

const KIND_OUTSIDE: u8 = 0;
const KIND_FREE: u8 = 253;
const KIND_LARGE: u8 = 254;

/**
 * What one 64 KB page is.
 *
 *   0      1      2          4            6          8        12       16
 *   ├──────┼──────┼──────────┼────────────┼──────────┼────────┼────────┤
 *   │ kind │  –   │ used     │ first free │ fresh    │ next   │ prev   │   a span: kind is its class
 *   │ kind │  –   │          –                      │ next   │ prev   │   free run: pages in `count` of its ends
 *   └──────┴──────┴──────────┴────────────┴──────────┴────────┴────────┘
 *
 * `first free` is the offset of a free block in units of 8 bytes, plus 1; a free block begins with
 * the same kind of link. `fresh` counts blocks that were handed out at least once: beyond them the
 * span has never been touched.
 */
@unmanaged
class Page {
  kind: u8;
  private pad: u8;
  used: u16;
  firstFree: u16;
  fresh: u16;
  /** Page number of the next in its list; 0 ends it. */
  next: u32;
  prev: u32;

  /** Pages in a free run or a large block. */
  @inline get count(): u32 {
    return load<u32>(changetype<usize>(this), 4);
  }


  @inline set count(pages: u32) {
    store<u32>(changetype<usize>(this), pages, 4);
  }
}

// Tables in static memory, filled by `Heap.boot`.
const classSizes: usize = memory.data(256);
const classHeads: usize = memory.data(256);
const binHeads: usize = memory.data(256);

export class Heap {
  /** Bytes in blocks that are in use, rounded up to their class. */
  static used: usize = 0;
  /** The highest value `used` ever had at a tick. */
  static peak: usize = 0;
  /** What the engine itself needs, before any key. */
  static startup: usize = 0;
  /** Pages the heap may still take from free runs. */
  private static freePages: u32 = 0;
  private static pageTable: usize = 0;
  private static firstPage: u32 = 0;
  private static endPage: u32 = 0;
  private static limitPages: u32 = 0;
  /** Pages that the table has room for. */
  private static tablePages: u32 = 0;
  private static maxPages: u32 = 0;
  private static reservePages: u32 = 0;
  private static binMask: u64 = 0;

  /** Sets up the heap in at most `maxPages` pages of 64 KB; 0 means all that wasm32 has. */
  static boot(maxPages: u32): void {
    const limit = maxPages == 0 || maxPages > 65535 ? 65535 : maxPages;
    Heap.limitPages = limit;
    Heap.maxPages = limit;
    Heap.tablePages = min<u32>(limit << 2, 65535);
    Heap.reservePages = min<u32>(32, limit >> 4);
    for (let size: u32 = 8, index: u32 = 1; index < CLASS_COUNT; index++) {
      store<u32>(classSizes + (index << 2), size);
      size += size < SMALL_MAX ? 8 : ((<u32>1) << (31 - clz(size))) >> (size < MEDIUM_MAX ? 3 : 2);
    }
    Heap.pageTable = (__heap_base + 15) & ~15;
    const tableEnd = Heap.pageTable + ((<usize>Heap.tablePages) << 4);
    const first = <u32>((tableEnd + PAGE_MASK) >> PAGE_SHIFT);
    const have = <u32>memory.size();
    if (have < first) memory.grow(<i32>(first - have));
    Heap.firstPage = first;
    Heap.endPage = first;
    if (have > first) Heap.addPages(have - first);
  }

  /**
   * While what was stored is loaded, up to four times as much memory may be taken: what once had room may need more when
   * it runs again, and a store that cannot be loaded is lost. What was taken stays.
   */
  static set isLoading(isLoading: bool) {
    Heap.limitPages = isLoading ? Heap.tablePages : max(Heap.maxPages, Heap.endPage);
  }

  /** A block of at least `size` bytes, not zeroed. Callers that may ask for much ask `hasRoom` first. */
  static alloc(size: usize): usize {
    if (size > SPAN_BLOCK_MAX) return Heap.allocLarge(size);
    const index = Heap.classOf(<u32>size);
    let number = load<u32>(classHeads + (index << 2));
    if (!number) number = Heap.newSpan(index);
    const page = Heap.page(number);
    const blockSize = load<u32>(classSizes + (index << 2));
    Heap.used += blockSize;
    page.used++;
    const base = (<usize>number) << PAGE_SHIFT;
    const free = <u32>page.firstFree;
    let block: usize;
    if (free) {
      block = base + ((free - 1) << 3);
      page.firstFree = load<u16>(block);
    } else {
      block = base + <u32>page.fresh * blockSize;
      page.fresh++;
    }
    if (!page.firstFree && (<u32>page.fresh + 1) * blockSize > PAGE_SIZE)
      Heap.unlinkSpan(page, index);
    return block;
  }

  /** Gives a block back. */
  static free(block: usize): void {
    const number = <u32>(block >> PAGE_SHIFT);
    const page = Heap.page(number);
    const index = <u32>page.kind;
    if (index == KIND_LARGE) {
      Heap.used -= (<usize>page.count) << PAGE_SHIFT;
      Heap.releaseRun(number, page.count);
      return;
    }
    const blockSize = load<u32>(classSizes + (index << 2));
    Heap.used -= blockSize;
    const wasFull = !page.firstFree && (<u32>page.fresh + 1) * blockSize > PAGE_SIZE;
    store<u16>(block, page.firstFree);
    page.firstFree = <u16>(((<u32>(block & PAGE_MASK)) >> 3) + 1);
    const used = --page.used;
    if (wasFull) Heap.linkSpan(number, page, index);
    // The last span of a class stays, so that one block coming and going costs no page work.
    if (!used && (page.next || page.prev)) {
      Heap.unlinkSpan(page, index);
      Heap.releaseRun(number, 1);
    }
  }

  /** Makes a block hold `size` bytes, moving it where it must; what fits of its content is kept. */
  static resize(block: usize, size: usize): usize {
    const have = Heap.sizeOf(block);
    if (have > SPAN_BLOCK_MAX) {
      if (size > SPAN_BLOCK_MAX && Heap.resizeLarge(block, size)) return block;
    } else if (size <= have && (have <= 64 || size > have >> 1)) {
      return block;
    }
    const moved = Heap.alloc(size);
    memory.copy(moved, block, min(have, size));
    Heap.free(block);
    return moved;
  }

  /** The bytes a block can hold. */
  @inline static sizeOf(block: usize): usize {
    const page = Heap.page(<u32>(block >> PAGE_SHIFT));
    return page.kind == KIND_LARGE
      ? (<usize>page.count) << PAGE_SHIFT
      : load<u32>(classSizes + ((<u32>page.kind) << 2));
  }

  /** The bytes that a block asked for with `size` will take. */
  @inline static goodSize(size: usize): usize {
    return size > SPAN_BLOCK_MAX
      ? (size + PAGE_MASK) & ~(<usize>PAGE_MASK)
      : load<u32>(classSizes + (Heap.classOf(<u32>size) << 2));
  }

  /** Whether `bytes` in one piece can still be had without touching the reserve. */
  @inline static hasRoom(bytes: u64): bool {
    return Heap.hasRoomFor(bytes, bytes);
  }

  /** Whether `bytes` in all can still be had, the largest piece of them of `largest` bytes. */
  static hasRoomFor(bytes: u64, largest: u64): bool {
    const pages = (bytes + PAGE_MASK) >> PAGE_SHIFT;
    const growable = Heap.limitPages - Heap.endPage;
    if (pages + Heap.reservePages <= <u64>growable) return true;
    if (pages + Heap.reservePages > <u64>growable + Heap.freePages) return false;
    const piece = (largest + PAGE_MASK) >> PAGE_SHIFT;
    return piece <= <u64>growable || Heap.findRun(<u32>piece) != 0;
  }

  /** Whether a small block can be had, be it from the reserve: for what must go on when memory is full. */
  @inline static get hasReserve(): bool {
    return Heap.limitPages - Heap.endPage + Heap.freePages > Heap.reservePages >> 2;
  }

  /** Pages taken from the machine, in bytes. */
  @inline static get committed(): usize {
    return (<usize>Heap.endPage) << PAGE_SHIFT;
  }

  /** Bytes in free runs. */
  @inline static get idle(): usize {
    return (<usize>Heap.freePages) << PAGE_SHIFT;
  }

  /** The most the heap can ever hold, in bytes. */
  @inline static get limit(): u64 {
    return (<u64>(Heap.limitPages - Heap.firstPage)) << PAGE_SHIFT;
  }


  @inline private static page(number: u32): Page {
    return changetype<Page>(Heap.pageTable + ((<usize>number) << 4));
  }


  @inline private static classOf(size: u32): u32 {
    if (size <= SMALL_MAX) return (max<u32>(size, 1) + 7) >> 3;
    const last = size - 1;
    const power = 31 - clz(last);
    return size <= MEDIUM_MAX
      ? FIRST_MEDIUM + ((power - 7) << 3) + ((last >> (power - 3)) & 7)
      : FIRST_BIG + ((power - 10) << 2) + ((last >> (power - 2)) & 3);
  }

  private static newSpan(index: u32): u32 {
    const number = Heap.takeRun(1);
    const page = Heap.page(number);
    page.kind = <u8>index;
    page.used = 0;
    page.firstFree = 0;
    page.fresh = 0;
    Heap.linkSpan(number, page, index);
    return number;
  }

  private static linkSpan(number: u32, page: Page, index: u32): void {
    const slot = classHeads + (index << 2);
    const head = load<u32>(slot);
    page.prev = 0;
    page.next = head;
    if (head) Heap.page(head).prev = number;
    store<u32>(slot, number);
  }

  private static unlinkSpan(page: Page, index: u32): void {
    const next = page.next;
    const prev = page.prev;
    if (prev) Heap.page(prev).next = next;
    else store<u32>(classHeads + (index << 2), next);
    if (next) Heap.page(next).prev = prev;
    page.next = 0;
    page.prev = 0;
  }

  private static allocLarge(size: usize): usize {
    const pages = <u32>((size + PAGE_MASK) >> PAGE_SHIFT);
    const number = Heap.takeRun(pages);
    const page = Heap.page(number);
    page.kind = KIND_LARGE;
    page.count = pages;
    Heap.used += (<usize>pages) << PAGE_SHIFT;
    return (<usize>number) << PAGE_SHIFT;
  }

  /** Shrinks a large block, or grows it into the free run behind it; says whether it could. */
  private static resizeLarge(block: usize, size: usize): bool {
    const number = <u32>(block >> PAGE_SHIFT);
    const page = Heap.page(number);
    const have = page.count;
    const want = <u32>((size + PAGE_MASK) >> PAGE_SHIFT);
    if (want < have) {
      page.count = want;
      Heap.releaseRun(number + want, have - want);
    } else if (want > have) {
      const behind = number + have;
      const free = Heap.freeAt(behind);
      // At the end of memory, memory itself grows.
      if (free < want - have && behind + free == Heap.endPage) Heap.grow(want - have - free);
      if (Heap.freeAt(behind) < want - have) return false;
      Heap.splitRun(behind, want - have);
      page.count = want;
    }
    Heap.used += ((<usize>want) << PAGE_SHIFT) - ((<usize>have) << PAGE_SHIFT);
    return true;
  }

  /** Pages of the free run that begins at a page; 0 when none does. */
  private static freeAt(number: u32): u32 {
    if (number >= Heap.endPage) return 0;
    const run = Heap.page(number);
    return run.kind == KIND_FREE ? run.count : 0;
  }

  /** `pages` pages in a row: the first page's number. */
  private static takeRun(pages: u32): u32 {
    let number = Heap.findRun(pages);
    if (!number) {
      Heap.grow(pages);
      number = Heap.findRun(pages);
      assert(number != 0, "out of memory");
      if (!number) unreachable();
    }
    Heap.splitRun(number, pages);
    return number;
  }

  /** A free run of at least `pages` pages, or 0. */
  private static findRun(pages: u32): u32 {
    if (pages < LAST_BIN) {
      const mask = Heap.binMask >> pages;
      if (!mask) return 0;
      return load<u32>(binHeads + ((pages + <u32>ctz(mask)) << 2));
    }
    let best: u32 = 0;
    let bestCount: u32 = u32.MAX_VALUE;
    for (
      let number = load<u32>(binHeads + (LAST_BIN << 2));
      number;
      number = Heap.page(number).next
    ) {
      const count = Heap.page(number).count;
      if (count >= pages && count < bestCount) {
        best = number;
        bestCount = count;
      }
    }
    return best;
  }

  /** Takes the first `pages` pages of a free run; the rest stays free. */
  private static splitRun(number: u32, pages: u32): void {
    const count = Heap.page(number).count;
    Heap.unlinkRun(number);
    Heap.freePages -= count;
    if (count > pages) Heap.linkRun(number + pages, count - pages);
  }

  /** Makes a run free and joins it with its free neighbours. */
  private static releaseRun(number: u32, pages: u32): void {
    let first = number;
    let count = pages;
    if (number > Heap.firstPage) {
      const before = Heap.page(number - 1);
      if (before.kind == KIND_FREE) {
        first = number - before.count;
        count += before.count;
        Heap.freePages -= before.count;
        Heap.unlinkRun(first);
      }
    }
    const behind = number + pages;
    if (behind < Heap.endPage) {
      const after = Heap.page(behind);
      if (after.kind == KIND_FREE) {
        count += after.count;
        Heap.freePages -= after.count;
        Heap.unlinkRun(behind);
      }
    }
    Heap.linkRun(first, count);
  }

  private static linkRun(number: u32, count: u32): void {
    const bin = min(count, LAST_BIN);
    const slot = binHeads + (bin << 2);
    const head = load<u32>(slot);
    const page = Heap.page(number);
    page.kind = KIND_FREE;
    page.count = count;
    page.prev = 0;
    page.next = head;
    if (head) Heap.page(head).prev = number;
    store<u32>(slot, number);
    Heap.binMask |= (<u64>1) << bin;
    const last = Heap.page(number + count - 1);
    last.kind = KIND_FREE;
    last.count = count;
    Heap.freePages += count;
  }

  private static unlinkRun(number: u32): void {
    const page = Heap.page(number);
    const bin = min(page.count, LAST_BIN);
    const slot = binHeads + (bin << 2);
    if (page.prev) Heap.page(page.prev).next = page.next;
    else store<u32>(slot, page.next);
    if (page.next) Heap.page(page.next).prev = page.prev;
    if (!load<u32>(slot)) Heap.binMask &= ~((<u64>1) << bin);
    Heap.page(number + page.count - 1).kind = KIND_OUTSIDE;
    page.kind = KIND_OUTSIDE;
  }

  /** Grows memory in large steps: a grow call may cost the host a millisecond and its views. */
  private static grow(pages: u32): void {
    const growable = Heap.limitPages - Heap.endPage;
    const step = min<u32>(max<u32>(Heap.endPage >> 2, 16), 1024);
    let want = min(max(pages, step), growable);
    if (want < pages) return;
    if (memory.grow(<i32>want) < 0) {
      want = pages;
      if (memory.grow(<i32>want) < 0) return;
    }
    Heap.addPages(want);
  }

  private static addPages(pages: u32): void {
    const first = Heap.endPage;
    Heap.endPage += pages;
    Heap.releaseRun(first, pages);
  }
}
