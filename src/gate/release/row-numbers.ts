const NONE = 0xffffffff;

/**
 * Numbers of rows by what is in them: a number is for good, whatever becomes of the segment that its row is in. Rows of
 * equal content share a hash, 64 bits under a key, and each has a number of its own.
 */
export class RowNumbers {
  private size = 0;
  private hashes = new Uint32Array(2 * 1024);
  /** By row: the row of the same hash before it. */
  private before = new Uint32Array(1024);
  /** Open addressing: the latest row of a hash. */
  private slots = new Uint32Array(4096).fill(NONE);

  /** Rows so far. */
  get count(): number {
    return this.size;
  }

  /** A new row of a hash of two words. */
  add(high: number, low: number): number {
    if (2 * this.size >= this.hashes.length) this.grow();
    const number = this.size++;
    this.hashes[2 * number] = high;
    this.hashes[2 * number + 1] = low;
    this.link(number);
    return number;
  }

  /** The latest row of a hash for which `isFree`; −1 where there is none. */
  find(high: number, low: number, isFree: (row: number) => boolean): number {
    for (let row = this.slots[this.slotOf(high, low)]!; row !== NONE; row = this.before[row]!) {
      if (isFree(row)) return row;
    }
    return -1;
  }

  private slotOf(high: number, low: number): number {
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    for (let slot = (low ^ high) & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot]!;
      if (row === NONE || (hashes[2 * row] === high && hashes[2 * row + 1] === low)) return slot;
    }
  }

  private link(row: number): void {
    const slot = this.slotOf(this.hashes[2 * row]!, this.hashes[2 * row + 1]!);
    this.before[row] = this.slots[slot]!;
    this.slots[slot] = row;
  }

  private grow(): void {
    const hashes = new Uint32Array(2 * this.hashes.length);
    hashes.set(this.hashes);
    this.hashes = hashes;
    this.before = new Uint32Array(hashes.length / 2);
    this.slots = new Uint32Array(2 * hashes.length).fill(NONE);
    for (let row = 0; row < this.size; row++) this.link(row);
  }
}
