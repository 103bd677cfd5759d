import { frequencyMatching } from '../../src/measure/attacks/frequency.ts';
import { recoveryOf } from '../../src/measure/attacks/recovery.ts';
import { SeededRandom } from '../../src/measure/attacks/seeded-random.ts';

/**
 * The reference column of equality tags: 200 values with probability in proportion to 1/rank (Zipf, exponent 1: the
 * commonest has 0.17 of the rows), 20,000 rows. The attacker has the histogram of another sample of 10,000 rows.
 */
export const ZIPF_COLUMN = { values: 200, exponent: 1, rows: 20_000, sample: 10_000 } as const;

export interface ZipfOutcome {
  /** Share of the rows whose value frequency matching names. */
  readonly recovery: number;
  readonly guessTheMode: number;
}

/** @param bits of a tag: values fall on 2^bits tags at random, as truncated PRF values do; undefined: a tag each */
export function attackZipfColumn(bits: number | undefined, seed: number): ZipfOutcome {
  const { values, exponent, rows, sample } = ZIPF_COLUMN;
  const random = new SeededRandom(seed);
  const draw = random.drawer(Array.from({ length: values }, (_, i) => (i + 1) ** -exponent));
  const histogram = (count: number): number[] => {
    const counts = Array.from({ length: values }, () => 0);
    for (let i = 0; i < count; i++) counts[draw()]! += 1;
    return counts;
  };
  const [column, auxiliary] = [histogram(rows), histogram(sample)];
  const tags = bits === undefined ? values : 2 ** bits;
  const tagOf =
    bits === undefined
      ? random.permutation(values)
      : Array.from({ length: values }, () => random.below(tags));
  const volumes = Array.from({ length: tags }, () => 0);
  column.forEach((count, value) => (volumes[tagOf[value]!]! += count));
  const guess = frequencyMatching({ volumes }, { volumes: auxiliary }, random);
  // Rows count by their value, of which a tag has several: each value is a token of its own here.
  const { rowRecovery } = recoveryOf(
    { rows, volumes: column, sequence: [] },
    column.map((_, value) => value),
    Int32Array.from(column, (_, value) => guess[tagOf[value]!]!),
  );
  return { recovery: rowRecovery, guessTheMode: column[0]! / rows };
}
