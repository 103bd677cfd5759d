import type { LabColumn, LabTable } from './scheme.ts';

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
  const sorted = (column.kind === 'integer' ? column.values : column.codes).toSorted();
  let [distinct, mode, run] = [0, 0, 0];
  sorted.forEach((value, i) => {
    run = i > 0 && value === sorted[i - 1] ? run + 1 : 1;
    if (run === 1) distinct++;
    mode = Math.max(mode, run);
  });
  const kind = column.kind === 'integer' && distinct === rows ? 'key' : column.kind;
  return { kind, distinct, mode };
}
