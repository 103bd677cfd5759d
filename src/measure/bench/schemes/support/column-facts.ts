import type { LabColumn, LabTable } from '../../scheme.ts';

/** What decides how a column is kept. */
export interface ColumnFacts {
  readonly name: string;
  /** `key`: an integer that no two rows share, which nobody adds up: kept as text. */
  readonly kind: LabColumn['kind'] | 'key';
  /** Of documents 0: they have no values. */
  readonly distinct: number;
  /** Rows of the commonest value. */
  readonly mode: number;
}

const facts = new WeakMap<LabColumn, Omit<ColumnFacts, 'name'>>();

export function factsOf({ columns, rows }: LabTable): readonly ColumnFacts[] {
  return Object.entries(columns).map(([name, column]) => {
    let known = facts.get(column);
    if (known === undefined) facts.set(column, (known = countValues(column, rows)));
    return { name, ...known };
  });
}

function countValues(column: LabColumn, rows: number): Omit<ColumnFacts, 'name'> {
  if (column.kind === 'document') return { kind: 'document', distinct: 0, mode: 0 };
  const counts = new Map<number, number>();
  for (const value of column.kind === 'integer' ? column.values : column.codes) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  let mode = 0;
  for (const count of counts.values()) mode = Math.max(mode, count);
  const kind = column.kind === 'integer' && counts.size === rows ? 'key' : column.kind;
  return { kind, distinct: counts.size, mode };
}
