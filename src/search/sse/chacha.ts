/** "expand 32-byte k" (RFC 8439, section 2.3). */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

/**
 * One block of the ChaCha20 keystream under a zero nonce (RFC 8439, section 2.3): 16 words, the
 * little-endian reading of its 64 bytes. The key is 8 words from `keyAt` on.
 *
 * The rounds are written out here because an index has a key for every keyword, most of them for a
 * single block, and a library call costs ten times the block.
 */
// prettier-ignore
export function chachaBlock(
  key: Uint32Array,
  keyAt: number,
  counter: number,
  out: Uint32Array,
  outAt: number,
): void {
  const k0 = key[keyAt]!, k1 = key[keyAt + 1]!, k2 = key[keyAt + 2]!, k3 = key[keyAt + 3]!;
  const k4 = key[keyAt + 4]!, k5 = key[keyAt + 5]!, k6 = key[keyAt + 6]!, k7 = key[keyAt + 7]!;
  let x0 = SIGMA[0] | 0, x1 = SIGMA[1] | 0, x2 = SIGMA[2] | 0, x3 = SIGMA[3] | 0;
  let x4 = k0 | 0, x5 = k1 | 0, x6 = k2 | 0, x7 = k3 | 0;
  let x8 = k4 | 0, x9 = k5 | 0, xa = k6 | 0, xb = k7 | 0;
  let xc = counter | 0, xd = 0, xe = 0, xf = 0;
  for (let round = 0; round < 20; round += 2) {
    x0 = (x0 + x4) | 0; xc = rotl(xc ^ x0, 16); x8 = (x8 + xc) | 0; x4 = rotl(x4 ^ x8, 12);
    x0 = (x0 + x4) | 0; xc = rotl(xc ^ x0, 8);  x8 = (x8 + xc) | 0; x4 = rotl(x4 ^ x8, 7);
    x1 = (x1 + x5) | 0; xd = rotl(xd ^ x1, 16); x9 = (x9 + xd) | 0; x5 = rotl(x5 ^ x9, 12);
    x1 = (x1 + x5) | 0; xd = rotl(xd ^ x1, 8);  x9 = (x9 + xd) | 0; x5 = rotl(x5 ^ x9, 7);
    x2 = (x2 + x6) | 0; xe = rotl(xe ^ x2, 16); xa = (xa + xe) | 0; x6 = rotl(x6 ^ xa, 12);
    x2 = (x2 + x6) | 0; xe = rotl(xe ^ x2, 8);  xa = (xa + xe) | 0; x6 = rotl(x6 ^ xa, 7);
    x3 = (x3 + x7) | 0; xf = rotl(xf ^ x3, 16); xb = (xb + xf) | 0; x7 = rotl(x7 ^ xb, 12);
    x3 = (x3 + x7) | 0; xf = rotl(xf ^ x3, 8);  xb = (xb + xf) | 0; x7 = rotl(x7 ^ xb, 7);

    x0 = (x0 + x5) | 0; xf = rotl(xf ^ x0, 16); xa = (xa + xf) | 0; x5 = rotl(x5 ^ xa, 12);
    x0 = (x0 + x5) | 0; xf = rotl(xf ^ x0, 8);  xa = (xa + xf) | 0; x5 = rotl(x5 ^ xa, 7);
    x1 = (x1 + x6) | 0; xc = rotl(xc ^ x1, 16); xb = (xb + xc) | 0; x6 = rotl(x6 ^ xb, 12);
    x1 = (x1 + x6) | 0; xc = rotl(xc ^ x1, 8);  xb = (xb + xc) | 0; x6 = rotl(x6 ^ xb, 7);
    x2 = (x2 + x7) | 0; xd = rotl(xd ^ x2, 16); x8 = (x8 + xd) | 0; x7 = rotl(x7 ^ x8, 12);
    x2 = (x2 + x7) | 0; xd = rotl(xd ^ x2, 8);  x8 = (x8 + xd) | 0; x7 = rotl(x7 ^ x8, 7);
    x3 = (x3 + x4) | 0; xe = rotl(xe ^ x3, 16); x9 = (x9 + xe) | 0; x4 = rotl(x4 ^ x9, 12);
    x3 = (x3 + x4) | 0; xe = rotl(xe ^ x3, 8);  x9 = (x9 + xe) | 0; x4 = rotl(x4 ^ x9, 7);
  }
  out[outAt] = x0 + SIGMA[0]; out[outAt + 1] = x1 + SIGMA[1];
  out[outAt + 2] = x2 + SIGMA[2]; out[outAt + 3] = x3 + SIGMA[3];
  out[outAt + 4] = x4 + k0; out[outAt + 5] = x5 + k1; out[outAt + 6] = x6 + k2; out[outAt + 7] = x7 + k3;
  out[outAt + 8] = x8 + k4; out[outAt + 9] = x9 + k5; out[outAt + 10] = xa + k6; out[outAt + 11] = xb + k7;
  out[outAt + 12] = xc + counter; out[outAt + 13] = xd; out[outAt + 14] = xe; out[outAt + 15] = xf;
}

function rotl(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
