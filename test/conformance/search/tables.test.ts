/** Tables whose columns are searched by each rung, through the public API, against an obvious oracle. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Parameter } from '../../../src/plan/parameter.ts';
import { answers } from '../../../src/table/search-answers.ts';
import { RUNGS } from '../../support/rungs.ts';
import { eachStore, EVERYTHING, type StoreKind, STORES } from '../../support/stores.ts';
import { tempVault, type TempVault } from '../../support/vaults.ts';

interface Row {
  readonly id: number;
  readonly code: number | null;
  readonly name: string;
  readonly amount: number;
}

const ROWS = 300;
const make = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, i) => {
    const id = from + i;
    return {
      id,
      code: id % 23 === 0 ? null : (id * 37) % 120,
      name: `name ${(id * 11) % 90}`,
      amount: (id * 7919) % 1000,
    };
  });

type Condition = readonly [string, readonly Parameter[], (row: Row) => boolean];

const equality: readonly Condition[] = [
  ['code = $1', [40], ({ code }) => code === 40],
  ['code = $1', [777], () => false],
  ['code IN (3, 40, 777)', [], ({ code }) => code === 3 || code === 40],
  ['code <> 40', [], ({ code }) => code !== null && code !== 40],
  ['name = $1', ['name 33'], ({ name }) => name === 'name 33'],
  ["code = 40 OR name = 'name 33'", [], ({ code, name }) => code === 40 || name === 'name 33'],
  [
    "NOT (code = 40 OR name = 'name 33')",
    [],
    ({ code, name }) => code !== null && code !== 40 && name !== 'name 33',
  ],
  ['code IS NULL', [], ({ code }) => code === null],
  ['code IS NOT NULL AND id < 100', [], ({ code, id }) => code !== null && id < 100],
];
const order: readonly Condition[] = [
  ['code < 30', [], ({ code }) => code !== null && code < 30],
  ['code BETWEEN $1 AND $2', [30, 60], ({ code }) => code !== null && code >= 30 && code <= 60],
  ['code = 40', [], ({ code }) => code === 40],
  ['NOT code >= 100', [], ({ code }) => code !== null && code < 100],
  ['code > 500', [], () => false],
];

/** `npm run test:slow` asks every store. */
const ASKED: readonly StoreKind[] = EVERYTHING ? STORES : ['memory', 'http'];

const named = RUNGS.filter((index) => answers(index, 'equals'));

describe.each(named)('$index $pad$scheme', (index) => {
  const conditions = answers(index, 'range') ? order : equality;
  const ofText = !answers(index, 'range');
  const schema = {
    version: 1,
    table: 't',
    columns: {
      id: { type: 'integer' },
      code: { type: 'integer', nullable: true, search: index },
      name: { type: 'text', search: ofText ? index : 'sse' },
      amount: { type: 'integer' },
    },
  };

  eachStore(
    'answers as the rows do',
    ({ kind, pick }) => {
      let temp: TempVault;
      let rows: Row[];
      beforeAll(async () => {
        temp = await tempVault(kind);
        rows = make(0, ROWS);
        await temp.vault.ingest(schema, rows);
        // Far more than stays a small append.
        rows = [...rows, ...make(ROWS, ROWS + 4200)];
        await temp.vault.ingest(schema, make(ROWS, ROWS + 4200), { append: true });
      }, 240_000);
      afterAll(() => temp[Symbol.asyncDispose]());

      const check = async ([where, parameters, test]: Condition): Promise<void> => {
        const expected = rows.filter(test);
        const sum = expected.reduce((all, { amount }) => all + amount, 0);
        const { rows: sums, leakage } = await temp.vault.query(
          `SELECT COUNT(*), SUM(amount) FROM t WHERE ${where}`,
          parameters,
        );
        expect(sums).toEqual([
          [String(expected.length), expected.length === 0 ? null : String(sum)],
        ]);
        if (!where.includes('NULL')) {
          expect(leakage.map((one) => one.index)).toContain(index.index);
        }
        const { rows: found } = await temp.vault.query(
          `SELECT id FROM t WHERE ${where} ORDER BY id LIMIT 20`,
          parameters,
        );
        expect(found).toEqual(expected.slice(0, 20).map(({ id }) => [String(id)]));
      };

      /** A count alone is made in the vault where the index hides its answers. */
      const checkCount = async ([where, parameters, test]: Condition): Promise<void> => {
        const sql = `SELECT COUNT(*) FROM t WHERE ${where}`;
        const { rows: counts } = await temp.vault.query(sql, parameters);
        expect(counts).toEqual([[String(rows.filter(test).length)]]);
      };

      it.each(pick(conditions).map((one) => [one[0], one] as const))('%s', async (_, condition) => {
        await check(condition);
      });

      it('after deletions, an erasure and a compaction', async () => {
        await temp.vault.delete('DELETE FROM t WHERE id BETWEEN 10 AND 60');
        rows = rows.filter(({ id }) => id < 10 || id > 60);
        for (const condition of conditions.slice(0, 3)) await check(condition);
        for (const condition of conditions.slice(0, 3)) await checkCount(condition);
        await temp.vault.delete('DELETE FROM t WHERE id IN (200, 201, 3000)', [], { erase: true });
        rows = rows.filter(({ id }) => ![200, 201, 3000].includes(id));
        for (const condition of conditions.slice(0, 3)) await check(condition);
        await temp.vault.compact();
        for (const condition of conditions.slice(0, 3)) await check(condition);
      }, 240_000);
    },
    ASKED,
  );

  it('EXPLAIN asks nothing of an index that hides its answers, and names it', async () => {
    await using temp = await tempVault('memory');
    await temp.vault.ingest(schema, make(0, ROWS));
    const [where, parameters] = conditions[0]!;
    const explained = await temp.vault.explain(`SELECT COUNT(*) FROM t WHERE ${where}`, parameters);
    expect(explained.leakage.map((one) => one.index)).toContain(index.index);
  });

  it('what it does not answer is refused, naming what would', async () => {
    await using temp = await tempVault('memory');
    await temp.vault.ingest(schema, make(0, ROWS));
    const refused = answers(index, 'range')
      ? ['SELECT code, COUNT(*) FROM t GROUP BY code']
      : [
          'SELECT COUNT(*) FROM t WHERE code < 30',
          'SELECT COUNT(*) FROM t WHERE code BETWEEN 3 AND 40',
          'SELECT MAX(code) FROM t',
          'SELECT name, COUNT(*) FROM t GROUP BY name',
        ];
    for (const sql of refused) {
      await expect(temp.vault.query(sql)).rejects.toMatchObject({
        code: 'CAPABILITY_MISSING',
        details: { needs: expect.stringContaining('"sse"') as string },
      });
    }
  });
});

describe('a column that is not searched', () => {
  const schema = {
    version: 1,
    table: 't',
    columns: { id: { type: 'integer' }, name: { type: 'text', search: [] } },
  };

  it('comes back with its rows, and refuses conditions and groups by name', async () => {
    await using temp = await tempVault('memory');
    await temp.vault.ingest(schema, [
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ]);
    const { rows } = await temp.vault.query('SELECT name FROM t WHERE id = 2');
    expect(rows).toEqual([['two']]);
    for (const sql of [
      "SELECT id FROM t WHERE name = 'one'",
      'SELECT name, COUNT(*) FROM t GROUP BY name',
      'SELECT COUNT(DISTINCT name) FROM t',
      "DELETE FROM t WHERE name = 'one'",
    ]) {
      const asked = sql.startsWith('DELETE') ? temp.vault.delete(sql) : temp.vault.query(sql);
      await expect(asked).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
    }
  });
});
