/**
 * Most bits that the product of all primes (key-switching prime included) may have for a ring
 * degree, a uniform ternary secret and error of standard deviation 3.2.
 *
 * Source: "Homomorphic Encryption Security Standard" (HomomorphicEncryption.org, 2018), table 1
 * (classical) and table 2 (quantum), with the values of SEAL 4.1.2 native/src/seal/util/
 * hestdparms.h, which OpenFHE's HEStd_ternary table repeats for every degree listed here.
 */
const MOST_BITS = {
  classical: {
    128: { 1024: 27, 2048: 54, 4096: 109, 8192: 218, 16384: 438, 32768: 881 },
    192: { 1024: 19, 2048: 37, 4096: 75, 8192: 152, 16384: 305, 32768: 611 },
    256: { 1024: 14, 2048: 29, 4096: 58, 8192: 118, 16384: 237, 32768: 476 },
  },
  quantum: {
    128: { 1024: 25, 2048: 51, 4096: 101, 8192: 202, 16384: 411, 32768: 827 },
    192: { 1024: 17, 2048: 35, 4096: 70, 8192: 141, 16384: 284, 32768: 571 },
    256: { 1024: 13, 2048: 27, 4096: 54, 8192: 109, 16384: 220, 32768: 443 },
  },
} as const satisfies Record<Adversary, Record<SecurityLevel, Record<number, number>>>;

export type Adversary = 'classical' | 'quantum';
export type SecurityLevel = 128 | 192 | 256;

/** The largest total modulus, in bits, that the table allows; undefined for a degree it lacks. */
export function mostModulusBits(
  n: number,
  level: SecurityLevel,
  adversary: Adversary = 'classical',
): number | undefined {
  const row: Readonly<Record<number, number>> = MOST_BITS[adversary][level];
  return row[n];
}

/** The highest level whose bound the modulus keeps, or undefined when it keeps not even 128 bits. */
export function securityLevel(
  n: number,
  totalBits: number,
  adversary: Adversary = 'classical',
): SecurityLevel | undefined {
  const levels: SecurityLevel[] = [256, 192, 128];
  return levels.find((level) => totalBits <= (mostModulusBits(n, level, adversary) ?? 0));
}
