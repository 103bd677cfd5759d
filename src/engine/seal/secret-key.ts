/**
 * The secret polynomial at rest: "OPsk", version 1, log2 n, two zero bytes, then n coefficients of
 * two bits each, lowest bits first (0, 1 and 2 for 0, 1 and −1).
 *
 * The ternary secret depends on neither the primes nor t, so one key serves every parameter set of
 * its degree; SEAL's own bytes are its NTT form under the primes of one set.
 */
import { OpalineError } from '../../errors/index.ts';
import type { AnyParameters } from '../../params/parameters.ts';
import { createWasmRing } from '../../ring/simd/wasm-ring.ts';
import { invalidBytes } from './wire-frame.ts';

const MAGIC = [0x4f, 0x50, 0x73, 0x6b, 1];
const HEADER_BYTES = 8;

/** Bytes of a secret of `n` coefficients. */
export function secretKeyBytes(n: number): number {
  return HEADER_BYTES + n / 4;
}

/** Our bytes of a secret given as digits 0, 1 and 2 (for −1), as many as the degree. */
export function packDigits(digits: Uint8Array): Uint8Array {
  const n = digits.length;
  const packed = new Uint8Array(secretKeyBytes(n));
  packed.set([...MAGIC, Math.log2(n)]);
  digits.forEach((digit, i) => {
    const at = HEADER_BYTES + (i >>> 2);
    packed[at] = (packed[at] ?? 0) | (digit << (2 * (i & 3)));
  });
  return packed;
}

/** The digits 0, 1 and 2 (for −1) of bytes that `packDigits` made. */
export function unpackDigits(packed: Uint8Array): Uint8Array {
  const digits = new Uint8Array(4 * (packed.length - HEADER_BYTES));
  for (let i = 0; i < digits.length; i += 1) {
    digits[i] = ((packed[HEADER_BYTES + (i >>> 2)] ?? 0) >>> (2 * (i & 3))) & 3;
  }
  return digits;
}

/**
 * The same of bytes that nothing has checked. Wipe them after use.
 *
 * @throws BYTES_INVALID unless they are a packed secret of degree `n`
 */
export function readDigits(n: number, packed: Uint8Array): Uint8Array {
  const what = 'a secret key';
  const header = [...MAGIC, Math.log2(n), 0, 0];
  if (packed.length !== secretKeyBytes(n)) throw invalidBytes(what, 'of the wrong length');
  if (!header.every((byte, i) => packed[i] === byte)) throw invalidBytes(what, 'of another format');
  const digits = unpackDigits(packed);
  let wrong = 0;
  for (const digit of digits) wrong |= digit & (digit >>> 1);
  if (wrong === 0) return digits;
  digits.fill(0);
  throw invalidBytes(what, 'holds a coefficient that is not 0, 1 or −1');
}

/**
 * Pack SEAL's secret (residues in NTT form, one limb for each key prime) into our bytes.
 *
 * @throws INTERNAL unless it is the same ternary polynomial under every prime
 */
export function packSecret(parameters: AnyParameters, nttForm: Uint32Array): Uint8Array {
  const { n } = parameters;
  const primes = keyPrimes(parameters);
  const residues = transform(parameters, nttForm, 'inverse');
  const digits = new Uint8Array(n);
  let wrong = 0;
  for (let i = 0; i < n; i += 1) {
    const digit = toDigit(residues[i] ?? 0, primes[0] ?? 0);
    for (const [limb, prime] of primes.entries()) {
      const residue = residues[limb * n + i] ?? 0;
      wrong |= residue ^ toResidue(digit, prime);
    }
    digits[i] = digit;
  }
  const packed = packDigits(digits);
  digits.fill(0);
  residues.fill(0);
  if (wrong !== 0) {
    packed.fill(0);
    throw new OpalineError('INTERNAL', { reason: 'SEAL made a secret that is not ternary' });
  }
  return packed;
}

/**
 * SEAL's form of a packed secret: NTT residues, one limb for each key prime of the parameters.
 *
 * @throws BYTES_INVALID unless the bytes are a packed secret of the parameters' degree
 */
export function unpackSecret(parameters: AnyParameters, packed: Uint8Array): Uint32Array {
  const { n } = parameters;
  const primes = keyPrimes(parameters);
  const digits = readDigits(n, packed);
  const residues = new Uint32Array(primes.length * n);
  for (let i = 0; i < n; i += 1) {
    const digit = digits[i]!;
    for (const [limb, prime] of primes.entries()) residues[limb * n + i] = toResidue(digit, prime);
  }
  digits.fill(0);
  const nttForm = transform(parameters, residues, 'forward');
  residues.fill(0);
  return nttForm;
}

function keyPrimes(parameters: AnyParameters): number[] {
  return [...parameters.dataPrimes, parameters.specialPrime];
}

/** Branch-free: the digits are secret. */
const toResidue = (digit: number, prime: number): number =>
  (digit & 1) + (digit >>> 1) * (prime - 1);

/** 0 and 1 stay, anything larger (prime − 1 in a ternary secret) becomes 2. */
const toDigit = (residue: number, prime: number): number => {
  const isLarge = ((prime >>> 1) - residue) >>> 31;
  return (residue & 1 & (1 - isLarge)) | (isLarge << 1);
};

/** NTT in a ring of its own, whose memory is wiped before it is let go. */
function transform(
  parameters: AnyParameters,
  residues: Uint32Array,
  direction: 'forward' | 'inverse',
): Uint32Array {
  const ring = createWasmRing(parameters.n, keyPrimes(parameters));
  const span = ring.allocate(residues.length);
  ring.view(span).set(residues);
  if (direction === 'forward') ring.forwardNtt(span);
  else ring.inverseNtt(span);
  const result = ring.view(span).slice();
  ring.view(span).fill(0);
  ring.release(span);
  return result;
}
