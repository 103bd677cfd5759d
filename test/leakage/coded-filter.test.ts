import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { distinguish, type Transcript } from '../../src/measure/attacks/distinguisher.ts';
import { SeededRandom } from '../../src/measure/attacks/seeded-random.ts';
import type { Parameter } from '../../src/plan/parameter.ts';
import { parseManifest } from '../../src/table/manifest.ts';
import { recordLink, type Recording } from '../support/recording-link.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

/** What crosses the link while a condition on a column of many values is answered by codes: the same bytes for all. */
const CODES = { index: 'oblivious', by: 'codes' } as const;
const columns = {
  product: { type: 'text', nullable: true, search: CODES },
  days: { type: 'integer' },
  fee: { type: 'integer', nullable: true },
} as const;
const schema = { version: 1, table: 't', columns };
const listed = { ...schema, table: 'l', columns: { ...columns, product: { type: 'text' } } };

/** One value of a third of all rows, one of 40, a thousand of one or two, and NULL. */
const product = (i: number): string | null =>
  i % 3 === 0 ? 'common' : i < 60 ? 'some' : i % 11 === 0 ? null : `p${i % 1000}`;
const rows = Array.from({ length: 2_400 }, (_, i) => ({
  product: product(i),
  days: i % 6,
  fee: i % 7 === 0 ? null : i,
}));

let temp: TempVault;
let recording: Recording;
let vault: Vault;
beforeAll(async () => {
  temp = await tempVault('memory', (link) => (recording = recordLink(link)).link);
  ({ vault } = temp);
  await vault.ingest(schema, rows);
  await vault.ingest(schema, rows.slice(0, 3), { append: true });
  await vault.ingest(
    listed,
    rows.map((row) => ({ ...row, product: row.product ?? 'none' })),
  );
});
afterAll(() => temp[Symbol.asyncDispose]());

type Crossed = { readonly seen: Recording['seen']; readonly answer: unknown };

async function crossing(sql: string, parameters: readonly Parameter[] = []): Promise<Crossed> {
  // Metadata and the rows of small appends are fetched once; what follows is the query's own.
  await vault.query(sql, parameters);
  recording.seen.length = 0;
  const { rows: answer } = await vault.query(sql, parameters);
  return { seen: [...recording.seen], answer };
}

const told = ({ seen }: Crossed): string[] =>
  seen.map(({ name, bytes }) => `${name}: ${toHex(bytes)}`);
const shape = ({ seen }: Crossed): string[] =>
  seen.map(({ name, bytes }) => `${name}: ${bytes.length}`);

const SUMS = 'SELECT COUNT(*), COUNT(product), SUM(fee), AVG(days) FROM t WHERE';
const CONDITIONS: readonly (readonly [string, readonly Parameter[]])[] = [
  ['product = $1', ['common']],
  ['product = $1', ['p61']],
  ['product = $1', ['nothing that there is']],
  ['product <> $1', ['common']],
  ['product IN ($1, $2)', ['some', 'p61']],
  ['product NOT IN ($1, $2, $3)', ['common', 'some', 'x']],
  ['product IS NULL', []],
  ['product IS NOT NULL', []],
  ['product BETWEEN $1 AND $2', ['p1', 'p2']],
  ["product = 'common' AND product = 'some'", []],
  ["(product = 'common' OR product IS NULL)", []],
  ["NOT (product = 'common' OR product > 'p5')", []],
];

