import { SeededRandom } from '../../src/measure/attacks/seeded-random.ts';
import type { IndexColumn } from '../../src/search/sse/build.ts';
import { canonicalBytes } from '../../src/table/canonical.ts';

/** Whole numbers from 0 below `values`, one a row, every one of them about as often: the same on every machine. */
export function evenColumn(
  rows: number,
  values: number,
  kinds: Pick<IndexColumn, 'equality' | 'range'>,
): IndexColumn {
  const random = new SeededRandom(values);
  const codes = Int32Array.from({ length: rows }, (_, row) => row % values);
  // Fisher–Yates.
  for (let row = rows - 1; row > 0; row--) {
    const other = random.below(row + 1);
    [codes[row], codes[other]] = [codes[other]!, codes[row]!];
  }
  return { id: 0, values: canonicals(values), codes, ...kinds };
}

function canonicals(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, value) => canonicalBytes(value, 'integer'));
}
