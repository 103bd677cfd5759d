/** Enough bases for every number below 2^64 (Sorenson and Webster, "Strong pseudoprimes to twelve prime bases", 2017). */
const BASES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n];

/** Miller and Rabin's test with fixed bases: exact for value < 2^64. */
export function isPrime64(value: bigint): boolean {
  if (value < 2n) return false;
  for (const base of BASES) if (value % base === 0n) return value === base;
  let odd = value - 1n;
  let twos = 0;
  for (; (odd & 1n) === 0n; odd >>= 1n) twos += 1;
  return BASES.every((base) => {
    let power = powerMod(base, odd, value);
    if (power === 1n) return true;
    for (let i = 0; i < twos; i++) {
      if (power === value - 1n) return true;
      power = (power * power) % value;
    }
    return false;
  });
}

function powerMod(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
