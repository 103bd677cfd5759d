import { PRIVATE_GROUPS_LIMIT } from '../../../client/write/group-limit.ts';
import type { Scheme } from '../scheme.ts';
import { factsOf } from '../column-facts.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';

/** A ciphertext column for each group and number: about 24 bytes for each of them in a row. */
const MOST_ROWS = 100_000;

/** Seabed's SPLASHE: whatever the group or the condition, all groups are summed over the same rows. */
export const opalineOblivious: Scheme = opalineScheme({
  name: 'opaline-oblivious',
  title: 'Opaline, oblivious groups',
  security:
    'values, groups and their sizes, from the store, under RLWE (BFV at 128 bits of the HE standard): it adds up all groups whatever is asked',
  family: 'hiding',
  mostRows: MOST_ROWS,
  layout: (table) => {
    const texts = factsOf(table).filter(
      ({ kind, distinct }) => kind === 'text' && distinct >= 2 && distinct <= PRIVATE_GROUPS_LIMIT,
    );
    const group = texts.toSorted((a, b) => a.distinct - b.distinct)[0]?.name;
    if (group === undefined) return undefined;
    return layoutOf(
      table,
      ({ name, kind }) => (name === group ? 'oblivious' : kind === 'integer' ? [] : undefined),
      { table: { undeclared: 'none' } },
    );
  },
  workloads: ['group-by', 'filtered-average', 'exact-lookup'],
});
