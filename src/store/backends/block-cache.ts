/** Bytes of a block; the last of a part is shorter. */
export const BLOCK_BYTES: number = 1 << 18;

/**
 * Blocks of parts that are read in small ranges: what an operating system does for files and a browser does not for
 * what a page has stored. The most recently used stay. Parts never change, so a block is never stale.
 */
export class BlockCache {
  private readonly blocks = new Map<string, Promise<Uint8Array>>();
  private readonly most: number;

  /** @param bytes that all blocks together may have */
  constructor(bytes: number) {
    this.most = Math.max(1, Math.floor(bytes / BLOCK_BYTES));
  }

  /**
   * Bytes [offset, offset + length) of a part, the caller's own; fewer where it ends.
   * @param part what it is called, `/` apart from others it begins with
   * @param load reads a block: bytes [from, from + BLOCK_BYTES), fewer where the part ends
   */
  async read(
    part: string,
    offset: number,
    length: number,
    load: (from: number) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const first = Math.floor(offset / BLOCK_BYTES);
    const last = Math.floor((offset + Math.max(length, 1) - 1) / BLOCK_BYTES);
    const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const blocks = await Promise.all(numbers.map((number) => this.block(part, number, load)));
    const end = offset + length;
    const pieces = blocks.map((block, i) => {
      const from = (first + i) * BLOCK_BYTES;
      return block.subarray(Math.max(offset - from, 0), Math.max(end - from, 0));
    });
    const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }

  /** Drop what there is of a part. */
  forget(part: string): void {
    for (const key of this.blocks.keys()) if (key.startsWith(`${part}/`)) this.blocks.delete(key);
  }

  clear(): void {
    this.blocks.clear();
  }

  private block(
    part: string,
    number: number,
    load: (from: number) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const key = `${part}/${number}`;
    const known = this.blocks.get(key);
    // At the end: a Map iterates in insertion order, so that the front was used longest ago.
    if (known !== undefined) this.blocks.delete(key);
    const block = known ?? load(number * BLOCK_BYTES);
    this.blocks.set(key, block);
    if (known === undefined) {
      const drop = (): void => {
        if (this.blocks.get(key) === block) this.blocks.delete(key);
      };
      block.catch(drop);
      const [oldest] = this.blocks.keys();
      if (this.blocks.size > this.most && oldest !== undefined) this.blocks.delete(oldest);
    }
    return block;
  }
}
