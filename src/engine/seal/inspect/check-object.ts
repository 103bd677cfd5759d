import { equalBytes } from '../../../bytes/compare.ts';
import { invalidBytes } from '../wire-frame.ts';
import type { CiphertextBytes } from './ciphertext-bytes.ts';
import type { KeySwitchingBytes } from './key-switching-bytes.ts';
import { MODULUS_LIMIT } from './limits.ts';
import { type Level, levelOf, type ModulusChain, modulusOf } from './modulus-chain.ts';
import type { ExpectedObject, SealFacts } from './object-types.ts';
import type { PlaintextBytes } from './plaintext-bytes.ts';

/**
 * What an object must be under a modulus chain, beyond what its layout says: the checks of SEAL's
 * is_metadata_valid_for and is_data_valid_for (native/src/seal/valcheck.cpp), and those it lacks.
 * Without a chain, only what holds under every one. Each throws BYTES_INVALID.
 */
export function checkCiphertext(bytes: CiphertextBytes, expected: ExpectedObject): SealFacts {
  const what = 'a ciphertext';
  const { chain } = expected;
  const { polynomials, ntt, scale, correctionFactor, seeded } = bytes;
  const level = chain && dataLevel(what, bytes.parmsId, chain);
  requireEqual(what, 'degree', bytes.n, chain?.n);
  checkResidues(what, bytes, level);
  const scheme = chain?.scheme ?? schemeOf(bytes);
  if (chain && ntt === (chain.scheme === 'bfv')) {
    throw invalidBytes(what, ntt ? 'BFV in NTT form' : 'not in NTT form');
  }
  checkScale(what, scale, scheme, level);
  if (scheme !== 'bgv' && scheme !== undefined && correctionFactor !== 1n) {
    throw invalidBytes(what, 'a correction factor outside BGV');
  }
  if (correctionFactor >= (chain?.plainModulus || MODULUS_LIMIT)) {
    throw invalidBytes(what, 'the correction factor is not below the plaintext modulus');
  }
  requireEqual(what, 'polynomials', polynomials, expected.polynomials);
  requireEqual(what, 'seeded', seeded, expected.seeded);
  requireEqual(what, 'primes', bytes.limbs, expected.limbs);
  requireEqual(what, 'a scale', scale, expected.scale);
  requireEqual(what, 'a correction factor', correctionFactor, expected.correctionFactor);
  const shape = { n: bytes.n, primes: level?.primes, limbs: bytes.limbs };
  const transparent = !seeded && isTransparent(bytes) ? { transparent: true } : {};
  return { scheme, ...shape, polynomials, seeded, ntt, scale, correctionFactor, ...transparent };
}

export function checkPublicKey(
  bytes: CiphertextBytes,
  { chain, seeded }: ExpectedObject,
): SealFacts {
  const what = 'a public key';
  checkKey(what, bytes, chain);
  requireEqual(what, 'seeded', bytes.seeded, seeded);
  const primes = chain?.key.primes;
  return { scheme: chain?.scheme, n: bytes.n, primes, limbs: bytes.limbs, seeded: bytes.seeded };
}

export function checkPlaintext(bytes: PlaintextBytes, expected: ExpectedObject): SealFacts {
  const what = 'a plaintext';
  const { chain } = expected;
  const { words, scale, inCoefficientForm } = bytes;
  requireEqual(what, 'a scale', scale, expected.scale);
  const facts = { scale, ntt: !inCoefficientForm };
  if (inCoefficientForm) {
    if (chain?.scheme === 'ckks') throw invalidBytes(what, 'CKKS in coefficient form');
    if (scale !== 1) throw invalidBytes(what, 'the scale is not 1');
    if (chain && words.count > chain.n)
      throw invalidBytes(what, 'more coefficients than the degree');
    if (!words.allBelow(chain?.plainModulus ?? MODULUS_LIMIT, 0, words.count)) {
      throw invalidBytes(what, 'a coefficient is not below the plaintext modulus');
    }
    return { scheme: chain?.scheme, n: chain?.n, ...facts, coefficients: words.count };
  }
  const level = chain && dataLevel(what, bytes.parmsId, chain);
  const scheme = chain?.scheme ?? (scale === 1 ? undefined : 'ckks');
  checkScale(what, scale, scheme, level);
  checkNttWords(what, bytes, chain, level);
  requireEqual(what, 'primes', level?.primes.length, expected.limbs);
  return { scheme, n: chain?.n, primes: level?.primes, ...facts, coefficients: words.count };
}

/** Of a secret nothing is told but its shape. */
export function checkSecretKey(bytes: PlaintextBytes, { chain }: ExpectedObject): SealFacts {
  const what = 'a secret key';
  if (bytes.inCoefficientForm) throw invalidBytes(what, 'of no level');
  if (bytes.scale !== 1) throw invalidBytes(what, 'the scale is not 1');
  if (chain && !equalBytes(bytes.parmsId, chain.key.parmsId)) {
    throw invalidBytes(what, 'not of the key level of the parameters');
  }
  checkNttWords(what, bytes, chain, chain?.key);
  return { scheme: chain?.scheme, n: chain?.n, primes: chain?.key.primes };
}

