import type { KeyOf, RecordOf, RowOf, SchemaLiteral, SubjectOf } from '../typed/schema.ts';
import type { Condition } from '../typed/conditions.ts';

/**
 * The records of one table, for services. Rows are objects; exact values are read as texts, as by
 * `vault.query`, and what was read can be written again.
 *
 * Writes of one vault stand in line; while another process writes, they wait for `patience`. What fails with
 * a `retryable` error changed nothing and may be tried again.
 */
export interface Records<S extends SchemaLiteral> {
  readonly schema: S;
  /**
   * Write records: a row that has a record's key is replaced. Of two records with one key the later counts.
   * One record, or a list of at most MOST_RECORDS, is written in one publication, all or none. An iterable is read
   * no faster than it is written, `batch` records at a time, each batch a publication; after a failure the
   * batches before are there, and to put all again does no harm. In a schema without a key rows are added.
   * @throws VALUE_INVALID and the like with the record's number as line; KEY_TAKEN
   */
  put(
    records:
      RecordOf<S> | readonly RecordOf<S>[] | Iterable<RecordOf<S>> | AsyncIterable<RecordOf<S>>,
    options?: PutOptions,
  ): Promise<PutReport>;
  /** The row of a key. @throws KEY_NOT_UNIQUE where the store has hidden a row from a write */
  get(key: KeyOf<S>, options?: ReadOptions): Promise<RowOf<S> | undefined>;
  /**
   * A page of the rows that a condition selects, every row without one, in no order of their values. `next`
   * is the cursor of the page after it, undefined after the last.
   *
   * Rows that stay as they are while you page come once each, whatever others put or delete meanwhile; rows
   * that are written meanwhile may come, and a row that is put again may come in both its forms.
   * @throws CURSOR_INVALID for a cursor that was altered or is of another table or condition; CURSOR_EXPIRED where
   * rows were laid out anew since, by a compaction or an erasure: begin again
   */
  find(condition?: Condition<S>, options?: FindOptions): Promise<RecordPage<S>>;
  /** All of them, a bounded number in memory. As for find, also when a compaction runs meanwhile. */
  stream(condition?: Condition<S>, options?: StreamOptions): AsyncIterable<RowOf<S>>;
  /** Delete the row of a key, or the rows that a condition selects. They count nowhere any more. */
  delete(target: KeyOf<S> | Condition<S>, options?: WriteOptions): Promise<RemovalReport>;
  /**
   * Destroy every row of a subject (the schema's `subject`; without one, of a key), or those that a
   * condition selects, and all rows deleted or replaced before: records, index lists and dictionary entries are
   * written anew without them, and the keys of the old are destroyed. Backups of the vault made before cannot
   * open the table any more.
   */
  erase(target: SubjectOf<S> | Condition<S>, options?: WriteOptions): Promise<RemovalReport>;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

export interface FindOptions extends ReadOptions {
  /** Rows of a page, 1 to 10,000; default 100. */
  readonly limit?: number;
  /** The cursor of the page before. */
  readonly after?: string | undefined;
}

export interface StreamOptions extends ReadOptions {
  /** Rows fetched at a time, 1 to 10,000; default 1,000. */
  readonly page?: number;
}

export interface WriteOptions extends ReadOptions {
  /** Milliseconds to wait for another process that writes; default 10,000. */
  readonly patience?: number;
}

export interface PutOptions extends WriteOptions {
  /** What a record does whose key another row has: replace it, the default, or be refused by KEY_TAKEN. */
  readonly onConflict?: 'replace' | 'refuse';
  /** Records of an iterable written at a time, 1 to MOST_RECORDS; default 16,384. */
  readonly batch?: number;
  /** Records written so far. */
  readonly onProgress?: (records: number) => void;
}

export interface PutReport {
  /** Records written. */
  readonly records: number;
  /** Rows that they replaced. */
  readonly replaced: number;
  /** The table's epoch then. */
  readonly epoch: number;
}

export interface RemovalReport {
  readonly rows: number;
  readonly epoch: number;
}

export interface RecordPage<S extends SchemaLiteral> {
  readonly rows: readonly RowOf<S>[];
  readonly next: string | undefined;
}

/** Records that are written in one publication at most. */
export const MOST_RECORDS = 65_536;
