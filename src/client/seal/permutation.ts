import type { Batch, ColumnData } from '../../table/value.ts';

/** The batch with the row at position p taken from `order[p]`. */
export function permuteBatch(batch: Batch, order: Uint32Array): Batch {
  return { rows: batch.rows, columns: batch.columns.map((column) => permute(column, order)) };
}

function permute(column: ColumnData, order: Uint32Array): ColumnData {
  const valid = new Uint8Array(order.length);
  for (let p = 0; p < order.length; p++) valid[p] = column.valid[order[p]!]!;
  switch (column.kind) {
    case 'int':
    case 'real': {
      const values = new Float64Array(order.length);
      for (let p = 0; p < order.length; p++) values[p] = column.values[order[p]!]!;
      return { kind: column.kind, values, valid };
    }
    case 'big':
      return { kind: 'big', values: Array.from(order, (row) => column.values[row]!), valid };
    case 'text':
      return { kind: 'text', values: Array.from(order, (row) => column.values[row]!), valid };
    default:
      return column satisfies never;
  }
}
