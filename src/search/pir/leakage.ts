import type { Leakage } from '../../plan/leakage.ts';
import type { RungProfile, RungReport } from '../leakage-rung.ts';
import type { RungEstimate } from '../rung.ts';
import { recoveredByMatching } from '../sse/leakage.ts';
import { lwePartBytes } from './lwe/format.ts';
import { answerBytes, chooseLayout, queryBytes, retrievalsOf, type Layout } from './lwe/layout.ts';
import { listBytes } from './records.ts';

const MATCHING = 'frequency matching, exact histogram known (Naveed–Kamara–Wright 2015)';
const GUESS =
  'none on the lookup, which is independent of the keyword: guessing the commonest value';

/** What the store learns by lookups in a column's tables, and what they cost. */
export function pirReport(profile: RungProfile): RungReport {
  const layout = chooseLayout(listsOf(profile));
  return { leakage: leakageOf(profile, layout), estimate: estimateOf(profile, layout) };
}

function leakageOf({ column, frequencies, use }: RungProfile, layout: Layout): Leakage {
  const buckets = retrievalsOf(layout);
  return {
    node: `lookup on ${column}`,
    index: 'pir',
    atRest: [
      `the size of the table of ${column} in each segment, rounded up: about ${layout.columns} buckets of ${layout.height} bytes`,
    ],
    onQuery: [
      `that ${use.asked === 1 ? 'a keyword' : `${use.asked} keywords`} of ${column} ${use.asked === 1 ? 'is' : 'are'} looked up, not which, nor whether ${use.asked === 1 ? 'it is' : 'they are'} there or ${use.asked === 1 ? 'was' : 'were'} looked up before`,
      `the number of buckets fetched for each, ${buckets} whatever the keyword: it bounds the longest list of the column`,
      'once the rows are found: which they are, for the plan goes on with them',
      'a store that alters a bucket learns from a refusal that it was fetched, and is found out',
    ],
    expectedRecovery:
      frequencies === undefined || use.matched === undefined
        ? null
        : { attack: MATCHING, fraction: recoveredByMatching(frequencies, use.matched) },
  };
}

function estimateOf({ rows, segments, frequencies }: RungProfile, layout: Layout): RungEstimate {
  const buckets = segments * retrievalsOf(layout);
  return {
    bytes: segments * lwePartBytes(layout),
    bytesUp: buckets * queryBytes(layout),
    // The hint comes once for many lookups.
    bytesDown: buckets * answerBytes(layout),
    rounds: 1,
    recovery:
      frequencies === undefined
        ? null
        : { attack: GUESS, fraction: Math.max(0, ...frequencies) / Math.max(1, rows) },
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
