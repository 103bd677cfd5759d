import type { Schema } from '../../table/schema.ts';
import type { Batch, Value } from '../../table/value.ts';
import { BatchBuilder } from '../ingest/batch-builder.ts';
import { DEFAULT_BATCH_ROWS } from '../ingest/reading.ts';

/** Gathers opened rows, cells in schema order, into batches again. */
export class RowBatches {
  private readonly builder: BatchBuilder;

  /** A row may be NULL in any column: the place of an erased row is. */
  constructor(schema: Schema, batchRows: number = DEFAULT_BATCH_ROWS) {
    const columns = schema.columns.map((column) => ({ ...column, nullable: true }));
    this.builder = new BatchBuilder(columns, { batchRows });
  }

  /** Add a row; undefined for the place of an erased one. */
  add(row: readonly Value[] | undefined): void {
    this.builder.sinks.forEach((sink, column) => {
      const cell = row?.[column] ?? null;
      if (cell === null) sink.null(0);
      else sink.value(typeof cell === 'bigint' ? compact(cell) : cell, 0);
    });
    this.builder.advance(1);
  }

  /** The full batches so far. */
  drain(): Generator<Batch> {
    return this.builder.drain();
  }

  /** The full batches and what remains. */
  finish(): Generator<Batch> {
    return this.builder.finish();
  }
}

/** As columns hold whole numbers: doubles where they are exact. */
function compact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
