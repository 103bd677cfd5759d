/** 64-bit little-endian words where they lie, at whatever alignment: nothing is copied. */
export class Words {
  readonly count: number;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.count = bytes.length / 8;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** True when the words [from, from + count) are all below `limit`, at most 2^64. */
  allBelow(limit: bigint, from: number, count: number): boolean {
    // As halves: a BigInt a word would take a hundred times as long.
    const last = limit - 1n;
    const [high, low] = [Number(last >> 32n), Number(last & 0xffffffffn)];
    for (let at = 8 * from; at < 8 * (from + count); at += 8) {
      const top = this.view.getUint32(at + 4, true);
      if (top > high || (top === high && this.view.getUint32(at, true) > low)) return false;
    }
    return true;
  }
}
