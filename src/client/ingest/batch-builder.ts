import type { Column } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import { columnSink, type ColumnSink } from './column-sink.ts';
import { DEFAULT_BATCH_ROWS, type ReadOptions } from './reading.ts';

/** Gathers rows, column by column, into batches of exactly `batchRows` rows; only the last is shorter. */
export class BatchBuilder {
  /** One for each column, in their order. Fill every one of a row, then `advance`. */
  readonly sinks: readonly ColumnSink[];
  private readonly batchRows: number;
  private readonly limit: number;
  private ready: Batch[] = [];
  private pending = 0;
  private total = 0;

  constructor(columns: readonly Column[], options: ReadOptions) {
    this.batchRows = options.batchRows ?? DEFAULT_BATCH_ROWS;
    this.limit = options.rowLimit ?? Infinity;
    this.sinks = columns.map((column) => columnSink(column, this.batchRows));
  }

  /** Rows advanced over since the start. */
  get rows(): number {
    return this.total;
  }

  /** True once `rowLimit` rows are in. */
  get full(): boolean {
    return this.total >= this.limit;
  }

  /** Rows that may be filled before the next `advance`. */
  get room(): number {
    return Math.min(this.batchRows - this.pending, this.limit - this.total);
  }

  /** Counts `rows` filled rows, at most `room`. */
  advance(rows: number): void {
    this.pending += rows;
    this.total += rows;
    if (this.pending === this.batchRows) this.cut();
  }

  /** The full batches so far. */
  *drain(): Generator<Batch> {
    const { ready } = this;
    this.ready = [];
    yield* ready;
  }

  /** The full batches and what remains. */
  *finish(): Generator<Batch> {
    if (this.pending > 0) this.cut();
    yield* this.drain();
  }

  private cut(): void {
    this.ready.push({ rows: this.pending, columns: this.sinks.map((sink) => sink.take()) });
    this.pending = 0;
  }
}
