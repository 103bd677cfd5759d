import type { Batch, ColumnData } from '../../table/value.ts';

/**
 * Regroup batches into batches of exactly `rows` rows (the last may be shorter), holding at most
 * that many rows and one incoming batch.
 */
export async function* gather(batches: AsyncIterable<Batch>, rows: number): AsyncGenerator<Batch> {
  let held: Batch[] = [];
  let count = 0;
  for await (const batch of batches) {
    let rest = batch;
    while (count + rest.rows >= rows) {
      const taken = rows - count;
      yield concatenate([...held, slice(rest, 0, taken)]);
      rest = slice(rest, taken, rest.rows);
      held = [];
      count = 0;
    }
    if (rest.rows > 0) {
      held.push(rest);
      count += rest.rows;
    }
  }
  if (count > 0) yield concatenate(held);
}

/**
 * The same where a batch ends as its rows say: before each row that does not fit what is held.
 * @param fits asked of every row in order, with the number of rows held before it
 */
export async function* gatherUntil(
  batches: AsyncIterable<Batch>,
  fits: (batch: Batch, row: number, held: number) => boolean,
): AsyncGenerator<Batch> {
  let held: Batch[] = [];
  let count = 0;
  for await (const batch of batches) {
    let from = 0;
    for (let row = 0; row < batch.rows; row++) {
      const before = count + row - from;
      if (fits(batch, row, before) || before === 0) continue;
      const last = row > from ? [slice(batch, from, row)] : [];
      yield concatenate([...held, ...last]);
      held = [];
      count = 0;
      from = row;
    }
    if (from === batch.rows) continue;
    held.push(slice(batch, from, batch.rows));
    count += batch.rows - from;
  }
  if (count > 0) yield concatenate(held);
}

function slice(batch: Batch, from: number, to: number): Batch {
  if (from === 0 && to === batch.rows) return batch;
  const columns = batch.columns.map((column): ColumnData => {
    const valid = column.valid.subarray(from, to);
    switch (column.kind) {
      case 'int':
      case 'real':
        return { kind: column.kind, values: column.values.subarray(from, to), valid };
      case 'big':
        return { kind: 'big', values: column.values.slice(from, to), valid };
      case 'text':
        return { kind: 'text', values: column.values.slice(from, to), valid };
      default:
        return column satisfies never;
    }
  });
  return { rows: to - from, columns };
}

function concatenate(batches: readonly Batch[]): Batch {
  const [first] = batches;
  if (batches.length === 1) return first!;
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  const columns = first!.columns.map((_, i) =>
    joinColumn(
      batches.map((b) => b.columns[i]!),
      rows,
    ),
  );
  return { rows, columns };
}

function joinColumn(parts: readonly ColumnData[], rows: number): ColumnData {
  const valid = new Uint8Array(rows);
  let at = 0;
  for (const part of parts) {
    valid.set(part.valid, at);
    at += part.valid.length;
  }
  const kinds = new Set(parts.map(({ kind }) => kind));
  if (kinds.has('text')) return { kind: 'text', values: parts.flatMap(texts), valid };
  if (kinds.has('big')) return { kind: 'big', values: parts.flatMap(bigs), valid };
  const values = new Float64Array(rows);
  at = 0;
  for (const part of parts) {
    values.set(part.values as Float64Array, at);
    at += part.valid.length;
  }
  return { kind: kinds.has('real') ? 'real' : 'int', values, valid };
}

const texts = (part: ColumnData): string[] => (part.kind === 'text' ? part.values : []);
const bigs = (part: ColumnData): bigint[] =>
  part.kind === 'big' ? part.values : part.kind === 'int' ? Array.from(part.values, BigInt) : [];
