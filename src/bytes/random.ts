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
