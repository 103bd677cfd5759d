import { randomBytes } from '../../bytes/random.ts';
import type { Batch, ColumnData } from '../../table/value.ts';

/**
 * A uniformly random permutation of [0, count), by Fisher and Yates with unbiased draws: position of
 * each incoming row in its segment.
 */
export function randomPermutation(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const draw = drawer();
  for (let i = count - 1; i > 0; i--) {
    const j = draw(i + 1);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}

/** Uniform integers below a bound, from 32-bit draws with rejection. */
function drawer(): (bound: number) => number {
  let pool: Uint32Array = new Uint32Array(0);
  let at = 0;
  return (bound) => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      if (at === pool.length) {
        pool = new Uint32Array(randomBytes(65_536).buffer);
        at = 0;
      }
      const value = pool[at++]!;
      if (value < limit) return value % bound;
    }
  };
}

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
