import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { decodeFragment } from '../../src/plan/fragment-codec.ts';
import { parseIndex } from '../../src/search/sse/format.ts';
import { parseManifest } from '../../src/table/manifest.ts';
import type { Parameter } from '../../src/plan/parameter.ts';
import { recordLink, type Recording } from '../support/recording-link.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

/** What crosses the link while a condition on an oblivious column is answered says nothing of it. */
const columns = {
  ward: { type: 'text', nullable: true, search: 'oblivious' },
  days: { type: 'integer' },
  fee: { type: 'integer', nullable: true },
} as const;
const schema = { version: 1, table: 't', columns };
const listed = { ...schema, table: 'l', columns: { ...columns, ward: { type: 'text' } } };

/** Wards of very different sizes. */
const ward = (i: number): string | null => (i < 500 ? 'A' : i < 590 ? 'B' : i < 595 ? 'C' : null);
const rows = Array.from({ length: 600 }, (_, i) => ({
  ward: ward(i),
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
    rows.map((row) => ({ ...row, ward: row.ward ?? 'D' })),
  );
});
afterAll(() => temp[Symbol.asyncDispose]());

interface Crossed {
  /** Names and lengths of all that crossed, in order. */
  readonly shape: readonly string[];
  readonly fragments: readonly ReturnType<typeof decodeFragment>[];
  readonly answer: unknown;
}

async function crossing(sql: string, parameters: readonly Parameter[] = []): Promise<Crossed> {
  // Metadata and the rows of small appends are fetched once; what follows is the query's own.
  await vault.query(sql, parameters);
  recording.seen.length = 0;
  const { rows: answer } = await vault.query(sql, parameters);
  const { seen } = recording;
  return {
    shape: seen.map(({ name, bytes }) => `${name}: ${bytes.length}`),
    fragments: seen
      .filter(({ name }) => name === 'aggregate request')
      .map(({ bytes }) => decodeFragment(bytes)),
    answer,
  };
}

const SUMS = 'SELECT COUNT(*), SUM(fee), AVG(days) FROM t WHERE';
const CONDITIONS: readonly (readonly [string, readonly Parameter[]])[] = [
  ['ward = $1', ['B']],
  ['ward = $1', ['C']],
  ['ward = $1', ['nobody']],
  ['ward <> $1', ['A']],
  ['ward IN ($1, $2)', ['A', 'C']],
  ['ward NOT IN ($1, $2, $3)', ['A', 'B', 'x']],
  ['ward IS NULL', []],
  ['ward IS NOT NULL', []],
  ['ward < $1', ['C']],
  ["ward = 'A' AND ward = 'B'", []],
  ["(ward = 'A' OR ward IS NULL)", []],
  ["NOT (ward = 'A' OR ward = 'B')", []],
];

