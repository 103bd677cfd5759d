import { OpalineError } from '../errors/index.ts';
import { product } from '../ring/residues.ts';
import { checkRing } from '../ring/shapes.ts';
import { CHECK_PRIME } from './check-field.ts';
import type {
  CheckParameters,
  Division,
  Parameters,
  ProductParameters,
  RealParameters,
} from './parameters.ts';
import { securityLevel, type SecurityLevel } from './security.ts';

/** Unchecked parameters, as written in code or read from a manifest. */
export interface ParametersLiteral {
  readonly preset: string;
  readonly scheme: string;
  readonly n: number;
  readonly dataPrimes: readonly number[];
  readonly specialPrime: number;
  readonly plainBits: number;
}

/** Bits of SEAL's auxiliary prime γ, at least (SEAL_INTERNAL_MOD_BIT_COUNT is 61). */
const GAMMA_BITS = 60n;
const PLAIN_BITS = [32, 48];

/**
 * Check a literal and freeze it.
 *
 * Beyond shape, primality and the HE-standard bound it checks that q·L·8 ≤ γ·t for L data primes,
 * which noise.ts needs to leave the error of SEAL's RNS decryption out of its bounds.
 *
 * @throws PARAMETERS_INVALID with what is wrong
 */
export function checkParameters(literal: ParametersLiteral): Parameters {
  const { preset, scheme, n, dataPrimes, specialPrime, plainBits } = literal;
  if (preset !== 'sum') throw invalid('the only preset of this version is "sum"');
  if (scheme !== 'bfv') throw invalid('the preset "sum" uses the scheme "bfv"');
  if (!PLAIN_BITS.includes(plainBits)) {
    throw invalid(`the plaintext modulus must be 2^${PLAIN_BITS.join(' or 2^')}`);
  }
  const { dataModulus, totalBits, security } = checkModulus(n, dataPrimes, specialPrime);
  const t = 1n << BigInt(plainBits);
  if (dataModulus <= t) throw invalid('the plaintext modulus reaches the ciphertext modulus');
  if (dataModulus * BigInt(dataPrimes.length) * 8n > t << GAMMA_BITS) {
    throw invalid('the ciphertext modulus is too large for exact RNS decryption');
  }
  return Object.freeze({
    preset,
    scheme,
    n,
    dataPrimes: Object.freeze([...dataPrimes]),
    specialPrime,
    plainBits,
    totalBits,
    security,
  });
}

/** Unchecked parameters of the `threshold` preset. */
export interface ThresholdLiteral {
  readonly n: number;
  readonly dataPrimes: readonly number[];
  readonly specialPrime: number;
  readonly plainBits: number;
  readonly division: Division;
}

/** Far more than anybody divides a key among, and few enough for the noise of threshold-noise.ts. */
export const MOST_CUSTODIANS = 64;

/**
 * The same for parameters of sums under a divided key. SEAL never decrypts these, so that its RNS decryption
 * asks nothing of them. @throws PARAMETERS_INVALID with what is wrong
 */
export function checkThresholdParameters(literal: ThresholdLiteral): Parameters {
  const { n, dataPrimes, specialPrime, plainBits, division } = literal;
  const { parties, quorum } = division;
  if (!PLAIN_BITS.includes(plainBits)) {
    throw invalid(`the plaintext modulus must be 2^${PLAIN_BITS.join(' or 2^')}`);
  }
  for (const count of [parties, quorum]) {
    if (Number.isInteger(count) && count >= 1 && count <= MOST_CUSTODIANS) continue;
    throw invalid(`a key is divided among 1 to ${MOST_CUSTODIANS}`);
  }
  if (parties > 1 && quorum !== parties) throw invalid('a joint key needs all of its parties');
  const { totalBits, security } = checkModulus(n, dataPrimes, specialPrime);
  return Object.freeze({
    preset: 'threshold',
    scheme: 'bfv',
    n,
    dataPrimes: Object.freeze([...dataPrimes]),
    specialPrime,
    plainBits,
    division: Object.freeze({ parties, quorum }),
    totalBits,
    security,
  });
}

/**
 * The parameters of columns that verify those of `sum` or `threshold`. Nothing is derived anew: t is smaller than the
 * 2^48 of the sums, so that whatever noise.ts and threshold-noise.ts prove of a sum of their columns (limit q'/2t)
 * holds of its check.
 *
 * @throws PARAMETERS_INVALID
 */
