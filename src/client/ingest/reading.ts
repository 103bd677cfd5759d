import { OpalineError } from '../../errors/opaline-error.ts';

/** What every reader of rows takes. */
export interface ReadOptions {
  /** Every batch but the last has exactly this many rows. Default 65,536. */
  readonly batchRows?: number;
  /** Stop after this many rows. */
  readonly rowLimit?: number;
  readonly signal?: AbortSignal;
  /** Rows read so far and, where known, the share of the input (0 to 1). */
  readonly onProgress?: (rows: number, share: number | undefined) => void;
}

export const DEFAULT_BATCH_ROWS = 65_536;

/** Bytes of UTF-8 in one text cell. */
export const MAX_FIELD_BYTES: number = 1 << 20;

/** Throws ABORTED once the signal has fired. */
export function checkAbort(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new OpalineError('ABORTED', {});
}
