import type { StoredPart } from './link.ts';

/**
 * Where a store process keeps its bytes. It knows tables, immutable parts and one head per table;
 * it evaluates nothing. Ids are 32 hex digits (checked by the callers' codecs).
 *
 * Every write is durable when its promise resolves. A part that is being written is never visible
 * half-written under its id.
 */
export interface Backend extends AsyncDisposable {
  /** For messages. */
  readonly address: string;
  /** How a worker opens the same backend; undefined where only this process can reach it. */
  readonly descriptor: BackendDescriptor | undefined;
  /** Bytes of a part that are read in the time that one more read takes: ranges closer than this are read as one. */
  readonly seekBytes: number;

  tables(): Promise<readonly string[]>;
  head(table: string): Promise<Uint8Array | undefined>;
  /**
   * Make `manifest` the head of the table if the present head's epoch is `epoch − 1`.
   * @throws EPOCH_CONFLICT otherwise.
   */
  publish(table: string, epoch: number, manifest: Uint8Array): Promise<void>;

  has(table: string, part: string): Promise<boolean>;
  /** @throws PART_MISSING */
  read(table: string, part: string): Promise<Uint8Array>;
  /**
   * Bytes [offset, offset + length) of a part; PART_CORRUPT when it is shorter. With `room` for as many, which must be
   * the caller's alone, they may be put there: what is read and soon copied need not be memory of its own.
   */
  readRange(
    table: string,
    part: string,
    offset: number,
    length: number,
    room?: Uint8Array,
  ): Promise<Uint8Array>;
  /** Bytes of a part as stored. @throws PART_MISSING */
  size(table: string, part: string): Promise<number>;
  write(table: string, part: string, bytes: Uint8Array): Promise<void>;
  /** Every part of the table, with its size as stored. */
  parts(table: string): Promise<readonly StoredPart[]>;
  /** Parts that do not exist are ignored. Leavings of writes that died are removed too. */
  remove(table: string, parts: readonly string[]): Promise<void>;
}

/**
 * Room for intermediate results that machines hand to each other through the store: a place for each
 * query, which goes with all that is in it when the query ends. What crashes leave is swept.
 *
 * Ids are 32 hex digits (checked by the callers' codecs).
 */
export interface Scratch {
  /** Tells stores apart that share one queue: 32 hex digits, made once. */
  identity(): Promise<string>;
  openScratch(query: string): Promise<void>;
  /** @throws ABORTED when the query's place is gone: nobody waits for the result */
  writeScratch(query: string, id: string, bytes: Uint8Array): Promise<void>;
  /** @throws PART_MISSING */
  readScratch(query: string, id: string): Promise<Uint8Array>;
  /** What does not exist is ignored. */
  closeScratch(query: string): Promise<void>;
  /** Remove what is older than a day. */
  sweepScratch(): Promise<void>;
}

/** How another thread opens the same backend. */
export type BackendDescriptor =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'remote';
      readonly address: string;
      readonly token: string;
      /** Folder of the cache of parts, and how much it may hold. */
      readonly cache: string;
      readonly cacheBytes: number;
    };
