import { OpalineError } from '../../errors/opaline-error.ts';
import { type Column, inputColumns, type Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import { BatchBuilder } from './batch-builder.ts';
import { invalidValue, type ColumnSink } from './column-sink.ts';
import { unknownColumn } from './match-columns.ts';
import { checkAbort, type ReadOptions } from './reading.ts';
import { turn } from '../../run/turn.ts';

export type Row = Readonly<Record<string, unknown>>;

const ROWS_A_TURN = 4096;

/**
 * Batches of a program's rows: objects keyed by column name.
 *
 * | cell             | taken as                                                                        |
 * | ---------------- | ------------------------------------------------------------------------------- |
 * | undefined, null, no key | NULL                                                                     |
 * | string           | the text of a value; in a text column itself, the empty string included         |
 * | number           | its shortest decimal form; beyond ±2^53 only in a real column                    |
 * | bigint           | the integer (not scaled)                                                        |
 * | boolean          | true, false                                                                     |
 * | Date             | the instant, for timestamps; midnight UTC, for dates                            |
 *
 * Throws VALUE_INVALID, VALUE_OUT_OF_RANGE, NULL_NOT_ALLOWED, FIELD_TOO_LARGE, INPUT_MALFORMED with the number
 * of the row, from 1, as line; UNKNOWN_COLUMN; ABORTED even while `rows` keeps the reader waiting; and
 * whatever `rows` throws.
 */
export async function* batchesFromRows(
  schema: Schema,
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: ReadOptions = {},
): AsyncGenerator<Batch, void, undefined> {
  const columns = inputColumns(schema);
  const builder = new BatchBuilder(columns, options);
  if (builder.full) return;
  const names = new Set(columns.map((column) => column.name));
  for await (const row of untilAborted(rows, options.signal)) {
    const line = builder.rows + 1;
    checkKeys(schema, names, row, line);
    for (const [i, column] of columns.entries()) {
      put(
        builder.sinks[i]!,
        column,
        Object.hasOwn(row, column.name) ? row[column.name] : null,
        line,
      );
    }
    builder.advance(1);
    if (builder.rows % ROWS_A_TURN === 0) {
      options.onProgress?.(builder.rows, undefined);
      yield* builder.drain();
    }
    if (builder.full) break;
  }
  yield* builder.finish();
  options.onProgress?.(builder.rows, 1);
}

function put(sink: ColumnSink, column: Column, cell: unknown, line: number): void {
  switch (typeof cell) {
    case 'undefined':
      sink.null(line);
      return;
    case 'string':
      sink.text(cell, line);
      return;
    case 'number':
      putNumber(sink, column, cell, line);
      return;
    case 'bigint':
    case 'boolean':
      sink.text(String(cell), line);
      return;
    default:
      if (cell === null) sink.null(line);
      else sink.text(dateText(column, cell, line), line);
  }
}

function putNumber(sink: ColumnSink, column: Column, cell: number, line: number): void {
  const exact = Math.abs(cell) <= Number.MAX_SAFE_INTEGER;
  if (column.type === 'real' || (column.type === 'integer' && exact)) sink.value(cell, line);
  else if (exact) sink.text(String(cell), line);
  else throw invalidValue(column, line);
}

function dateText(column: Column, cell: unknown, line: number): string {
  const known = column.type === 'date' || column.type === 'timestamp';
  if (!known || !(cell instanceof Date) || Number.isNaN(cell.getTime())) {
    throw invalidValue(column, line);
  }
  const iso = cell.toISOString();
  return column.type === 'date' ? iso.replace('T00:00:00.000Z', '') : iso;
}

function checkKeys(schema: Schema, names: ReadonlySet<string>, row: unknown, line: number): void {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new OpalineError('INPUT_MALFORMED', { line, reason: 'a row must be an object' });
  }
  for (const key of Object.keys(row)) if (!names.has(key)) throw unknownColumn(schema, key);
}

/** The rows; a rejection as soon as the signal fires, and a turn of the event loop now and then. */
async function* untilAborted(
  rows: Iterable<Row> | AsyncIterable<Row>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Row, void, undefined> {
  checkAbort(signal);
  if (!(Symbol.asyncIterator in rows)) {
    let count = 0;
    for (const row of rows) {
      yield row;
      if (++count % ROWS_A_TURN > 0) continue;
      await turn();
      checkAbort(signal);
    }
    return;
  }
  yield* raceAbort(rows[Symbol.asyncIterator](), signal);
}

async function* raceAbort(
  iterator: AsyncIterator<Row>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Row, void, undefined> {
  let ended = false;
  // One promise a row: racing against a single long-lived one would keep a reaction for every row.
  let reject: (error: unknown) => void = () => {};
  const abort = (): void => {
    ended = true;
    // Not awaited: a source that hangs in next() would hang in return() too.
    iterator.return?.().then(undefined, () => {});
    reject(new OpalineError('ABORTED', {}));
  };
  signal?.addEventListener('abort', abort);
  try {
    for (;;) {
      checkAbort(signal);
      const next = await new Promise<IteratorResult<Row>>((resolve, fail) => {
        reject = fail;
        iterator.next().then(resolve, (error: unknown) => {
          ended = true;
          fail(error);
        });
      });
      if (next.done === true) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    if (!ended) await iterator.return?.();
  }
}
