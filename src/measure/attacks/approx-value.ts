/**
 * Reconstruction of values from which rows answer which range queries: GeneralizedKKNO (Grubbs–Lacharité–Minaud–
 * Paterson, "Learning to Reconstruct: Statistical Learning Theory and Encrypted Database Attacks", IEEE S&P 2019,
 * §III), after Kellaris–Kollios–Nissim–O'Neill (CCS 2016). Under uniform ranges of 1 … N a value v is hit with probability
 * p(v) = 2v(N + 1 − v) / N(N + 1), which gives v up to reflection. An anchor near N/4 decides which rows lie on its side:
 * those that are hit together with it as often as that makes likely.
 * Uses: the row set of each query; that queries are uniform; N. Error ε · N takes O(ε⁻⁴ log ε⁻¹) queries, whatever N is.
 *
 * @param results the rows of each query, numbered below `rows`, once each
 * @param domain N
 * @returns an estimate of each row's value, 1 to N, all of them up to one reflection v → N + 1 − v
 */
export function approximateValues(
  results: readonly ArrayLike<number>[],
  rows: number,
  domain: number,
): Float64Array {
  const hits = new Float64Array(rows);
  for (const result of results) for (let i = 0; i < result.length; i++) hits[result[i]!]! += 1;
  /** The lower of the two values that fit. */
  const lower = hits.map((count) => lowerValue(count / results.length, domain));
  let anchor = 0;
  for (let row = 1; row < rows; row++) {
    if (Math.abs(lower[row]! - domain / 4) < Math.abs(lower[anchor]! - domain / 4)) anchor = row;
  }
  const withAnchor = new Float64Array(rows);
  for (const result of results) {
    if (!holds(result, anchor)) continue;
    for (let i = 0; i < result.length; i++) withAnchor[result[i]!]! += 1;
  }
  const at = lower[anchor]!;
  return lower.map((value, row) => {
    const other = domain + 1 - value;
    const seen = withAnchor[row]! / results.length;
    const near = Math.abs(seen - hitTogether(at, value, domain));
    return near <= Math.abs(seen - hitTogether(at, other, domain)) ? value : other;
  });
}

/** The solution v ≤ (N + 1) / 2 of p(v) = share; the middle where the share is above all that are possible. */
function lowerValue(share: number, domain: number): number {
  const middle = (domain + 1) / 2;
  const under = middle ** 2 - (share * domain * (domain + 1)) / 2;
  return Math.max(1, middle - Math.sqrt(Math.max(0, under)));
}

/** Probability that a uniform range holds both values. */
function hitTogether(u: number, v: number, domain: number): number {
  return (2 * Math.min(u, v) * (domain + 1 - Math.max(u, v))) / (domain * (domain + 1));
}

function holds(result: ArrayLike<number>, row: number): boolean {
  for (let i = 0; i < result.length; i++) if (result[i] === row) return true;
  return false;
}
