import { inverseMod, isPrime } from '../../ring/modular.ts';

/** Primes are below 2^26, so that a product of residues is exact in a double. */
const LOWEST = 2 ** 25;

/** A draw below a bound, uniform: `randomBelow` of bytes/random.ts outside tests. */
export type DrawBelow = (bound: number) => number;

/**
 * A prime of 26 bits, drawn at random. Vectors that are independent over the rationals are dependent modulo a prime
 * only if it divides a minor of theirs, which whoever chose them can arrange for a prime that they know.
 */
export function drawPrime(below: DrawBelow): number {
  for (;;) {
    const candidate = LOWEST + below(LOWEST);
    if (isPrime(candidate)) return candidate;
  }
}

/** Whether a number may be a field's, of those that are read from a file. */
export function isFieldPrime(value: number): boolean {
  return value >= LOWEST && value < 2 * LOWEST && isPrime(value);
}

/** target −= factor · source modulo the prime, entry by entry; all of them are residues. */
export function subtractMultiple(
  target: Uint32Array,
  source: Uint32Array,
  factor: number,
  prime: number,
): void {
  if (factor === 0) return;
  const inverse = 1 / prime;
  for (let i = 0; i < target.length; i++) {
    const entry = source[i]!;
    if (entry === 0) continue;
    const product = factor * entry;
    let rest = product - Math.floor(product * inverse) * prime;
    if (rest < 0) rest += prime;
    else if (rest >= prime) rest -= prime;
    const difference = target[i]! - rest;
    target[i] = difference < 0 ? difference + prime : difference;
  }
}

/** vector /= divisor modulo the prime; the divisor is not 0. */
export function divide(vector: Uint32Array, divisor: number, prime: number): void {
  if (divisor === 1) return;
  const factor = inverseMod(divisor, prime);
  const inverse = 1 / prime;
  for (let i = 0; i < vector.length; i++) {
    const entry = vector[i]!;
    if (entry === 0) continue;
    const product = factor * entry;
    let rest = product - Math.floor(product * inverse) * prime;
    if (rest < 0) rest += prime;
    else if (rest >= prime) rest -= prime;
    vector[i] = rest;
  }
}
