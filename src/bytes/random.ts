import { toHex } from './hex.ts';

/** Bytes from the platform's CSPRNG; WebCrypto is global in Node and browsers. */
export function randomBytes(length: number): Uint8Array {
  const out = new Uint8Array(length);
  // getRandomValues refuses more than 65,536 bytes at a time (WebCrypto, §10.1.1).
  for (let at = 0; at < length; at += 65_536) {
    globalThis.crypto.getRandomValues(out.subarray(at, Math.min(length, at + 65_536)));
  }
  return out;
}

/** 16 random bytes as hex: opaque ids of tables, segments and parts. */
export function randomId(): string {
  return toHex(randomBytes(16));
}

const DRAWS = new DataView(new ArrayBuffer(8 * 512));
let drawsLeft = 0;

/** A uniformly random whole number from 0 to bound − 1, by rejection; `bound` is 1 to 2^53. */
export function randomBelow(bound: number): number {
  const limit = 2 ** 53 - (2 ** 53 % bound);
  for (;;) {
    if (drawsLeft === 0) {
      globalThis.crypto.getRandomValues(new Uint8Array(DRAWS.buffer));
      drawsLeft = DRAWS.byteLength / 8;
    }
    const at = 8 * --drawsLeft;
    const value = (DRAWS.getUint32(at) >>> 11) * 2 ** 32 + DRAWS.getUint32(at + 4);
    // What was drawn is not left lying about.
    DRAWS.setUint32(at, 0);
    DRAWS.setUint32(at + 4, 0);
    if (value < limit) return value % bound;
  }
}
