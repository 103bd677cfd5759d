import { planTag } from '../../../search/tag/bits.ts';
import type { LabTable, Scheme } from '../scheme.ts';
import { type ColumnFacts, factsOf } from '../column-facts.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';
import type { OpalineTable } from './support/opaline-table.ts';

/** Truncated keyed tags, of the columns whose values are many and even enough to hide among each other. */
export const opalineTag: Scheme = opalineScheme({
  name: 'opaline-tag',
  title: 'Opaline, truncated tags',
  security:
    'values, from the store, under a PRF and AES-256-GCM, but for the tag of each row, which rows of one value share with a few others',
  family: 'tags',
  layout: (table) => layoutOf(table, (column) => (isTagged(table, column) ? 'tag' : undefined)),
  labels: async (kept, table) => {
    const labels = new Map<string, Uint32Array>();
    for (const column of factsOf(table)) {
      if (isTagged(table, column)) labels.set(column.name, await tagsOf(kept, table, column));
    }
    return labels;
  },
});

function isTagged({ rows }: LabTable, { kind, distinct, mode }: ColumnFacts): boolean {
  return (kind === 'text' || kind === 'key') && 'bits' in planTag({ rows, distinct, mode });
}

/**
 * Each row's tag by its value's, as the index part has it under a number of the store's own; of different segments
 * tags have nothing to do with each other. Segments hold rows in the order in which they were brought in.
 */
async function tagsOf(
  kept: OpalineTable,
  table: LabTable,
  { name }: ColumnFacts,
): Promise<Uint32Array> {
  const column = table.columns[name]!;
  const values =
    column.kind === 'text'
      ? column.values
      : column.kind === 'integer'
        ? Array.from(column.values, String)
        : [];
  const codeOf = (row: number): number => (column.kind === 'text' ? column.codes[row]! : row);
  const known = await kept.tagsOf(name, values);
  const numbers = new Map<string, number>();
  const tags = new Uint32Array(table.rows);
  let row = 0;
  for (const [segment, rows] of kept.segmentRows.entries()) {
    for (const end = row + rows; row < end; row++) {
      const id = `${segment} ${known[segment]![codeOf(row)]}`;
      const number = numbers.get(id) ?? numbers.size;
      numbers.set(id, number);
      tags[row] = number;
    }
  }
  return tags;
}
