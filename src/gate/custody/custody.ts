import { OpalineError } from '../../errors/opaline-error.ts';
import type { Parameters } from '../../params/parameters.ts';
import type { AggregateReply, Fragment } from '../../plan/fragment.ts';
import type { CallOptions } from '../../store/link.ts';

/** Sums of a divided table, as the store answered and before anybody has decrypted them. */
export interface DividedSums {
  readonly fragment: Fragment;
  readonly reply: AggregateReply;
  /** Of all the table's segments (`noiseRows`): what the noise of each sum is bounded for. */
  readonly rows: number;
  /** Of an answer that is verified. */
  readonly verified?: {
    /** Outputs from this number on are of check columns: residues of a prime. To custodians they are as any others. */
    readonly checksFrom: number;
    /** Whether the decrypted sums, checks among them, may leave. Asked of those of each quorum. */
    fits(sums: readonly (readonly bigint[])[]): boolean;
  };
}

/** Who decrypts the sums of divided tables: the gate sends nothing without them, and has no key of its own. */
export interface Custody {
  /** Of the preset `threshold`. */
  readonly parameters: Parameters;
  /**
   * The signed sum of each group and output, in the reply's order; of a check the residue.
   * @throws CUSTODIAN_REFUSED, CUSTODIAN_UNREACHABLE, PARTIALS_INVALID for sums that do not fit, too; LOG_ROLLBACK, LOG_FORK
   * where a custodian knows of another log of requests than this one
   */
  decrypt(sums: DividedSums, options: CallOptions): Promise<readonly (readonly bigint[])[]>;
}

/**
 * The rows of a table's segments, deleted ones too. Gate and custodians bound the noise of every sum of the table by
 * it, whichever rows count in it: so the level of a sum follows from the manifest, and nobody who asks can have the
 * same sum at another one.
 */
export function noiseRows(segments: readonly { readonly rows: number }[]): number {
  return segments.reduce((sum, { rows }) => sum + rows, 0);
}

/**
 * Refuse a fragment in whose sums a row could count twice: their noise would not be bounded by the table's rows.
 * @throws BYTES_INVALID
 */
export function requireRowsOnce({ segments }: Fragment): void {
  const once = segments.every(({ sums }) => {
    const outputs = new Set(sums.map(({ output }) => output));
    return outputs.size === sums.length;
  });
  const distinct = new Set(segments.map(({ segment }) => segment)).size === segments.length;
  if (once && distinct) return;
  throw new OpalineError('BYTES_INVALID', {
    what: 'a query fragment',
    reason: 'a row counts in one of its sums twice',
  });
}
