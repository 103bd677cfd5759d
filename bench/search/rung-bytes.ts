import { randomBytes } from '../../src/bytes/random.ts';
import { buildRung } from '../../src/search/build-rung.ts';
import { codedInput } from '../../src/search/rung-input.ts';
import { buildIndex } from '../../src/search/sse/build.ts';
import { shortestTag } from '../../src/search/tag/bits.ts';
import type { FurtherIndex } from '../../src/table/search-index.ts';
import { digits } from '../samples.ts';
import { evenColumn } from './columns.ts';
import { tableText } from './figures.ts';

export interface RungBytes {
  readonly index: string;
  /** Bytes of the part at the store by posting: a row of one list. By rows of a list. */
  readonly bytesPerPosting: Readonly<Record<number, number>>;
}

const LISTS = [64, 256, 1024] as const;

/** Every index of one column whose values have 64 rows or more each. */
export function rungBytes(rows: number): RungBytes[] {
  const bits = shortestTag(rows);
  const further: readonly (readonly [string, FurtherIndex])[] = [
    [`tag, ${bits} bits`, { index: 'tag', bits }],
    ['ore', { index: 'ore' }],
    ['mitra', { index: 'mitra' }],
    ['iex', { index: 'iex' }],
    ['sse-padded, power', { index: 'sse-padded', pad: 'power' }],
    ['sse-padded, max', { index: 'sse-padded', pad: 'max' }],
    ['smooth', { index: 'smooth' }],
    ['pir, lwe', { index: 'pir', scheme: 'lwe' }],
    ['pir, bfv', { index: 'pir', scheme: 'bfv' }],
  ];
  const measured = (list: number, index: FurtherIndex | undefined): number => {
    const column = evenColumn(rows, rows / list, { equality: true, range: false });
    const key = randomBytes(32);
    const part =
      index === undefined
        ? buildIndex(key, rows, [column]).part
        : buildRung(index, key, codedInput('integer', rows, column)).part;
    return digits(part.length / rows, 3);
  };
  return [['sse', undefined] as const, ...further].map(([index, rung]) => ({
    index,
    bytesPerPosting: Object.fromEntries(LISTS.map((list) => [list, measured(list, rung)])),
  }));
}

export function rungBytesText(rows: number, measured: readonly RungBytes[]): string {
  const heading = [`bytes a posting, ${rows} rows`, ...LISTS.map((list) => `lists of ${list}`)];
  const body = measured.map(({ index, bytesPerPosting }) => [
    index,
    ...LISTS.map((list) => String(bytesPerPosting[list])),
  ]);
  return tableText([heading, ...body]);
}
