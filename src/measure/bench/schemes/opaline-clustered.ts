import type { LabTable, Scheme } from '../scheme.ts';
import { factsOf } from '../column-facts.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';

/** Rows of one group lie together, so that a group is whole ciphertexts added up and hardly a mask. */
export const opalineClustered: Scheme = opalineScheme({
  name: 'opaline-clustered',
  title: 'Opaline, rows laid out by group',
  security:
    'values and questions, from the store, as `opaline`; besides, rows that lie together are likely of one group of no name, and every query by it shows the unlabelled histogram',
  family: 'homomorphic',
  workloads: ['group-by', 'filtered-average'],
  layout: (table) => {
    const group = smallestGroup(table);
    if (group === undefined) return undefined;
    return layoutOf(
      table,
      ({ name, kind }) => (name === group ? 'sse' : kind === 'integer' ? [] : undefined),
      { table: { layout: { clustered: group }, undeclared: 'none' } },
    );
  },
});

/** The text column of fewest values, two at least: what anybody would group by. */
function smallestGroup(table: LabTable): string | undefined {
  const texts = factsOf(table).filter(({ kind, distinct }) => kind === 'text' && distinct >= 2);
  return texts.toSorted((a, b) => a.distinct - b.distinct)[0]?.name;
}
