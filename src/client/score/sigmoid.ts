/** 1/(1 + e^-z) by a polynomial on an interval, with a proved bound of its error. */
export interface SigmoidFit {
  /** p(z) = Σ c_k·(z − middle)^k. */
  readonly coefficients: readonly number[];
  readonly middle: number;
  /** |p(z) − σ(z)| is at most this on the interval. */
  readonly error: number;
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Points between which the error is bounded by curvature. */
const STEPS = 1 << 13;
/** max |σ''| = 1/(6√3), at z = ±ln(2 + √3). */
const CURVATURE = 1 / (6 * Math.sqrt(3));
/** What evaluating p and σ in doubles, and coefficients read as decimals, may be off, generously. */
const ROUNDING = 2 ** -40;
/** On less than this σ is as good as constant. */
const LEAST_RADIUS = 2 ** -20;
const EXCHANGES = 16;

/** What no degree above gives on [−8, 8] is worth its sums. */
export const MOST_DEGREE = 7;

/**
 * The best polynomial of its degree on [low, high] ⊆ [−8, 8], by Remez's exchange (Trefethen, Approximation
 * Theory and Approximation Practice, chapter 10) on a grid.
 *
 * The bound does not depend on how well that went: with d = p − σ sampled at distance h, |d| exceeds the
 * largest sample by at most h²/8·max|d''|, the error of linear interpolation. With x = (z − middle)/radius in
 * [−1, 1] and p = Σ b_k·x^k, |p''| ≤ Σ k(k − 1)·|b_k|/radius², and |σ''| ≤ 1/(6√3).
 * @param degree 1 to MOST_DEGREE
 */
export function fitSigmoid(low: number, high: number, degree: number): SigmoidFit {
  const [middle, radius] = [(low + high) / 2, (high - low) / 2];
  const at = (i: number): number => middle + radius * place(i);
  let best = [sigmoid(middle), ...Array.from({ length: degree }, () => 0)];
  let least = worst(best, at);
  if (radius > LEAST_RADIUS) {
    // Without the last of the extrema of one degree more: on an interval around 0 an odd function is
    // levelled at an odd number of symmetric places by no error at all.
    let places = Array.from({ length: degree + 2 }, (_, i) => {
      return Math.round((STEPS * (1 - Math.cos((Math.PI * i) / (degree + 2)))) / 2);
    });
    for (let round = 0; round < EXCHANGES; round++) {
      const next = levelled(places, degree, at);
      const most = worst(next, at);
      if (most < least) [best, least] = [next, most];
      places = exchanged(places, next, at);
    }
  }
  const scale = radius > LEAST_RADIUS ? radius : 1;
  const h = 2 / STEPS;
  const bent = best.reduce((sum, b, k) => sum + k * (k - 1) * Math.abs(b), 0);
  const between = ((h * h) / 8) * (bent + radius * radius * CURVATURE);
  return {
    coefficients: best.map((b, k) => b / scale ** k),
    middle,
    error: least + between + ROUNDING,
  };
}

const place = (i: number): number => (2 * i) / STEPS - 1;
const value = (p: readonly number[], x: number): number =>
  p.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

function worst(p: readonly number[], at: (i: number) => number): number {
  let most = 0;
  for (let i = 0; i <= STEPS; i++) {
    most = Math.max(most, Math.abs(value(p, place(i)) - sigmoid(at(i))));
  }
  return most;
}

/** The polynomial whose error at the places is equal and of alternating sign. */
function levelled(places: readonly number[], degree: number, at: (i: number) => number): number[] {
  const rows = places.map((i, k) => {
    const x = place(i);
    const powers = Array.from({ length: degree + 1 }, (_, j) => x ** j);
    return [...powers, k % 2 === 0 ? 1 : -1, sigmoid(at(i))];
  });
  return solve(rows).slice(0, degree + 1);
}

/** Between each two changes of sign of the error, the place where it is largest. */
function exchanged(
  places: readonly number[],
  p: readonly number[],
  at: (i: number) => number,
): number[] {
  const peaks: { i: number; d: number }[] = [];
  for (let i = 0; i <= STEPS; i++) {
    const d = value(p, place(i)) - sigmoid(at(i));
    const last = peaks.at(-1);
    if (last === undefined || d > 0 !== last.d > 0) peaks.push({ i, d });
    else if (Math.abs(d) > Math.abs(last.d)) peaks[peaks.length - 1] = { i, d };
  }
  while (peaks.length > places.length) {
    const [first, last] = [peaks[0]!, peaks.at(-1)!];
    if (Math.abs(first.d) < Math.abs(last.d)) peaks.shift();
    else peaks.pop();
  }
  return peaks.length === places.length ? peaks.map(({ i }) => i) : [...places];
}

/** Gauss with pivots; rows carry their right-hand side. */
function solve(rows: number[][]): number[] {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column; row < size; row++) {
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = rows[row]![column]! / rows[column]![column]!;
      for (let j = column; j <= size; j++) rows[row]![j]! -= factor * rows[column]![j]!;
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!);
}
