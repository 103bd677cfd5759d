import { randomBytes } from '../../src/bytes/random.ts';
import { buildIndex, type IndexColumn } from '../../src/search/sse/build.ts';
import { nodeCounts } from '../../src/search/sse/build/ranks.ts';
import { lookupPosting } from '../../src/search/sse/eval.ts';
import { parseIndex } from '../../src/search/sse/format.ts';
import { valueTokens } from '../../src/search/sse/token.ts';
import { cost, rate, type SuiteResult } from '../report.ts';
import { spread, takeTurns } from '../samples.ts';
import { evenColumn } from './columns.ts';
import { limit, perSecond } from './figures.ts';

const FEW_VALUES = 16;
const SHORT_LIST = 64;
/** Of 16 bits: a value has four rows of a full segment, and ranges of values have long lists. */
const RANGE_VALUES = 2 ** 16;

/** The sse index of one segment: building it, reading row ids out of it, and its bytes. */
export async function indexLines(
  rows: number,
  rounds: number,
): Promise<Pick<SuiteResult, 'lines' | 'samples'>> {
  const equality = { equality: true, range: false };
  const few = evenColumn(rows, FEW_VALUES, equality);
  const distinct = evenColumn(rows, rows, equality);
  const ranges = evenColumn(rows, Math.min(rows, RANGE_VALUES), { equality: false, range: true });
  const build = (column: IndexColumn): Uint8Array =>
    buildIndex(randomBytes(32), rows, [column]).part;
  const key = randomBytes(32);
  const index = parseIndex(buildIndex(key, rows, [few]).part);
  const tokens = valueTokens(key, few.id, few.values);
  const contenders = {
    'build, few values': () => build(few),
    'build, range levels': () => build(ranges),
    'build, distinct values': () => build(distinct),
    'row ids out of lists': () => readAll(tokens),
  };
  function readAll(each: readonly Uint8Array[]): void {
    let found = 0;
    for (const token of each) found += lookupPosting(index, token).toArray().length;
    if (found !== rows) throw new Error('the lists have other rows');
  }
  const named = Object.entries(contenders).map(([name, run]) => ({ name, run }));
  await takeTurns(named, 1);
  const samples = await takeTurns(named, rounds);
  const of = (name: keyof typeof contenders): readonly number[] => samples.get(name) ?? [];
  const rangePostings = nodeCounts(rows).reduce((sum, { count }) => sum + count, 0);
  const bytes = build(evenColumn(rows, Math.floor(rows / SHORT_LIST), equality)).length / rows;
  return {
    lines: [
      rate({
        what: `sse: build, ${FEW_VALUES} values in ${rows} rows`,
        ours: perSecond('lists of values', 'postings/s', rows, of('build, few values')),
        peer: limit(10e6, 'postings/s'),
        wanted: 1,
      }),
      rate({
        what: `sse: build, range levels of ${ranges.values.length} values in ${rows} rows`,
        ours: perSecond(
          'nodes of every level, the sealed blocks of values included',
          'postings/s',
          rangePostings,
          of('build, range levels'),
        ),
        peer: limit(10e6, 'postings/s'),
        wanted: 1,
      }),
      rate({
        what: `sse: build, ${rows} distinct values`,
        ours: perSecond('a list of one row each', 'keywords/s', rows, of('build, distinct values')),
        peer: limit(300_000, 'keywords/s'),
        wanted: 1,
      }),
      rate({
        what: `sse: row ids out of lists of ${Math.round(rows / FEW_VALUES)} rows`,
        ours: perSecond(
          'found, decrypted, decoded to a set, listed',
          'rows/s',
          rows,
          of('row ids out of lists'),
        ),
        peer: limit(20e6, 'rows/s'),
        wanted: 1,
      }),
      cost({
        what: `sse: bytes a posting, lists of ${SHORT_LIST} rows of ${rows}`,
        ours: { who: 'the whole part', value: bytes, unit: 'B' },
        peer: limit(4, 'B'),
        wanted: 1,
      }),
    ],
    samples: Object.fromEntries(
      [...samples].map(([name, ms]) => [`sse: ${name} (ms)`, spread(ms)]),
    ),
  };
}
