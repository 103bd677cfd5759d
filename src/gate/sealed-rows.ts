import { PreparedKey } from '../bytes/aead.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import { parseBlobs } from '../table/blob-part.ts';
import type { PartEntry } from '../table/manifest.ts';
import type { Schema } from '../table/schema.ts';
import { openRecord } from '../table/sealed-record.ts';
import type { Value } from '../table/value.ts';
import { fetchPart } from './fetch-part.ts';

/** Sealed records of one segment or delta entry. */
export interface SealedRows {
  readonly table: string;
  /** Of the segment or delta entry; the records are bound to it. */
  readonly id: string;
  readonly rows: number;
  readonly records: PartEntry;
  /** Seals the records. */
  readonly key: Uint8Array;
  readonly schema: Schema;
}

export interface FetchedRows {
  /** The cells of a row, in schema order. @throws PART_CORRUPT */
  open(row: number): Value[];
  /** Whether a row has no record: it was erased. */
  isErased(row: number): boolean;
}

/**
 * Fetch all records of a segment or delta entry.
 * @throws PART_MISSING, PART_CORRUPT
 */
export async function fetchRows(
  link: StoreLink,
  sealed: SealedRows,
  options: CallOptions = {},
): Promise<FetchedRows> {
  const { table, id, rows, records, schema } = sealed;
  const bytes = await fetchPart(link, table, records, options);
  const blobs = inPart(records.id, () => parseBlobs('RECS', bytes, `part ${records.id}`));
  if (blobs.count !== rows) return corrupt(records.id, 'it has another number of records');
  const key = new PreparedKey(sealed.key);
  return {
    open: (row) =>
      inPart(records.id, () => openRecord(key, id, row, blobs.blob(row), schema.columns)),
    isErased: (row) => blobs.blob(row).length === 0,
  };
}

/** Runs a parser on a part's bytes; what it refuses is a damaged part. */
export function inPart<T>(part: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof OpalineError && error.code === 'BYTES_INVALID') {
      return corrupt(part, 'a record does not open');
    }
    throw error;
  }
}

function corrupt(part: string, reason: string): never {
  throw new OpalineError('PART_CORRUPT', { part, reason });
}
