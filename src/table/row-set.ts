/**
 * A set of rows of one segment, as a bitmap: row r is bit r & 31 of word r >>> 5.
 * Bits at and past `rows` are always 0.
 */
export class RowSet {
  readonly rows: number;
  readonly words: Uint32Array;

  constructor(rows: number, words: Uint32Array = new Uint32Array((rows + 31) >>> 5)) {
    this.rows = rows;
    this.words = words;
  }

  static full(rows: number): RowSet {
    const set = new RowSet(rows);
    set.words.fill(0xffffffff);
    set.trim();
    return set;
  }

  static of(rows: number, ids: Iterable<number>): RowSet {
    const set = new RowSet(rows);
    for (const id of ids) set.add(id);
    return set;
  }

  add(row: number): void {
    this.words[row >>> 5]! |= 1 << (row & 31);
  }

  has(row: number): boolean {
    return ((this.words[row >>> 5]! >>> (row & 31)) & 1) === 1;
  }

  get count(): number {
    const { words } = this;
    let total = 0;
    // Most sets have few rows.
    for (let i = 0; i < words.length; i++) if (words[i] !== 0) total += popcount(words[i]!);
    return total;
  }

  and(other: RowSet): RowSet {
    const out = new Uint32Array(this.words.length);
    for (let i = 0; i < out.length; i++) out[i] = this.words[i]! & other.words[i]!;
    return new RowSet(this.rows, out);
  }

  or(other: RowSet): RowSet {
    const out = new Uint32Array(this.words.length);
    for (let i = 0; i < out.length; i++) out[i] = this.words[i]! | other.words[i]!;
    return new RowSet(this.rows, out);
  }

  not(): RowSet {
    const out = new Uint32Array(this.words.length);
    for (let i = 0; i < out.length; i++) out[i] = ~this.words[i]!;
    const set = new RowSet(this.rows, out);
    set.trim();
    return set;
  }

  /** The rows in ascending order. */
  toArray(): Uint32Array {
    return this.range(0, this.rows);
  }

  /** The rows r in [from, to), ascending, as r − from. `from` must be a multiple of 32. */
  range(from: number, to: number): Uint32Array {
    const first = from >>> 5;
    const end = Math.min(this.words.length, (to + 31) >>> 5);
    let size = 0;
    for (let w = first; w < end; w++) size += popcount(this.words[w]!);
    const out = new Uint32Array(size);
    let k = 0;
    for (let w = first; w < end; w++) {
      let bits = this.words[w]!;
      const base = (w << 5) - from;
      while (bits !== 0) {
        const low = bits & -bits;
        out[k++] = base + 31 - Math.clz32(low);
        bits ^= low;
      }
    }
    return out;
  }

  private trim(): void {
    const extra = this.rows & 31;
    if (extra !== 0) this.words[this.words.length - 1]! &= 0xffffffff >>> (32 - extra);
  }
}

function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
