import { ordinalOf } from './ordinal.ts';
import type { OreState } from './state.ts';

/** One end of a range, as a canonical value. */
export interface OreEnd {
  readonly value: Uint8Array;
  readonly inclusive: boolean;
}

/** Codes from `low` to `high`, both in the range; an absent end has no row beyond it. */
export interface CodeRange {
  readonly low?: bigint;
  readonly high?: bigint;
}

/** The codes of NULL. */
export const NULL_CODES: CodeRange = { high: 0n };

/**
 * The codes of the rows of a segment whose value lies between ends, an absent end being unbounded; undefined where no
 * row's can. NULL is in no range. Codes are whole numbers, so whether an end was included does not show in them, and ends
 * beyond all of the segment's values are left out.
 */
export function rangeCodes(
  { kind, nulls, span }: Pick<OreState, 'kind' | 'nulls' | 'span'>,
  low?: OreEnd,
  high?: OreEnd,
): CodeRange | undefined {
  if (span === undefined) return undefined;
  const most = span.most - span.least + 1n;
  const code = ({ value, inclusive }: OreEnd, step: bigint): bigint =>
    ordinalOf(value, kind) - span.least + 1n + (inclusive ? 0n : step);
  const from = low === undefined ? 1n : code(low, 1n);
  const to = high === undefined ? most : code(high, -1n);
  if (from > to || to < 1n || from > most) return undefined;
  return {
    ...((from > 1n || nulls) && { low: from > 1n ? from : 1n }),
    ...(to < most && { high: to }),
  };
}