/** `galois` tells the two kinds apart, which SEAL does not: Galois keys have a slot for each element. */
export function checkKeySwitching(
  bytes: KeySwitchingBytes,
  { chain }: ExpectedObject,
  galois: boolean,
): SealFacts {
  const what = galois ? 'Galois keys' : 'relinearisation keys';
  const { slots, emptySlots, n, limbs, keys } = bytes;
  if (galois && slots !== n) throw invalidBytes(what, `${slots} slots where the degree is ${n}`);
  if (!galois && slots > MAX_RELIN_KEYS) throw invalidBytes(what, `${slots} keys are too many`);
  if (!galois && emptySlots > 0) throw invalidBytes(what, 'a key is missing');
  for (const key of keys) checkKey(what, key, chain);
  const present = slots - emptySlots;
  const seeded = keys.every((key) => key.seeded);
  return { scheme: chain?.scheme, n, primes: chain?.key.primes, limbs, keys: present, seeded };
}

/** A ciphertext of SEAL_CIPHERTEXT_SIZE_MAX polynomials comes down to two by so many. */
export const MAX_RELIN_KEYS = 14;

function checkKey(what: string, key: CiphertextBytes, chain: ModulusChain | undefined): void {
  if (key.polynomials !== 2) throw invalidBytes(what, `${key.polynomials} polynomials, not 2`);
  if (!key.ntt) throw invalidBytes(what, 'not in NTT form');
  if (key.scale !== 1) throw invalidBytes(what, 'the scale is not 1');
  if (key.correctionFactor !== 1n) throw invalidBytes(what, 'the correction factor is not 1');
  if (chain && !equalBytes(key.parmsId, chain.key.parmsId)) {
    throw invalidBytes(what, 'not of the key level of the parameters');
  }
  requireEqual(what, 'degree', key.n, chain?.n);
  checkResidues(what, key, chain?.key);
}

function dataLevel(what: string, parmsId: Uint8Array, chain: ModulusChain): Level {
  const level = levelOf(chain.data, parmsId);
  if (level !== undefined) return level;
  const reason = equalBytes(parmsId, chain.key.parmsId)
    ? 'of the key level, where no data is'
    : 'of no level of the parameters';
  throw invalidBytes(what, reason);
}

/** The scheme that fields alone betray. */
function schemeOf(bytes: CiphertextBytes): SealFacts['scheme'] {
  if (!bytes.ntt) return 'bfv';
  if (bytes.correctionFactor !== 1n) return 'bgv';
  return bytes.scale === 1 ? undefined : 'ckks';
}

/** SEAL compares a CKKS scale with 0 only: NaN and infinities pass there, not in our readers. */
function checkScale(
  what: string,
  scale: number,
  scheme: SealFacts['scheme'],
  level: Level | undefined,
): void {
  if (scheme !== undefined && scheme !== 'ckks' && scale !== 1) {
    throw invalidBytes(what, 'a scale outside CKKS');
  }
  const modulus = level === undefined ? Infinity : Number(modulusOf(level.primes));
  if (scale >= modulus) throw invalidBytes(what, 'the scale reaches the modulus');
}

function checkResidues(what: string, bytes: CiphertextBytes, level: Level | undefined): void {
  const { n, limbs, polynomials, seeded, words } = bytes;
  if (level && limbs !== level.primes.length) {
    throw invalidBytes(what, `${limbs} primes where its level has ${level.primes.length}`);
  }
  for (let polynomial = 0; polynomial < (seeded ? 1 : polynomials); polynomial++) {
    for (let limb = 0; limb < limbs; limb++) {
      const below = level?.primes[limb] ?? MODULUS_LIMIT;
      if (!words.allBelow(below, (polynomial * limbs + limb) * n, n)) {
        throw invalidBytes(what, 'a coefficient is not below its prime');
      }
    }
  }
}

function checkNttWords(
  what: string,
  { words }: PlaintextBytes,
  chain: ModulusChain | undefined,
  level: Level | undefined,
): void {
  const n = chain && level ? chain.n : words.count;
  const primes = level?.primes ?? [MODULUS_LIMIT];
  if (words.count !== primes.length * n) {
    throw invalidBytes(what, `${words.count} words where ${primes.length} primes have ${n} each`);
  }
  for (const [limb, prime] of primes.entries()) {
    if (!words.allBelow(prime, limb * n, n)) {
      throw invalidBytes(what, 'a coefficient is not below its prime');
    }
  }
}

/** All polynomials but the first are zero: anyone reads the message off the first. */
function isTransparent({ n, limbs, polynomials, words }: CiphertextBytes): boolean {
  return words.allBelow(1n, n * limbs, (polynomials - 1) * n * limbs);
}

function requireEqual<T>(what: string, name: string, found: T, expected: T | undefined): void {
  if (expected === undefined || found === expected) return;
  throw invalidBytes(what, `${name} ${String(found)} where ${String(expected)} is expected`);
}
