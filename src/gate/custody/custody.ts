import type { Parameters } from '../../params/parameters.ts';
import type { AggregateReply, Fragment } from '../../plan/fragment.ts';
import type { CallOptions } from '../../store/link.ts';

/** Sums of a divided table, as the store answered and before anybody has decrypted them. */
export interface DividedSums {
  readonly fragment: Fragment;
  readonly reply: AggregateReply;
  /** Per output, the rows whose noise its sums may hold (sum-layout.ts). */
  readonly rows: readonly number[];
}

/** Who decrypts the sums of divided tables: the gate sends nothing without them, and has no key of its own. */
export interface Custody {
  /** Of the preset `threshold`. */
  readonly parameters: Parameters;
  /**
   * The signed sum of each group and output, in the reply's order.
   * @throws CUSTODIAN_REFUSED, CUSTODIAN_UNREACHABLE, PARTIALS_INVALID
   */
  decrypt(sums: DividedSums, options: CallOptions): Promise<readonly (readonly bigint[])[]>;
}

/**
 * Per output of an aggregate fragment, the rows that may count in one of its sums: those of every segment that
 * adds to it, whatever the filter. Gate and custodians bound their noise by the same number.
 */
export function rowsOfOutputs(
  { work, segments }: Fragment,
  rowsOf: (segment: string) => number,
): number[] {
  const rows = work.kind === 'aggregate' ? work.outputs.map(() => 0) : [];
  for (const { segment, sums } of segments) {
    for (const { output } of sums) rows[output]! += rowsOf(segment);
  }
  return rows;
}
