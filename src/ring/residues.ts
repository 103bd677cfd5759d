/** Integers modulo q = q_0 · … · q_{L−1} and their residues (Chinese remainder theorem), exact. */

/** The product of the primes. */
export function product(primes: readonly number[]): bigint {
  return primes.reduce((total, prime) => total * BigInt(prime), 1n);
}

/** The residues of any integer, each in [0, prime). */
export function toResidues(value: bigint, primes: readonly number[]): number[] {
  return primes.map((prime) => Number(((value % BigInt(prime)) + BigInt(prime)) % BigInt(prime)));
}

/** The integer in [0, q) with these residues (Garner's mixed radix). One residue for each prime. */
export function fromResidues(residues: ArrayLike<number>, primes: readonly number[]): bigint {
  let value = 0n;
  let modulus = 1n;
  for (const [i, prime] of primes.entries()) {
    const p = BigInt(prime);
    const difference = (((BigInt(residues[i] ?? 0) - value) % p) + p) % p;
    value += modulus * ((difference * inverse(modulus % p, p)) % p);
    modulus *= p;
  }
  return value;
}

/**
 * By prime, the integer below q that is 1 modulo it and 0 modulo the others: Σ residue·factor mod q is the integer with
 * these residues. Where many are put together, this is what they share.
 */
export function residueFactors(primes: readonly number[]): bigint[] {
  const q = product(primes);
  return primes.map((prime) => {
    const p = BigInt(prime);
    const others = q / p;
    return others * inverse(others % p, p);
  });
}

/** a^-1 mod a prime p (Fermat). */
function inverse(a: bigint, p: bigint): bigint {
  let result = 1n;
  let square = a;
  for (let e = p - 2n; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}
