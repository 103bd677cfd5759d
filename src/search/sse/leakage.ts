import type { Leakage } from '../../plan/leakage.ts';
import { BLOCK_ROWS } from './tree.ts';

/** What a query asks of a column's sse index. */
export type SseUse =
  /** `matched`: rows of each value asked for, if known. */
  | { readonly kind: 'equality'; readonly values: number; readonly matched?: readonly number[] }
  | { readonly kind: 'null'; readonly matched?: number }
  /** Over all segments. */
  | { readonly kind: 'range'; readonly nodes: number; readonly edges: number }
  /** Rows counted in sets of neighbouring values, over all segments, and blocks opened of them. */
  | { readonly kind: 'order'; readonly sets: number; readonly opened: number }
  /** Keywords of documents. */
  | { readonly kind: 'keyword'; readonly keywords: number }
  | { readonly kind: 'prefix'; readonly prefixes: number; readonly tested: boolean }
  /** Of a needle. The rows of all grams are fetched, and tested by the vault. */
  | { readonly kind: 'substring'; readonly grams: number }
  /** The column's whole partition, one token for each value and NULL. */
  | { readonly kind: 'groupBy' };

export interface SseProfile {
  readonly column: string;
  readonly rows: number;
  readonly segments: number;
  /** Rows of each value, NULL counted as one, if known: they add up to `rows`. */
  readonly frequencies?: readonly number[];
  readonly uses: readonly SseUse[];
}

const ATTACK = 'frequency matching, exact histogram known (Naveed–Kamara–Wright 2015)';

/** What the store sees of a column at rest and by each use, and what that is worth to an attacker. */
export function sseLeakage(profile: SseProfile): Leakage[] {
  return profile.uses.map((use) => ({
    node: `${use.kind} on ${profile.column}`,
    index: 'sse',
    atRest: atRest(profile, use),
    onQuery: onQuery(profile, use),
    expectedRecovery: expectedRecovery(profile, use),
  }));
}

const TESTED = 'which records are fetched to be tested, and which of them are left';

const counted = (segments: number): string =>
  segments === 1 ? '1 segment' : `${segments} segments`;

function atRest({ rows, segments }: SseProfile, use: SseUse): string[] {
  const seen = [
    `${rows} rows in ${counted(segments)}, and when each was appended`,
    'the size of each segment’s index: how many small and large records all its columns take, rounded up',
  ];
  if (use.kind === 'prefix' || use.kind === 'substring') {
    seen.push(
      'of texts with lists of prefixes or grams: within that size, the sum of their lengths in steps of 16 bytes, and how much they have in common',
    );
  }
  if (use.kind === 'keyword') {
    seen.push('of documents: within that size, how many keywords they have together');
  }
  if (use.kind === 'range' || use.kind === 'order') {
    seen.push(
      `that some column is indexed for ranges, and the rounded size of its largest ${BLOCK_ROWS} values in a row`,
    );
  }
  return seen;
}

function onQuery({ column, segments }: SseProfile, use: SseUse): string[] {
  const later = 'whether the same was asked before, and which rows it shares with other predicates';
  switch (use.kind) {
    case 'equality': {
      const values = use.values === 1 ? 'the value' : `each of the ${use.values} values`;
      return [`which rows have ${values} of ${column}, without the value itself`, later];
    }
    case 'null':
      return [`which rows have one unnamed keyword of ${column} (it is NULL)`, later];
    case 'range':
      return [
        `which rows lie in each of ${use.nodes} tree nodes, and how large the nodes are`,
        `that ${use.edges} sealed blocks were fetched, and which of their rows are in the range`,
        'with enough ranges: the order of the blocks, up to reflection, then of values (Kornaropoulos–Papamanthou–Tamassia 2020)',
        later,
      ];
    case 'order':
      return [
        ...(use.sets === 0
          ? []
          : [
              `which rows lie in each of ${use.sets} sets of neighbouring values of ${column}, not in which order the sets are`,
            ]),
        ...(use.opened === 0
          ? [
              'which of them hold the values that were asked for, as their sealed blocks are fetched',
            ]
          : [`that ${use.opened} sealed blocks were fetched: they hold the values asked for`]),
        later,
      ];
    case 'keyword':
      return [
        use.keywords === 1
          ? `which rows of ${column} have the keyword, without the keyword itself`
          : `which rows of ${column} have each of the ${use.keywords} keywords: of every one, not of the result alone`,
        'with similar documents at hand, likely keywords: Count (Cash et al. 2015), RefinedScore (Damie et al. 2021)',
        later,
      ];
    case 'prefix':
      return [
        `which rows of ${column} begin with ${use.prefixes === 1 ? 'the text' : `each of the ${use.prefixes} texts`}, without the text itself`,
        ...(use.tested ? [TESTED] : []),
        later,
      ];
    case 'substring':
      return [
        `which rows of ${column} hold each of the ${use.grams} grams of what is looked for: also those that are not in the result`,
        TESTED,
        later,
      ];
    case 'groupBy':
      return [
        `the unlabelled partition of all rows by ${column}, in ${counted(segments)}, for good`,
        later,
      ];
    default:
      return use satisfies never;
  }
}

function expectedRecovery(profile: SseProfile, use: SseUse): Leakage['expectedRecovery'] {
  const { frequencies } = profile;
  if (frequencies === undefined) return null;
  switch (use.kind) {
    case 'equality':
      return use.matched === undefined
        ? null
        : { attack: ATTACK, fraction: recoveredByMatching(frequencies, use.matched) };
    case 'null':
      return use.matched === undefined
        ? null
        : { attack: ATTACK, fraction: recoveredByMatching(frequencies, [use.matched]) };
    case 'groupBy':
      return { attack: ATTACK, fraction: recoveredByMatching(frequencies, frequencies) };
    case 'order':
    case 'range':
    case 'keyword':
    case 'prefix':
    case 'substring':
      // What is recovered depends on how much is asked and known: measured, no closed form.
      return null;
    default:
      return use satisfies never;
  }
}

/**
 * Expected share of a column's rows whose value an attacker names rightly who knows the exact
 * histogram and has seen the row sets of `seen` sizes.
 *
 * A set of f rows can be any of the m(f) values that have f rows, all equally likely, so each
 * assignment is right with probability 1/m(f) and gains f rows: Σ_{f seen} f / m(f), over all rows.
 * For the full partition this is the sum of the distinct frequencies over the rows: values of unique
 * frequency fall surely, and of m values that share one, one falls on average.
 */
export function recoveredByMatching(
  frequencies: readonly number[],
  seen: readonly number[],
): number {
  const { values, rows } = tallyOf(frequencies);
  const gained = seen.reduce((sum, size) => sum + size / (values.get(size) ?? 1), 0);
  return rows === 0 ? 0 : Math.min(1, gained / rows);
}

interface Tally {
  /** How many values have so many rows. */
  readonly values: ReadonlyMap<number, number>;
  readonly rows: number;
}

/** A column's frequencies are one list as long as its table is open: every query asks about the same. */
const tallies = new WeakMap<readonly number[], Tally>();

function tallyOf(frequencies: readonly number[]): Tally {
  const known = tallies.get(frequencies);
  if (known !== undefined) return known;
  const values = new Map<number, number>();
  let rows = 0;
  for (const frequency of frequencies) {
    values.set(frequency, (values.get(frequency) ?? 0) + 1);
    rows += frequency;
  }
  const tally = { values, rows };
  tallies.set(frequencies, tally);
  return tally;
}