export function checkVerifyingParameters(sums: Parameters): CheckParameters {
  const { n, dataPrimes, specialPrime, totalBits, security, plainBits, division } = sums;
  if (plainBits !== 48) throw invalid('only sums modulo 2^48 are verified');
  if ([...dataPrimes, specialPrime].some((prime) => prime === CHECK_PRIME)) {
    throw invalid('the plaintext modulus shares a prime with the ciphertext modulus');
  }
  const ring = { n, dataPrimes, specialPrime, totalBits, security };
  return Object.freeze({
    preset: 'check',
    scheme: 'bfv',
    ...ring,
    plainPrime: CHECK_PRIME,
    ...(division && { division }),
  });
}

/** Unchecked parameters of the `product` preset. */
export interface ProductLiteral {
  readonly n: number;
  readonly dataPrimes: readonly number[];
  readonly specialPrime: number;
  readonly plainPrimes: readonly [number, number];
}

const PLAIN_PRIME_LIMIT = 2 ** 24;

/**
 * The same for parameters of products. @throws PARAMETERS_INVALID with what is wrong
 */
export function checkProductParameters(literal: ProductLiteral): ProductParameters {
  const { n, dataPrimes, specialPrime, plainPrimes } = literal;
  const { dataModulus, totalBits, security } = checkModulus(n, dataPrimes, specialPrime);
  checkRing(n, plainPrimes);
  const [first, second] = plainPrimes;
  if (plainPrimes.length !== 2 || first >= PLAIN_PRIME_LIMIT || second >= PLAIN_PRIME_LIMIT) {
    throw invalid('the plaintext modulus must be a product of two primes below 2^24');
  }
  // Modulus switching divides by the data primes modulo t.
  if ([...dataPrimes, specialPrime].some((prime) => prime === first || prime === second)) {
    throw invalid('the plaintext modulus shares a prime with the ciphertext modulus');
  }
  if (dataModulus <= BigInt(first) * BigInt(second)) {
    throw invalid('the plaintext modulus reaches the ciphertext modulus');
  }
  return Object.freeze({
    preset: 'product',
    scheme: 'bgv',
    n,
    dataPrimes: Object.freeze([...dataPrimes]),
    specialPrime,
    plainPrimes: Object.freeze([first, second] as const),
    totalBits,
    security,
  });
}

/** Unchecked parameters of the `real` preset. */
export interface RealLiteral {
  readonly n: number;
  readonly dataPrimes: readonly number[];
  readonly specialPrime: number;
  readonly scaleBits: number;
}

/** Encoding in doubles says nothing beyond 2^-38 of the largest value (real-noise.ts). */
const SCALE_BITS: readonly [number, number] = [20, 60];

/**
 * The same for parameters of approximate arithmetic. @throws PARAMETERS_INVALID with what is wrong
 */
export function checkRealParameters(literal: RealLiteral): RealParameters {
  const { n, dataPrimes, specialPrime, scaleBits } = literal;
  const { dataModulus, totalBits, security } = checkModulus(n, dataPrimes, specialPrime);
  const [least, most] = SCALE_BITS;
  if (!Number.isInteger(scaleBits) || scaleBits < least || scaleBits > most) {
    throw invalid(`the scale must be 2^${least} to 2^${most}`);
  }
  if (dataModulus <= 4n << BigInt(scaleBits)) {
    throw invalid('the scale reaches the ciphertext modulus');
  }
  return Object.freeze({
    preset: 'real',
    scheme: 'ckks',
    n,
    dataPrimes: Object.freeze([...dataPrimes]),
    specialPrime,
    scaleBits,
    totalBits,
    security,
  });
}

function checkModulus(
  n: number,
  dataPrimes: readonly number[],
  specialPrime: number,
): { dataModulus: bigint; totalBits: number; security: SecurityLevel } {
  if (!Array.isArray(dataPrimes)) throw invalid('the data primes must be a list');
  checkRing(n, [...dataPrimes, specialPrime]);
  const dataModulus = product(dataPrimes);
  const totalBits = (dataModulus * BigInt(specialPrime)).toString(2).length;
  const security = securityLevel(n, totalBits);
  if (security === undefined) {
    throw invalid(`a modulus of ${totalBits} bits at n = ${n} gives less than 128-bit security`);
  }
  return { dataModulus, totalBits, security };
}

function invalid(reason: string): OpalineError<'PARAMETERS_INVALID'> {
  return new OpalineError('PARAMETERS_INVALID', { reason });
}