describe('a condition by codes', () => {
  test('sends and brings the same bytes in the same order, whatever is asked', async () => {
    const all: Crossed[] = [];
    for (const [where, parameters] of CONDITIONS) {
      all.push(await crossing(`${SUMS} ${where}`, parameters));
    }
    const [first] = all;
    expect(first!.seen.length).toBeGreaterThan(4);
    expect(first!.seen.some(({ name }) => name.startsWith('aggregate'))).toBe(false);
    for (const one of all) expect(told(one)).toEqual(told(first!));
    expect(new Set(all.map(({ answer }) => JSON.stringify(answer))).size).toBeGreaterThan(8);
    // The test can tell: by lists, two values are more to ask for than one.
    const one = await crossing('SELECT COUNT(*) FROM l WHERE product = $1', ['common']);
    const two = await crossing('SELECT COUNT(*) FROM l WHERE product IN ($1, $2)', ['common', 'x']);
    expect(shape(two)).not.toEqual(shape(one));
  });

  test('beside others shows theirs alone', async () => {
    for (const rest of [' AND days = 2', ' AND fee > 100 AND days <> 3']) {
      const all: Crossed[] = [];
      for (const [where, parameters] of CONDITIONS) {
        all.push(await crossing(`${SUMS} ${where}${rest}`, parameters));
      }
      for (const one of all) expect(shape(one)).toEqual(shape(all[0]!));
      expect(new Set(all.map(({ answer }) => JSON.stringify(answer))).size).toBeGreaterThan(6);
    }
  });

  test('is sent alike however it is joined to a condition on another column, grouped, ordered and cut', async () => {
    for (const sql of [
      'SELECT SUM(fee) FROM t WHERE ? OR days = 2',
      'SELECT product, SUM(fee) FROM t WHERE ? GROUP BY product ORDER BY SUM(fee) LIMIT 1',
      'SELECT days, COUNT(*) FROM t WHERE ? GROUP BY days HAVING COUNT(*) > 50',
      'SELECT days, product, COUNT(fee) FROM t WHERE ? GROUP BY product, days',
    ]) {
      const one = await crossing(sql.replace('?', 'product = $1'), ['common']);
      const other = await crossing(sql.replace('?', 'product <> $1'), ['common']);
      expect(other.answer).not.toEqual(one.answer);
      expect(told(other)).toEqual(told(one));
    }
  });

  test('of one value is not told from another’s, by the distinguisher that tells them by lists', async () => {
    const transcripts = async (table: string, value: string): Promise<Transcript[]> => {
      const out: Transcript[] = [];
      for (let run = 0; run < 8; run++) {
        const sql = `SELECT COUNT(*), SUM(fee) FROM ${table} WHERE product = $1`;
        const { seen } = await crossing(sql, [value]);
        const bytes = (end: string): number =>
          seen
            .filter(({ name }) => name.includes(end))
            .reduce((sum, { bytes: own }) => sum + own.length, 0);
        const touched = seen.map(({ bytes: own }) => toHex(own.subarray(-64)));
        out.push([{ up: bytes('request'), down: bytes('reply'), touched }]);
      }
      return out;
    };
    const of = async (table: string): Promise<number> => {
      const one = await transcripts(table, 'common');
      return distinguish(one, await transcripts(table, 'p61'), new SeededRandom(3)).auc;
    };
    expect(await of('t')).toBe(0.5);
    expect(await of('l')).toBeGreaterThan(0.9);
  });

  test('is shown by EXPLAIN, with what the store sees and what it sends', async () => {
    const { plan, leakage, cost, notes, groupings } = await vault.explain(
      `${SUMS} product = $1 AND days = 2`,
      ['common'],
    );
    expect(plan).toContain(
      '  choose  here, what holds of product: every row is sent, whatever is asked',
    );
    expect(plan).toContain('  sum     fee: its columns are sent, opened and added up here');
    expect(groupings).toEqual([]);
    expect(cost.tokens).toBe(1);
    // Two bytes a row of codes, and the columns of fee and days as they were uploaded.
    expect(cost.replyBytes).toBeGreaterThan(2 * rows.length + 2 * 4096 * 10);
    expect(notes.join('\n')).toContain('what the store sends grows with the rows of the table');
    expect(leakage.map(({ node, index }) => [node, index])).toEqual([
      ['filter on product', 'oblivious'],
      ['equality on days', 'sse'],
      ['sum', 'bfv'],
      ['delta', 'records'],
    ]);
    expect(leakage[0]!.onQuery.join('\n')).toContain('whatever is compared');
    expect(leakage[2]!.onQuery).toEqual(['which ciphertext columns are sent, all rows of them']);
    const grouped = await vault.explain('SELECT product, COUNT(*) FROM t GROUP BY product');
    expect(grouped.groupings.map(({ way, needs }) => [way, needs === null])).toEqual([
      ['masks', false],
      ['private', false],
      ['clustered', false],
      ['vault', true],
    ]);
    expect(grouped.leakage[0]).toMatchObject({ node: 'groupBy on product', index: 'oblivious' });
  });

  test.each([
    ["SELECT product, fee FROM t WHERE product = 'p1'", 'sums, counts and averages'],
    ['SELECT fee FROM t WHERE product IS NULL', 'sums, counts and averages'],
    ["SELECT MEDIAN(fee) FROM t WHERE product = 'p1'", 'sums, counts and averages'],
    ['SELECT MAX(product) FROM t', '"sse"'],
    ['SELECT COUNT(DISTINCT product) FROM t', '"sse"'],
  ])('%s is refused before anything is sent, naming what answers', async (sql, needs) => {
    recording.seen.length = 0;
    await expect(vault.query(sql)).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
      details: { column: '"product"', needs: expect.stringContaining(needs) as string },
    });
    expect(recording.seen.filter(({ name }) => /^(aggregate|search)/.test(name))).toEqual([]);
  });

  test('cannot be deleted by, which would show the rows', async () => {
    await expect(vault.delete("DELETE FROM t WHERE product = 'p1'")).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
    });
  });
});

test('a segment has no ciphertext column and no list for it', async () => {
  const { link } = recording;
  const entries = await Promise.all(
    (await link.tables()).map(async (id) => parseManifest((await link.head(id))!).segments[0]!),
  );
  expect(entries).toHaveLength(2);
  expect(entries[0]!.columns.length).toBe(entries[1]!.columns.length);
  // A list of each of a thousand values, against none.
  const sizes = entries.map(({ index }) => index.bytes).sort((a, b) => a - b);
  expect(sizes[1]!).toBeGreaterThan(sizes[0]! + 10_000);
});
