import type { Reader } from '../../../bytes/codec.ts';
import { expectHeader, readDouble, readHeader, readWord } from './header.ts';
import { isDegree, MAX_LIMBS } from './limits.ts';
import { Words } from './words.ts';

/** SEAL_CIPHERTEXT_SIZE_MAX (native/src/seal/util/defines.h). */
const MAX_POLYNOMIALS = 16;
const SEED_BYTES = 64;
/** Bytes of a UniformRandomGeneratorInfo: header, generator, seed. */
const SEED_INFO_BYTES = 16 + 1 + SEED_BYTES;
/** Bytes in front of the coefficients. */
const PREFIX_BYTES = 113;
/** prng_type: blake2xb and shake256 (native/src/seal/randomgen.h). */
const GENERATORS = [1, 2];

/** What the bytes of a ciphertext say, or of a public key: SEAL writes both alike. */
export interface CiphertextBytes {
  readonly layout: 'ciphertext';
  readonly parmsId: Uint8Array;
  readonly ntt: boolean;
  readonly polynomials: number;
  readonly n: number;
  readonly limbs: number;
  readonly scale: number;
  readonly correctionFactor: bigint;
  /** The second polynomial is a seed. */
  readonly seeded: boolean;
  /** Residues, polynomial-major, then prime, then degree. */
  readonly words: Words;
}

/**
 * Reads one ciphertext and leaves the reader after it (native/src/seal/ciphertext.cpp). Checked is
 * what needs no parameters: fields within SEAL's limits, sizes that agree with each other.
 *
 * Throws BYTES_INVALID through the reader.
 */
export function readCiphertextBytes(reader: Reader): CiphertextBytes {
  const { size, compression } = readHeader(reader);
  if (compression !== 'none') reader.fail('a ciphertext is compressed');
  const parmsId = reader.raw(32);
  const flag = reader.u8();
  if (flag > 1) reader.fail('the NTT flag is neither 0 nor 1');
  const polynomials = reader.u64();
  if (polynomials < 2 || polynomials > MAX_POLYNOMIALS) {
    reader.fail(`a ciphertext has 2 to ${MAX_POLYNOMIALS} polynomials, not ${polynomials}`);
  }
  const n = reader.u64();
  if (!isDegree(n)) reader.fail('the degree is not one of SEAL’s');
  const limbs = reader.u64();
  if (limbs < 1 || limbs > MAX_LIMBS) reader.fail('the number of primes is out of range');
  const scale = readDouble(reader);
  if (!(scale >= 1 && Number.isFinite(scale))) reader.fail('the scale is not a number from 1 on');
  const correctionFactor = readWord(reader);
  if (correctionFactor === 0n) reader.fail('the correction factor is 0');

  const half = n * limbs;
  // 16 bytes of the array's header come before its count.
  if (reader.remaining < 24) reader.fail('truncated in the coefficient array');
  const array = readHeader(reader);
  if (array.compression !== 'none') reader.fail('the coefficient array is compressed');
  const count = reader.u64();
  const seeded = count === half;
  if (!seeded && count !== polynomials * half) {
    reader.fail(`${count} coefficients in ${polynomials} polynomials of ${half}`);
  }
  if (seeded && polynomials !== 2) reader.fail('a seed stands for one of two polynomials only');
  if (array.size !== 24 + 8 * count) reader.fail('the coefficient array claims another size');
  const total = PREFIX_BYTES + 8 * count + (seeded ? SEED_INFO_BYTES : 0);
  if (size !== total) reader.fail(`a ciphertext of ${total} bytes claims ${size}`);
  const words = new Words(reader.raw(8 * count));
  if (seeded) {
    expectHeader(reader, SEED_INFO_BYTES, 'the seed');
    if (!GENERATORS.includes(reader.u8())) reader.fail('unknown generator of the seed');
    reader.raw(SEED_BYTES);
  }
  const ntt = flag === 1;
  const fields = { parmsId, ntt, polynomials, n, limbs, scale, correctionFactor, seeded, words };
  return { layout: 'ciphertext', ...fields };
}
