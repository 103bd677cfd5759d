import { Reader } from '../../../bytes/codec.ts';
import { expectHeader, readHeader, readWord } from './header.ts';
import { MAX_LIMBS, MODULUS_LIMIT } from './limits.ts';

/** SEAL's scheme_type from 1 on (native/src/seal/encryptionparams.h). */
const SCHEMES = ['bfv', 'ckks', 'bgv'] as const;
export type SealScheme = (typeof SCHEMES)[number];

/** What the bytes of encryption parameters say; `modulusChain` says whether SEAL could use them. */
export interface ParametersBytes {
  readonly layout: 'parameters';
  readonly scheme: SealScheme;
  readonly n: number;
  /** Data primes in order, then the special prime. */
  readonly primes: readonly bigint[];
  /** 0 for CKKS. */
  readonly plainModulus: bigint;
}

/**
 * Reads encryption parameters and leaves the reader after them (native/src/seal/encryptionparams.cpp,
 * modulus.cpp). Throws BYTES_INVALID through the reader.
 */
export function readParametersBytes(reader: Reader): ParametersBytes {
  const { size, compression } = readHeader(reader);
  if (compression !== 'none') reader.fail('parameters are compressed');
  const scheme = SCHEMES[reader.u8() - 1] ?? reader.fail('unknown scheme');
  const n = reader.u64();
  const count = reader.u64();
  if (count < 1 || count > MAX_LIMBS) reader.fail('the number of primes is out of range');
  if (size !== 57 + 24 * count) reader.fail(`parameters of ${57 + 24 * count} bytes claim ${size}`);
  const primes = Array.from({ length: count }, () => readModulus(reader));
  if (primes.includes(0n)) reader.fail('a prime is 0');
  const plainModulus = readModulus(reader);
  return { layout: 'parameters', scheme, n, primes, plainModulus };
}

/** 0 stands for no modulus; 1 and what passes 60 bits is none. */
function readModulus(reader: Reader): bigint {
  expectHeader(reader, 24, 'a modulus');
  const value = readWord(reader);
  if (value === 1n || value >= MODULUS_LIMIT) reader.fail('a modulus is out of range');
  return value;
}
