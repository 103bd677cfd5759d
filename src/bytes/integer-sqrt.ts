/** ⌊√n⌋ by Newton's method from above (Cohen, A Course in Computational Algebraic Number Theory, 1.7.1). */
export function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(16).length * 4 + 1) >> 1);
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}
