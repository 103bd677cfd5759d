import { toHex } from '../../../../bytes/hex.ts';

/** Bytes of hints that a process keeps. */
const MOST_BYTES = 1 << 27;

/**
 * Hints by their digest, the least recently used forgotten first: what a store has to send once for each table
 * rather than with each lookup. Nothing in it is secret, and nothing gets in that was not checked against a sealed digest.
 */
export class HintCache {
  private readonly hints = new Map<string, Uint32Array>();
  private bytes = 0;

  get(digest: Uint8Array): Uint32Array | undefined {
    const id = toHex(digest);
    const hint = this.hints.get(id);
    if (hint === undefined) return undefined;
    this.hints.delete(id);
    this.hints.set(id, hint);
    return hint;
  }

  put(digest: Uint8Array, hint: Uint32Array): void {
    const id = toHex(digest);
    if (this.hints.has(id)) return;
    this.hints.set(id, hint);
    this.bytes += hint.byteLength;
    for (const [oldest, { byteLength }] of this.hints) {
      if (this.bytes <= MOST_BYTES) return;
      this.hints.delete(oldest);
      this.bytes -= byteLength;
    }
  }
}
