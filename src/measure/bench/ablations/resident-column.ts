import type { PublicEngine, SecretEngine } from '../../../engine/engine.ts';
import type { Ring } from '../../../ring/ring.ts';
import { type Column, columnAt, totalWords } from '../../../run/evaluate/column.ts';
import { makeTotal, sumSelection } from '../../../run/evaluate/aggregate.ts';
import { onePartition } from '../../../run/evaluate/groups.ts';
import type { RawSample } from '../../../run/evaluate/masked-sum.ts';
import { NearTotals } from '../../../run/evaluate/near-totals.ts';
import type { RowSet } from '../../../table/row-set.ts';

/**
 * Numbers encrypted under a vault's engine and brought into a ring's memory as a store has them: c0 in coefficient form, c1
 * expanded by `store` and in evaluation form, and the total of all rows.
 * @param values |v| < t/2
 */
export function residentColumn(
  ring: Ring,
  engine: SecretEngine,
  store: PublicEngine,
  id: string,
  values: Float64Array,
): Column {
  const { n } = ring;
  const half = ring.moduli.length * n;
  const chunks = Math.ceil(values.length / n);
  const span = ring.allocate(2 * half * chunks);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const ciphertext = engine.encrypt(values.subarray(chunk * n, (chunk + 1) * n));
    const to = ring.slice(span, 2 * half * chunk, 2 * half);
    ring.view(to).set(ciphertext.c0);
    ring.view(to).set(store.expand(ciphertext), half);
    ring.forwardNtt(ring.slice(to, half, half));
  }
  const column = columnAt(ring, id, span, ring.allocate(totalWords(ring)));
  makeTotal(ring, column, values.length);
  return column;
}

/** Bytes that a column takes where it is resident. */
export function columnBytes({ moduli, n }: Ring, { chunks }: Column): number {
  return Uint32Array.BYTES_PER_ELEMENT * 2 * moduli.length * n * chunks;
}

/** Sums of columns over some rows by the store's own evaluation, which remembers nothing of the call before. */
export async function sumOver(
  ring: Ring,
  columns: readonly Column[],
  rows: RowSet,
): Promise<readonly RawSample[]> {
  const sums = columns.map((_, i) => ({ output: i, column: i, over: -1 }));
  const selection = {
    rows: rows.rows,
    groups: onePartition(rows),
    counts: [[]],
    tallies: [{ numbers: new Uint32Array(0), counts: new Uint32Array(0) }],
    classes: [{ eligible: rows, sums }],
  };
  const [group] = await sumSelection(ring, selection, new NearTotals(), columns.length, (wanted) =>
    Promise.resolve({ columns: wanted.map((i) => columns[i]!), release: () => {} }),
  );
  return group!.sums.toSorted((a, b) => a.output - b.output).map(({ sample }) => sample);
}
