/** Threshold decryption in BigInt, from the definitions: what the fast arithmetic is held to. */

export const modulo = (value: bigint, q: bigint): bigint => ((value % q) + q) % q;

/** The constant coefficient of a·s modulo X^n + 1 and q. */
export function constantOfProduct(a: ArrayLike<number>, s: ArrayLike<number>, q: bigint): bigint {
  const n = a.length;
  let sum = BigInt(a[0]!) * BigInt(s[0]!);
  for (let j = 1; j < n; j += 1) sum -= BigInt(a[j]!) * BigInt(s[n - j]!);
  return modulo(sum, q);
}

/** a^-1 modulo a prime, by the extended Euclidean algorithm. */
export function inverse(a: bigint, q: bigint): bigint {
  let [r, next] = [q, modulo(a, q)];
  let [x, y] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [x, y] = [y, x - quotient * y];
  }
  return modulo(x, q);
}

/** f(0) of the polynomial of least degree through these points, modulo a prime. */
export function interpolateAtZero(
  points: readonly { readonly x: number; readonly y: bigint }[],
  q: bigint,
): bigint {
  let sum = 0n;
  for (const { x, y } of points) {
    let [above, below] = [1n, 1n];
    for (const other of points) {
      if (other.x === x) continue;
      above = modulo(above * BigInt(other.x), q);
      below = modulo(below * BigInt(other.x - x), q);
    }
    sum += y * above * inverse(below, q);
  }
  return modulo(sum, q);
}

/** The integer in (−q/2, q/2] with these residues, by search through the Chinese remainder theorem. */
export function centred(residues: ArrayLike<number>, primes: readonly number[]): bigint {
  const q = primes.reduce((all, prime) => all * BigInt(prime), 1n);
  let value = 0n;
  primes.forEach((prime, i) => {
    const others = q / BigInt(prime);
    value += BigInt(residues[i]!) * others * inverse(others, BigInt(prime));
  });
  const least = modulo(value, q);
  return 2n * least > q ? least - q : least;
}

/** Every subset of so many of the items, in order. */
export function subsets<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) =>
    subsets(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]),
  );
}
