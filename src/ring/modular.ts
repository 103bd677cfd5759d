/**
 * Number theory for word-sized primes, exact in IEEE doubles.
 *
 * Every modulus is below 2^27, so a product has up to 54 bits; `multiplyMod` splits one factor so
 * that no intermediate passes 2^53. Set-up work only: the kernels have their own arithmetic.
 */

const SPLIT = 2 ** 14;

/** a·b mod q for a, b in [0, q) and q < 2^27. */
export function multiplyMod(a: number, b: number, q: number): number {
  const low = a % SPLIT;
  const high = (a - low) / SPLIT;
  return (((high * b) % q) * SPLIT + low * b) % q;
}

/** base^exponent mod q for base in [0, q), exponent a non-negative safe integer, q < 2^27. */
export function powerMod(base: number, exponent: number, q: number): number {
  let result = 1 % q;
  let square = base;
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = multiplyMod(result, square, q);
    square = multiplyMod(square, square, q);
  }
  return result;
}

/** a^-1 mod q for a prime q and a not divisible by it (Fermat). */
export function inverseMod(a: number, q: number): number {
  return powerMod(a % q, q - 2, q);
}

/** Trial division; quick for the word-sized values it is meant for (below 2^32). */
export function isPrime(value: number): boolean {
  if (!Number.isSafeInteger(value) || value < 2) return false;
  if (value % 2 === 0) return value === 2;
  for (let d = 3; d * d <= value; d += 2) {
    if (value % d === 0) return false;
  }
  return true;
}

/** ⌊w·2^32 / q⌋, the constant of Shoup's modular multiplication by w (w < q < 2^27). */
export function shoup(w: number, q: number): number {
  const first = w * 2 ** 16;
  const remainder = first % q;
  const second = remainder * 2 ** 16;
  return ((first - remainder) / q) * 2 ** 16 + (second - (second % q)) / q;
}

/**
 * The smallest primitive `order`-th root of unity mod q, `order` a power of two dividing q − 1.
 *
 * The choice is SEAL's (`try_minimal_primitive_root`, native/src/seal/util/numth.cpp), so that the
 * evaluation form here is SEAL's NTT form, coefficient for coefficient.
 */
export function smallestPrimitiveRoot(order: number, q: number): number {
  let root = 0;
  for (let candidate = 2; root === 0; candidate += 1) {
    const power = powerMod(candidate, (q - 1) / order, q);
    // A power of two order is exact when its half power is −1.
    if (powerMod(power, order / 2, q) === q - 1) root = power;
  }
  const square = multiplyMod(root, root, q);
  let smallest = root;
  for (let i = 0; i < order / 2; i += 1) {
    if (root < smallest) smallest = root;
    root = multiplyMod(root, square, q);
  }
  return smallest;
}

/** The lowest `bits` bits of `value` in reverse order. */
export function reverseBits(value: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i += 1) result = result * 2 + ((value >>> i) & 1);
  return result;
}
