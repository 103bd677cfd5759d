import { OpalineError } from '../../../errors/opaline-error.ts';
import { RANGE_KNOWLEDGE, rangeTrials } from '../../range-trials.ts';
import { histogramOf } from '../histogram.ts';
import type { AttackResult } from '../result.ts';
import type { LabTable, PreparedScheme, Question } from '../scheme.ts';
import type { Asked, Effort } from './by-query.ts';
import { resultOf } from './outcome.ts';

/** Runs of neighbouring values that the attack tells apart, where the column has as many. */
const DOMAIN = 100;
/** Fewer than this leave ranges nothing to tell apart: within a twentieth of them is one value. */
const LEAST_DOMAIN = 20;

type RangeQuestion = Question & { readonly workload: 'range' };

/**
 * Reconstructs the values of a column from which rows answer which ranges, up to reflection (attacks/approx-value.ts):
 * uniform ranges are asked, and the attacker sees the rows that the store finds. Undefined where it finds none, or the column
 * has too few values.
 * @throws ABORTED
 */
export async function attackRows(
  { rowsFound }: PreparedScheme,
  question: RangeQuestion,
  table: LabTable,
  { seeds, ranges }: Effort,
  { signal }: Asked,
): Promise<AttackResult | undefined> {
  if (rowsFound === undefined) return undefined;
  const { values } = histogramOf(table, question.column);
  const domain = Math.min(DOMAIN, values.length);
  if (domain < LEAST_DOMAIN) return undefined;
  /** Place of a run's first value. */
  const start = (run: number): number => Math.floor((run * values.length) / domain);
  const find = async (from: number, to: number) => {
    if (signal.aborted) throw new OpalineError('ABORTED', {});
    const [low, high] = [Number(values[start(from)]), Number(values[start(to + 1) - 1])];
    return await rowsFound({ ...question, from: low, to: high });
  };
  const first = await find(0, domain - 1);
  if (first === undefined) return undefined;
  const ask = async (from: number, to: number): Promise<Uint32Array> =>
    (await find(from, to))?.rows ?? new Uint32Array(0);
  const trials = await rangeTrials({ rows: first.of, domain, ask }, seeds, ranges);
  return resultOf({
    attack: 'range',
    knowledge: `${RANGE_KNOWLEDGE}; ${ranges} queries`,
    on: 'queries',
    measure: 'rows',
    recoveries: trials.map(({ recovery }) => recovery),
    guesses: trials.map(({ mode }) => mode),
  });
}
