import type { Leakage } from '../../plan/leakage.ts';
import type { RungProfile, RungReport } from '../leakage-rung.ts';
import type { RungEstimate } from '../rung.ts';
import { listBytes, type PirScheme } from './records.ts';
import { choosePirLayout, retrievalsOf, sizesOf, type PirLayout } from './table.ts';

const GUESS =
  'none on the lookup, which is independent of the keyword: guessing the commonest value';

/** What the store learns by lookups in a column's tables, and what they cost. */
export function pirReport(
  profile: RungProfile,
  { scheme }: { readonly scheme: PirScheme },
): RungReport {
  const layout = choosePirLayout(scheme, listsOf(profile));
  return { leakage: leakageOf(profile, layout), estimate: estimateOf(profile, layout) };
}

function leakageOf({ column, use }: RungProfile, layout: PirLayout): Leakage {
  const buckets = retrievalsOf(layout);
  const sizes = sizesOf(layout);
  return {
    node: `lookup on ${column}`,
    index: 'pir',
    atRest: [
      `the size of the table of ${column} in each segment, rounded up: about ${sizes.buckets} buckets of ${sizes.height} bytes`,
    ],
    onQuery: [
      `that ${use.asked === 1 ? 'a keyword' : `${use.asked} keywords`} of ${column} ${use.asked === 1 ? 'is' : 'are'} looked up, not which, nor whether ${use.asked === 1 ? 'it is' : 'they are'} there or ${use.asked === 1 ? 'was' : 'were'} looked up before`,
      `the number of buckets fetched for each, ${buckets} whatever the keyword: it bounds the longest list of the column`,
      'which rows were found only when they are then summed, fetched, or counted with other conditions or in groups',
      'a store that alters a bucket learns from a refusal that it was fetched, and is found out',
    ],
    // The lookup shows nothing; what the rows show that the plan goes on with depends on the rest of the condition.
    expectedRecovery: null,
  };
}

function estimateOf({ rows, segments, frequencies }: RungProfile, layout: PirLayout): RungEstimate {
  const buckets = segments * retrievalsOf(layout);
  const sizes = sizesOf(layout);
  return {
    bytes: segments * sizes.bytes,
    bytesUp: buckets * sizes.queryBytes,
    // The hint of LWE comes once for many lookups.
    bytesDown: buckets * sizes.answerBytes,
    rounds: 1,
    recovery:
      frequencies === undefined
        ? null
        : { attack: GUESS, fraction: commonest(frequencies) / Math.max(1, rows) },
  };
}

/** Lists of a segment by their bytes, if rows are spread evenly; each row a value of its own where nothing is known. */
function listsOf({ rows, segments, frequencies }: RungProfile): Map<number, number> {
  const each = Math.max(1, Math.ceil(rows / segments));
  const lists = new Map<number, number>();
  const add = (members: number, share: number): void => {
    const length = listBytes(Math.min(members, each), each);
    lists.set(length, (lists.get(length) ?? 0) + share);
  };
  if (frequencies === undefined) add(1, each);
  else for (const f of frequencies) add(Math.ceil(f / segments), Math.min(1, f / segments));
  return lists;
}

const commonest = (frequencies: readonly number[]): number =>
  frequencies.reduce((most, frequency) => Math.max(most, frequency), 0);
