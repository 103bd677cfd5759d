import { wordBytes } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { toHex } from '../../bytes/hex.ts';
import type { RowSet } from '../../table/row-set.ts';
import type { Column } from './column.ts';
import type { RawSample } from './masked-sum.ts';

/** Samples that are kept: 6 MB at n = 4096 and three limbs. */
const KEPT = 128;
/** Of eight rows at most one may be missing. */
const SHARE = 7 / 8;

/**
 * Sums over nearly every row of a segment, remembered: with a few rows deleted that is what a query
 * without a filter asks for, again and again, until the next deletion makes it another set of rows.
 */
export class NearTotals {
  /** Least recently used first. */
  private readonly samples = new Map<string, RawSample>();

  /** The samples of all `columns` over `rows`, known or from `make`. */
  of(columns: readonly Column[], rows: RowSet, make: () => RawSample[]): RawSample[] {
    const { count } = rows;
    if (count === rows.rows || count < SHARE * rows.rows) return make();
    const set = toHex(sha256(wordBytes(rows.words)));
    const keys = columns.map(({ id }) => `${id}/${set}`);
    const known = keys.map((key) => this.samples.get(key));
    const samples = known.every((sample) => sample !== undefined) ? known : make();
    samples.forEach((sample, i) => this.keep(keys[i]!, sample));
    return samples.map(({ a, b }) => ({ a: a.slice(), b: b.slice() }));
  }

  private keep(key: string, sample: RawSample): void {
    this.samples.delete(key);
    this.samples.set(key, sample);
    const [oldest] = this.samples.keys();
    if (this.samples.size > KEPT && oldest !== undefined) this.samples.delete(oldest);
  }
}