describe('a condition on an oblivious column', () => {
  test('sends and brings the same lengths in the same order, whatever is asked', async () => {
    for (const rest of ['', ' AND days = 2', ' AND fee > 100']) {
      const all: Crossed[] = [];
      for (const [where, parameters] of CONDITIONS) {
        all.push(await crossing(`${SUMS} ${where}${rest}`, parameters));
      }
      const [first] = all;
      expect(first!.shape.length).toBeGreaterThan(1);
      for (const { shape } of all) expect(shape).toEqual(first!.shape);
      expect(new Set(all.map(({ answer }) => JSON.stringify(answer))).size).toBeGreaterThan(6);
    }
    // The test can tell: by lists, two values are longer to ask for than one.
    const one = await crossing('SELECT COUNT(*) FROM l WHERE ward = $1', ['A']);
    const two = await crossing('SELECT COUNT(*) FROM l WHERE ward IN ($1, $2)', ['A', 'C']);
    expect(two.shape).not.toEqual(one.shape);
  });

  test('asks for the same sums over the same rows, and gives no token of the column', async () => {
    const sums = ({ fragments }: Crossed): unknown =>
      fragments.map(({ work, segments }) => ({
        work,
        segments: segments.map(({ nodes, ...segment }) => ({
          ...segment,
          nodes: nodes.map((node) => (node.kind === 'posting' ? 'a token' : node)),
        })),
      }));
    const crossed: Crossed[] = [];
    for (const [where, parameters] of CONDITIONS) {
      crossed.push(await crossing(`${SUMS} ${where}`, parameters));
    }
    for (const one of crossed) {
      expect(sums(one)).toEqual(sums(crossed[0]!));
      const { nodes } = one.fragments[0]!.segments[0]!;
      expect(nodes.filter(({ kind }) => kind === 'posting')).toEqual([]);
    }
    // By lists there is one.
    const { fragments } = await crossing('SELECT COUNT(*) FROM l WHERE ward = $1', ['A']);
    expect(fragments[0]!.segments[0]!.nodes.map(({ kind }) => kind)).toContain('posting');
  });

  test('and what is grouped, ordered and cut by it or by others crosses alike', async () => {
    for (const grouped of [
      'SELECT ward, SUM(fee) FROM t WHERE ? GROUP BY ward ORDER BY SUM(fee) LIMIT 1',
      'SELECT days, COUNT(*), SUM(fee) FROM t WHERE ? GROUP BY days HAVING COUNT(*) > 50',
      'SELECT ward, days, COUNT(fee) FROM t WHERE ? AND fee > 9 GROUP BY ward, days',
    ]) {
      const one = await crossing(grouped.replace('?', 'ward = $1'), ['A']);
      const other = await crossing(grouped.replace('?', 'ward <> $1'), ['A']);
      expect(other.answer).not.toEqual(one.answer);
      expect(other.shape).toEqual(one.shape);
    }
  });

  test('is shown by EXPLAIN, with what the store sees', async () => {
    const { plan, leakage, cost } = await vault.explain(`${SUMS} ward = $1 AND days = 2`, ['B']);
    expect(plan).toContain(
      '  choose  here, what holds of ward: every group of it is summed, whatever is asked',
    );
    expect(cost.tokens).toBe(1);
    const [own] = leakage;
    expect(own).toMatchObject({
      node: 'filter on ward',
      index: 'oblivious',
      expectedRecovery: null,
    });
    expect(own!.onQuery[0]).toContain('that its ciphertext columns are summed');
    expect(leakage.map(({ node }) => node)).toEqual([
      'filter on ward',
      'equality on days',
      'sum',
      'delta',
    ]);
  });

  test.each([
    ["SELECT ward, fee FROM t WHERE ward = 'A'", 'condition'],
    ['SELECT fee FROM t WHERE ward IS NULL', 'condition'],
    ["SELECT SUM(fee) FROM t WHERE ward = 'A' OR days = 2", 'OR does not join'],
    ["SELECT MEDIAN(fee) FROM t WHERE ward = 'A'", 'sums, counts and averages'],
    ["SELECT VAR_POP(fee) FROM t WHERE ward = 'A'", '{"ward":{"oblivious":[["fee","fee"]]}}'],
    ["SELECT SUM(fee * days) FROM t WHERE ward = 'A'", '[["days","fee"]]'],
    ['SELECT MAX(ward) FROM t', '"sse"'],
    ['SELECT COUNT(DISTINCT ward) FROM t', '"sse"'],
  ])('%s is refused before anything is sent, naming what to declare', async (sql, needs) => {
    recording.seen.length = 0;
    await expect(vault.query(sql)).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
      message: expect.stringContaining('ward') as string,
      details: { column: '"ward"' },
    });
    await expect(vault.query(sql)).rejects.toSatisfy((error: { details: object }) =>
      JSON.stringify(error.details).replaceAll('\\"', '"').includes(needs),
    );
    expect(recording.seen.filter(({ name }) => /^(aggregate|search)/.test(name))).toEqual([]);
  });

  test('cannot be deleted by, which would show the rows', async () => {
    await expect(vault.delete("DELETE FROM t WHERE ward = 'A'")).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
    });
  });
});

test('the index holds no list of an oblivious column, of its NULL rows neither', async () => {
  const sizes = async (search: string, hasNulls: boolean): Promise<number> => {
    let seen: Recording | undefined;
    await using other = await tempVault('memory', (link) => (seen = recordLink(link)).link);
    const one = { version: 1, table: 't', columns: { ward: { ...columns.ward, search } } };
    await other.vault.ingest(
      one,
      Array.from({ length: 4000 }, (_, i) => ({
        ward: hasNulls && i % 2 === 0 ? null : `ward ${i % 40}`,
      })),
    );
    const { link } = seen!;
    const [id] = await link.tables();
    const { index } = parseManifest((await link.head(id!))!).segments[0]!;
    const [bytes] = await link.fetch({ table: id!, part: index.id });
    const { small, large } = parseIndex(bytes!);
    return small.count + large.count;
  };
  const none = await sizes('oblivious', false);
  expect(await sizes('oblivious', true)).toBe(none);
  expect(await sizes('sse', true)).toBeGreaterThan(none);
});
