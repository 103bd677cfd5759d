import type { RowSet } from '../../table/row-set.ts';

/** The rows of one chunk that are of one group. */
export interface ChunkPart {
  readonly group: number;
  readonly count: number;
  /** Ascending, relative to the chunk's first row. */
  rows(): Uint16Array;
  /** Rows of the segment in this chunk that are not of the group. */
  others(): Uint16Array;
}

/** Splits row sets chunk by chunk, for the groups [from, to) that have rows there. */
export class ChunkRows {
  readonly n: number;
  private readonly segmentRows: number;
  private readonly eligible: RowSet;
  private readonly groupOf: Int32Array | undefined;
  private readonly from: number;
  private readonly to: number;
  private readonly present: Uint16Array;
  private readonly groups: Int32Array;
  private readonly starts: Int32Array;

  /** @param n rows of a chunk, a multiple of 8 */
  constructor(
    n: number,
    eligible: RowSet,
    groupOf: Int32Array | undefined,
    from: number,
    to: number,
  ) {
    this.n = n;
    this.segmentRows = eligible.rows;
    this.eligible = eligible;
    this.groupOf = groupOf;
    this.from = from;
    this.to = to;
    this.present = new Uint16Array(n);
    this.groups = new Int32Array(groupOf === undefined ? 0 : n);
    this.starts = new Int32Array(to - from + 1);
  }

  /** Rows of the segment in a chunk: n, fewer in the last. */
  size(chunk: number): number {
    return Math.min(this.n, this.segmentRows - chunk * this.n);
  }

  /** The groups with rows in the chunk, ascending. */
  at(chunk: number): ChunkPart[] {
    return this.groupOf === undefined ? this.undivided(chunk) : this.divided(chunk, this.groupOf);
  }

  private undivided(chunk: number): ChunkPart[] {
    const first = chunk * this.n;
    const size = this.size(chunk);
    const count = countMembers(this.eligible.words, first, size);
    if (count === 0 || this.from > 0) return [];
    return [
      {
        group: 0,
        count,
        rows: () => members(this.eligible.words, first, size, 0, new Uint16Array(count)),
        others: () => members(this.eligible.words, first, size, -1, new Uint16Array(size - count)),
      },
    ];
  }

  /** A counting sort of the chunk's rows by group. */
  private divided(chunk: number, groupOf: Int32Array): ChunkPart[] {
    const first = chunk * this.n;
    const size = this.size(chunk);
    const present = members(this.eligible.words, first, size, 0, this.present);
    const { starts, groups, from } = this;
    const width = this.to - from;
    starts.fill(0);
    for (let i = 0; i < present.length; i++) {
      const group = groupOf[first + present[i]!]! - from;
      const wanted = group >= 0 && group < width;
      groups[i] = wanted ? group : -1;
      if (wanted) starts[group]! += 1;
    }
    const parts: ChunkPart[] = [];
    const sorted = new Uint16Array(present.length);
    for (let group = 0, at = 0; group < width; group++) {
      const count = starts[group]!;
      starts[group] = at;
      if (count > 0) parts.push(this.part(chunk, group, sorted.subarray(at, at + count)));
      at += count;
    }
    for (let i = 0; i < present.length; i++) {
      const group = groups[i]!;
      if (group >= 0) sorted[starts[group]!++] = present[i]!;
    }
    return parts;
  }

  private part(chunk: number, group: number, rows: Uint16Array): ChunkPart {
    return {
      group: group + this.from,
      count: rows.length,
      rows: () => rows,
      others: () => {
        const words = new Uint32Array((this.n + 31) >>> 5);
        for (const row of rows) words[row >>> 5]! |= 1 << (row & 31);
        return members(words, 0, this.size(chunk), -1, new Uint16Array(this.n));
      },
    };
  }
}

/**
 * The rows r in [first, first + size) whose bit is 1, as r − first; with `flip` −1 those whose bit is
 * 0. `first` is a multiple of 8, so that rings of fewer than 32 coefficients work too.
 */
function members(
  words: Uint32Array,
  first: number,
  size: number,
  flip: 0 | -1,
  into: Uint16Array,
): Uint16Array {
  let count = 0;
  for (let base = 0; base < size; base += 32) {
    let bits = (wordAt(words, first + base) ^ flip) & validBits(size - base);
    for (; bits !== 0; bits &= bits - 1) into[count++] = base + 31 - Math.clz32(bits & -bits);
  }
  return into.subarray(0, count);
}

/** How many rows in [first, first + size) have a bit of 1. */
function countMembers(words: Uint32Array, first: number, size: number): number {
  let count = 0;
  for (let base = 0; base < size; base += 32) {
    count += popcount(wordAt(words, first + base) & validBits(size - base));
  }
  return count;
}

/** The 32 bits from bit `at` on, in a word or across two. */
function wordAt(words: Uint32Array, at: number): number {
  const shift = at & 31;
  const low = words[at >>> 5]! >>> shift;
  return shift === 0 ? low : low | ((words[(at >>> 5) + 1] ?? 0) << (32 - shift));
}

/** Ones in the lowest `count` bits of 32. */
function validBits(count: number): number {
  return count < 32 ? (1 << count) - 1 : -1;
}

/** Hacker's Delight, figure 5-2. */
function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
