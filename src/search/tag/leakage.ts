import type { Leakage } from '../../plan/leakage.ts';
import type { RungEstimate } from '../rung.ts';
import { segmentTag } from './bits.ts';
import { QUERY_BYTES, SEALED_BYTES, tagIndexBytes } from './format.ts';

/** A column with a tag index, over all segments. */
export interface TagProfile {
  readonly column: string;
  readonly rows: number;
  readonly segments: number;
  /** Bits that the schema gives; else each segment has the shortest that its rows allow. */
  readonly bits?: number;
  /** Rows of each value, NULL counted as one, if known: they add up to `rows`. */
  readonly frequencies?: readonly number[];
  /** Keywords that a query asks for. */
  readonly asked: number;
}

export const TAG_ATTACK =
  'the most frequent value under each tag, exact histogram and what shares a tag known (Naveed–Kamara–Wright 2015, at its best)';

/** What the store sees of a column at rest and by a query, and what that is worth to an attacker. */
export function tagLeakage(profile: TagProfile): Leakage {
  const { column, rows, segments, frequencies, asked } = profile;
  const bits = bitsOf(profile);
  const keywords = asked === 1 ? 'the keyword' : `each of ${asked} keywords`;
  return {
    node: `equality on ${column}`,
    index: 'tag',
    atRest: [
      `a tag of ${bits} bits for each of ${rows} rows: rows of one value have one tag within a segment, and others share it`,
      `how often each tag occurs in ${segments === 1 ? '1 segment' : `each of ${segments} segments`}`,
    ],
    onQuery: [
      `the tag of ${keywords} of ${column} in each segment, and so whether it was asked before`,
      'which of the tag’s rows have the value, once the query uses them; the others’ values differ from it',
    ],
    expectedRecovery:
      frequencies === undefined
        ? null
        : { attack: TAG_ATTACK, fraction: recoveredByTags(frequencies, bits) },
  };
}

/** What a tag index costs, from a column's statistics. */
export function estimateTags(profile: TagProfile): RungEstimate {
  const { rows, segments, frequencies, asked } = profile;
  const each = Math.ceil(rows / segments);
  const bits = bitsOf(profile);
  // A row is found for its value, or by chance for another.
  const own = frequencies === undefined ? 0 : squares(frequencies) / rows;
  const candidates = own + (rows - own) / 2 ** bits;
  return {
    bytes: segments * tagIndexBytes(each, bits),
    bytesUp: asked * segments * QUERY_BYTES,
    bytesDown: Math.ceil(asked * (segments * QUERY_BYTES + candidates * (4 + SEALED_BYTES))),
    rounds: 1,
    recovery:
      frequencies === undefined
        ? null
        : { attack: TAG_ATTACK, fraction: recoveredByTags(frequencies, bits) },
  };
}

/**
 * Expected share of rows whose value an attacker names rightly who knows the exact histogram and which frequencies
 * share each tag, and names for each tag one of the most frequent values that it may have.
 *
 * Rows of one tag look alike, so a tag gets one name. A value of f rows is the most frequent of its tag where none
 * of the h(f) values with more rows has that tag too: with probability (1 − 2^−b)^h(f), as tags are random. Of
 * the m(f) values with f rows, which look alike, each is named with probability 1/m(f). So the expected gain is
 * Σ_v f_v / m(f_v) · (1 − 2^−b)^h(f_v) = Σ over distinct f of f · (1 − 2^−b)^h(f), over all rows. As b grows this
 * becomes what matching recovers from whole tags; with b = 0, the most frequent value's rows, over their ties.
 */
export function recoveredByTags(frequencies: readonly number[], bits: number): number {
  const apart = 1 - 2 ** -bits;
  let rows = 0;
  let gained = 0;
  frequencies
    .toSorted((a, b) => b - a)
    .forEach((f, heavier, sorted) => {
      rows += f;
      if (f !== sorted[heavier - 1]) gained += f * apart ** heavier;
    });
  return rows === 0 ? 0 : gained / rows;
}

function bitsOf({ rows, segments, bits, frequencies }: TagProfile): number {
  const each = Math.ceil(rows / segments);
  // Of one segment: those values of the column that have a row in it.
  const distinct = frequencies?.length ?? each;
  return segmentTag({ rows: each, distinct: Math.min(distinct, each) }, bits);
}

function squares(frequencies: readonly number[]): number {
  return frequencies.reduce((sum, f) => sum + f * f, 0);
}
