import type { Leakage } from '../../plan/leakage.ts';

export interface SmoothProfile {
  readonly column: string;
  readonly rows: number;
  readonly segments: number;
  /** How many keywords are asked for. */
  readonly use: { readonly asked: number };
}

/**
 * What the store sees of a smoothed index. Accesses are uniform if keywords are asked for as often as was expected,
 * one independently of the other (Pancake, section 4); what correlated queries show beyond that is what Oya and
 * Kerschbaum, "IHOP: Improved Statistical Query Recovery against Searchable Symmetric Encryption through Quadratic
 * Optimization", USENIX Security 2022, attack. How much they recover is measured: there is no closed form.
 */
export function smoothLeakage({ column, rows, segments, use }: SmoothProfile): Leakage {
  const keywords = use.asked === 1 ? 'one keyword' : `${use.asked} keywords`;
  return {
    node: `lookup in ${column}`,
    index: 'smooth',
    atRest: [
      `${rows} rows in ${segments === 1 ? '1 segment' : `${segments} segments`}, and when each was appended`,
      `how many values of one size all lists of ${column} take, and that size`,
    ],
    onQuery: [
      `that ${keywords} of ${column} were looked up, and how many values each list takes, to the next power of two`,
      'accesses that are as likely at every label, if keywords are asked for as often as they were expected to be: by default as often as they have rows. What is asked for oftener shows',
      'whether queries that follow each other have to do with each other',
      'which rows were found only when they are then summed, fetched, or counted with other conditions or in groups',
    ],
    expectedRecovery: null,
  };
}
