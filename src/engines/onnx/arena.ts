/**
 * A model of ONNX Runtime's arena: where blocks lie, and how much memory they take. It is a
 * best-fit allocator with coalescing (`bfc_arena.cc`, from TensorFlow). A block may get a hole of
 * up to twice its size, so the arena takes more than it holds, and memory once touched stays with
 * the process.
 */

/** All sizes are multiples of this. */
const UNIT = 256;
const FIRST_REGION = 2 ** 20;
const LARGEST_REGION = 2 ** 30;
/** A larger remainder is always split off. */
const DEAD = 2 ** 27;
const BINS = 21;

/** A piece of memory from the system. */
interface Region {
  /** Order of allocation; later regions lie lower in memory. */
  readonly number: number;
  /** Bytes from its beginning that were ever in use. */
  touched: number;
}

/** A block or a hole; those of a region form a chain. */
export interface Chunk {
  readonly region: Region;
  readonly at: number;
  size: number;
  isFree: boolean;
  before: Chunk | undefined;
  behind: Chunk | undefined;
}

const rounded = (bytes: number): number => Math.max(UNIT, Math.ceil(bytes / UNIT) * UNIT);

/** Returns the bin of a size. Bins double from the unit on. */
const binOf = (bytes: number): number => Math.min(BINS - 1, Math.floor(Math.log2(bytes / UNIT)));

const isLower = (a: Chunk, b: Chunk): boolean =>
  a.region === b.region ? a.at < b.at : a.region.number > b.region.number;

const isBetter = (a: Chunk, b: Chunk): boolean =>
  a.size < b.size || (a.size === b.size && isLower(a, b));

export class Arena {
  private nextRegion = FIRST_REGION;
  private used = 0;
  private mostUsed = 0;
  private readonly holes: Set<Chunk>[] = Array.from({ length: BINS }, () => new Set());
  private readonly regions: Region[] = [];

  /** Returns the bytes that were ever in use. */
  touched(): number {
    return this.regions.reduce((sum, { touched }) => sum + touched, 0);
  }

  /**
   * Returns the most bytes in use at once, including what blocks were given beyond their request.
   */
  peak(): number {
    return this.mostUsed;
  }

  private add(hole: Chunk): void {
    hole.isFree = true;
    this.holes[binOf(hole.size)]?.add(hole);
  }

  private remove(hole: Chunk): void {
    hole.isFree = false;
    this.holes[binOf(hole.size)]?.delete(hole);
  }

  private find(bytes: number): Chunk | undefined {
    for (const bin of this.holes.slice(binOf(bytes))) {
      let best: Chunk | undefined;
      for (const hole of bin)
        if (hole.size >= bytes && (best === undefined || isBetter(hole, best))) best = hole;
      if (best !== undefined) return best;
    }
    return undefined;
  }

  /**
   * Requests a region from the system: twice as large as the one before, or as large as necessary.
   */
  private extended(bytes: number): Chunk {
    const isShort = bytes > this.nextRegion;
    while (bytes > this.nextRegion) this.nextRegion *= 2;
    const size = this.nextRegion;
    if (!isShort)
      this.nextRegion = size < LARGEST_REGION / 2 ? 2 * size : Math.max(size, LARGEST_REGION);
    const region: Region = { number: this.regions.length, touched: 0 };
    this.regions.push(region);
    return { region, at: 0, size, isFree: false, before: undefined, behind: undefined };
  }

  /** Makes a hole of what the block does not need. */
  private split(chunk: Chunk, bytes: number): void {
    const { region, at, size, behind } = chunk;
    const rest: Chunk = {
      region,
      at: at + bytes,
      size: size - bytes,
      isFree: true,
      before: chunk,
      behind,
    };
    if (behind !== undefined) behind.before = rest;
    chunk.behind = rest;
    chunk.size = bytes;
    this.add(rest);
  }

  take(wanted: number): Chunk {
    const bytes = rounded(wanted);
    const found = this.find(bytes);
    if (found !== undefined) this.remove(found);
    const chunk = found ?? this.extended(bytes);
    if (chunk.size >= 2 * bytes || chunk.size - bytes >= DEAD) this.split(chunk, bytes);
    this.used += chunk.size;
    this.mostUsed = Math.max(this.mostUsed, this.used);
    chunk.region.touched = Math.max(chunk.region.touched, chunk.at + wanted);
    return chunk;
  }

  /** Joins a chunk with the next one. */
  private joined(first: Chunk, second: Chunk): Chunk {
    first.size += second.size;
    first.behind = second.behind;
    if (second.behind !== undefined) second.behind.before = first;
    return first;
  }

  release(chunk: Chunk): void {
    this.used -= chunk.size;
    const { before, behind } = chunk;
    let hole = chunk;
    if (behind?.isFree) {
      this.remove(behind);
      hole = this.joined(hole, behind);
    }
    if (before?.isFree) {
      this.remove(before);
      hole = this.joined(before, hole);
    }
    this.add(hole);
  }
}
