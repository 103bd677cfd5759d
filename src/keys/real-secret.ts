import { wipe } from '../bytes/compare.ts';
import { canonicalNorm } from '../engine/canonical-norm.ts';
import { unpackDigits } from '../engine/seal/secret-key.ts';
import { SECRET_NORM } from '../params/real-noise.ts';
import { drawSecret } from './product-secret.ts';

/**
 * The ring secret of degree n, for approximate arithmetic: drawn like that of products and apart from it,
 * since the error of an approximate decryption is a function of its secret (Li and Micciancio, EUROCRYPT
 * 2021), and what might be lost with one must not be what opens the other. Drawn again until its
 * canonical norm is what the error bounds count on, which all but 2^-57 of secrets have.
 */
export function deriveRealSecret(master: Uint8Array, n: number): Uint8Array {
  for (let attempt = 0; ; attempt++) {
    const packed = drawSecret(master, `opaline/1/ring/${n}/real/${attempt}`, n);
    const digits = unpackDigits(packed);
    const norm = canonicalNorm(Float64Array.from(digits, (digit) => digit - 3 * (digit >>> 1)));
    wipe(digits);
    if (norm <= SECRET_NORM) return packed;
    wipe(packed);
  }
}
