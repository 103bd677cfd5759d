import { approximateValues } from './attacks/approx-value.ts';
import { SeededRandom } from './attacks/seeded-random.ts';

/** A value is recovered within this share of the domain. */
const WITHIN = 0.05;
/** Rows that the attack reconstructs, drawn at random. */
const ROWS = 50_000;

export const RANGE_KNOWLEDGE: string = `the domain; that ranges are uniform (values within ${100 * WITHIN} % of it, up to reflection)`;

/** A column that ranges are asked of, cut into runs of neighbouring values. */
export interface RangeTarget {
  /** Of the table, as the store numbers them. */
  readonly rows: number;
  /** Runs, below 256. */
  readonly domain: number;
  /** The rows that the store finds when runs `from` to `to` are asked for, both included. */
  readonly ask: (from: number, to: number) => Promise<Uint32Array>;
}

/** What a trial got right, as shares of the rows. */
export interface RangeTrial {
  readonly recovery: number;
  /** Against shuffled values. */
  readonly chance: number;
  /** What the best single value gets. */
  readonly mode: number;
}

/**
 * Asks each run once, to know the truth; then in each trial so many uniform ranges, and reconstructs the rows' values
 * from which rows they find (attacks/approx-value.ts).
 */
export async function rangeTrials(
  { rows: all, domain, ask }: RangeTarget,
  seeds: number,
  queries: number,
): Promise<readonly RangeTrial[]> {
  const truth = new Uint8Array(all);
  for (let run = 0; run < domain; run++)
    for (const row of await ask(run, run)) truth[row] = run + 1;
  const rows = Uint32Array.from(truth.keys()).filter((row) => truth[row] !== 0);
  const trials: RangeTrial[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const random = new SeededRandom(seed);
    const sample = random
      .permutation(rows.length)
      .slice(0, ROWS)
      .map((at) => rows[at]!);
    /** Each row's place in the sample. */
    const places = new Int32Array(all).fill(-1);
    sample.forEach((row, place) => (places[row] = place));
    const answers: Int32Array[] = [];
    for (let i = 0; i < queries; i++) {
      const found = await ask(...uniformRange(domain, random));
      answers.push(Int32Array.from(found, (row) => places[row]!).filter((place) => place >= 0));
    }
    const estimates = approximateValues(answers, sample.length, domain);
    const values = sample.map((row) => truth[row]!);
    trials.push({
      recovery: closeUpToReflection(estimates, values, domain),
      chance: closeUpToReflection(estimates, random.shuffled(values), domain),
      mode: bestConstant(values, domain),
    });
  }
  return trials;
}

/** All N(N + 1)/2 ranges are equally likely: pairs are, and those out of order are drawn again. */
function uniformRange(domain: number, random: SeededRandom): [number, number] {
  for (;;) {
    const [low, high] = [random.below(domain), random.below(domain)];
    if (low <= high) return [low, high];
  }
}

function closeUpToReflection(
  estimates: Float64Array,
  values: readonly number[],
  domain: number,
): number {
  let [straight, reflected] = [0, 0];
  values.forEach((value, i) => {
    if (Math.abs(estimates[i]! - value) <= WITHIN * domain) straight++;
    if (Math.abs(domain + 1 - estimates[i]! - value) <= WITHIN * domain) reflected++;
  });
  return values.length === 0 ? 0 : Math.max(straight, reflected) / values.length;
}

/** The share of rows that the best single value is close to. */
function bestConstant(values: readonly number[], domain: number): number {
  const counts = new Float64Array(domain + 2);
  for (const value of values) counts[value]! += 1;
  let best = 0;
  for (let guess = 1; guess <= domain; guess++) {
    let close = 0;
    for (let v = 1; v <= domain; v++)
      if (Math.abs(guess - v) <= WITHIN * domain) close += counts[v]!;
    best = Math.max(best, close);
  }
  return values.length === 0 ? 0 : best / values.length;
}
