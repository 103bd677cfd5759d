import { chacha20Stream } from '../../bytes/chacha20.ts';
import { sha256 } from '../../bytes/hash.ts';
import { randomBytes } from '../../bytes/random.ts';
import { utf8, Writer } from '../../bytes/codec.ts';
import { unpackDigits } from '../../engine/seal/secret-key.ts';
import type { Parameters } from '../../params/parameters.ts';
import { createWasmRing } from '../../ring/simd/wasm-ring.ts';
import { uniformResidues } from './uniform.ts';

/** Bits of each half of SEAL's centred binomial error (sample_poly_cbd): |e| ≤ 21, of deviation 3.24. */
const ERROR_BITS = 21;
const ERROR_MASK = (1 << ERROR_BITS) - 1;

/** The primes of a public key: data primes, then the special one. */
export function keyPrimes({ dataPrimes, specialPrime }: Parameters): readonly number[] {
  return [...dataPrimes, specialPrime];
}

/**
 * The uniform half a of a public key, evaluation form, from a public 32-byte seed: rejection from the ChaCha20
 * keystream under SHA-256 of a label and the seed. Nobody who shares in a joint key chooses it.
 */
export function expandPublic(parameters: Parameters, seed: Uint8Array): Uint32Array {
  const key = sha256(new Writer(64).raw(utf8('opaline/1/custody/public')).raw(seed).finish());
  const stream = chacha20Stream(key);
  return uniformResidues(parameters.n, keyPrimes(parameters), (length) => {
    const bytes = new Uint8Array(length);
    stream(bytes);
    return bytes;
  });
}

/**
 * b = −(a·s + e), evaluation form, for a ternary secret in the bytes of secret-key.ts and a fresh centred binomial
 * error: a whole public key's other half, or a party's summand of it. a = expandPublic(seed).
 */
export function publicShare(
  parameters: Parameters,
  seed: Uint8Array,
  packedSecret: Uint8Array,
): Uint32Array {
  const { n } = parameters;
  const primes = keyPrimes(parameters);
  const ring = createWasmRing(n, primes);
  const words = n * primes.length;
  const [secret, error, a] = [ring.allocate(words), ring.allocate(words), ring.allocate(words)];
  const sum = ring.accumulator(primes.length);
  const digits = unpackDigits(packedSecret);
  const errors = centredBinomial(n);
  try {
    for (const [limb, prime] of primes.entries()) {
      const s = ring.view(secret).subarray(limb * n, (limb + 1) * n);
      const e = ring.view(error).subarray(limb * n, (limb + 1) * n);
      for (let i = 0; i < n; i += 1) {
        s[i] = ternaryResidue(digits[i]!, prime);
        e[i] = signedResidue(errors[i]!, prime);
      }
    }
    ring.view(a).set(expandPublic(parameters, seed));
    ring.forwardNtt(secret);
    ring.forwardNtt(error);
    ring.clear(sum);
    ring.multiplyAccumulate(sum, a, secret);
    ring.reduce(sum, a);
    ring.add(a, a, error);
    const b = ring.view(a).slice();
    for (const [limb, prime] of primes.entries()) {
      for (let i = limb * n; i < (limb + 1) * n; i += 1) b[i] = (prime - b[i]!) % prime;
    }
    return b;
  } finally {
    for (const span of [secret, error]) ring.view(span).fill(0);
    ring.clear(sum);
    digits.fill(0);
    errors.fill(0);
  }
}

/** The secret in coefficient form modulo the data primes: what is shared out, or a party's summand. */
export function secretResidues(
  { n, dataPrimes }: Parameters,
  packedSecret: Uint8Array,
): Uint32Array {
  const digits = unpackDigits(packedSecret);
  const residues = new Uint32Array(dataPrimes.length * n);
  for (const [limb, prime] of dataPrimes.entries()) {
    for (let i = 0; i < n; i += 1) residues[limb * n + i] = ternaryResidue(digits[i]!, prime);
  }
  digits.fill(0);
  return residues;
}

/** Branch-free: digits 0, 1 and 2 (for −1) are secret. */
const ternaryResidue = (digit: number, prime: number): number =>
  (digit & 1) + (digit >>> 1) * (prime - 1);

/** Branch-free, of a value above −prime and below prime. */
const signedResidue = (value: number, prime: number): number => value + ((value >> 31) & prime);

function centredBinomial(n: number): Int8Array {
  const bytes = randomBytes(8 * n);
  const view = new DataView(bytes.buffer);
  const errors = Int8Array.from(
    { length: n },
    (_, i) =>
      ones(view.getUint32(8 * i) & ERROR_MASK) - ones(view.getUint32(8 * i + 4) & ERROR_MASK),
  );
  bytes.fill(0);
  return errors;
}

/** Set bits of a word below 2^31. */
function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x5555_5555);
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333);
  x = (x + (x >>> 4)) & 0x0f0f_0f0f;
  return Math.imul(x, 0x0101_0101) >>> 24;
}
