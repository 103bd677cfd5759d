import { describe, expect, it } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { parseSchema } from '../../src/table/schema-json.ts';
import { parseValue } from '../../src/table/value-text.ts';
import type { Value } from '../../src/table/value.ts';
import { plainAnswer } from '../support/plain-twin.ts';
import { tempVault } from '../support/vaults.ts';

interface Case {
  readonly schema: Record<string, unknown>;
  readonly queries: readonly string[];
}

const COLUMNS = {
  id: { type: 'integer' },
  ward: { type: 'text' },
  days: { type: 'integer', nullable: true },
  fee: { type: 'decimal', scale: 2 },
  weight: { type: 'real', nullable: true },
};

const ROWS = 4700;
const record = (i: number): Record<string, string | null> => ({
  id: `${i}`,
  ward: `w${(i * 7919) % 5}`,
  days: i % 9 === 0 ? null : `${((i * 31) % 60) - 20}`,
  fee: `${(i * 37) % 900}.${10 + (i % 90)}`,
  weight: i % 11 === 0 ? null : `${(i % 97) + 0.125}`,
});

const LINEAR = [
  "SELECT SUM(days), COUNT(days), AVG(fee), SUM(weight) FROM t WHERE ward <> 'w2'",
  'SELECT ward, COUNT(*), SUM(days), VAR_POP(fee) FROM t GROUP BY ward ORDER BY ward',
  'SELECT SUM(days), SUM(fee) FROM t',
  'SELECT COUNT(*) FROM t WHERE days IS NULL',
  "SELECT SUM(fee) FROM t WHERE ward = 'nobody'",
  "SELECT SUM(fee) FROM t WHERE days BETWEEN -3 AND 12 AND ward IN ('w1', 'w4')",
];

const CASES: Readonly<Record<string, Case>> = {
  'rows at random': {
    schema: { columns: COLUMNS },
    queries: [
      ...LINEAR,
      'SELECT ward, MIN(days), MEDIAN(fee), MAX(fee) FROM t WHERE id < 3000 GROUP BY ward ORDER BY ward',
      'SELECT CORR(days, fee), REGR_SLOPE(fee, days) FROM t WHERE days > 0',
      "SELECT id, fee FROM t WHERE ward = 'w3' AND id < 40 ORDER BY id",
    ],
  },
  'rows laid out together': {
    schema: { columns: COLUMNS, layout: { clustered: 'ward' } },
    queries: LINEAR,
  },
  'private groups': {
    schema: { columns: COLUMNS, groupBy: { ward: { oblivious: [['fee', 'fee']] } } },
    queries: [
      ...LINEAR.slice(0, 4),
      "SELECT SUM(days), COUNT(*) FROM t WHERE ward = 'w1' AND id < 2000",
    ],
  },
  'columns that the store multiplies': {
    schema: { columns: COLUMNS, undeclared: 'product' },
    queries: [
      "SELECT SUM(days * fee), SUM(fee) FROM t WHERE ward = 'w1'",
      'SELECT ward, CORR(days, fee) FROM t WHERE id < 1000 GROUP BY ward ORDER BY ward',
    ],
  },
  'groups that the vault makes': {
    schema: { columns: COLUMNS },
    queries: ['SELECT id, SUM(fee) FROM t WHERE days = 7 GROUP BY id ORDER BY id LIMIT 20'],
  },
};

const FURTHER = ['tag', 'ore', 'mitra', 'sse-padded', 'smooth', 'pir'] as const;

async function check(
  vault: Vault,
  { schema, queries }: Case,
  rows: readonly number[],
): Promise<void> {
  const parsed = parseSchema({ version: 1, table: 't', ...schema });
  const plain = rows.map((i) =>
    parsed.columns.map((column): Value => {
      const cell = record(i)[column.name];
      return cell === null || cell === undefined ? null : (parseValue(cell, column) ?? null);
    }),
  );
  for (const sql of queries) {
    const verified = await vault.query(sql, [], { verified: true });
    expect(verified.stats.verified, sql).toBe(true);
    const open = await vault.query(sql);
    expect(verified.rows, sql).toEqual(open.rows);
    if (/ FROM t.*ORDER BY id$/.test(sql) && !sql.includes('GROUP')) continue;
    expect(verified.rows, sql).toEqual((await plainAnswer(parsed, plain, sql)).rows);
  }
  expect(await vault.frozenSince()).toBeUndefined();
}

describe('verified answers are those of the plain twin', () => {
  it.each(Object.entries(CASES))(
    'over %s, through deletions, erasure, compaction and rotation',
    async (_, one) => {
      await using temp = await tempVault('memory');
      const { vault } = temp;
      await vault.verify();
      let rows = Array.from({ length: ROWS }, (_row, i) => i);
      await vault.ingest({ version: 1, table: 't', ...one.schema }, rows.map(record));
      await check(vault, one, rows);
      // Small appends and deletions.
      await vault.ingest({ version: 1, table: 't', ...one.schema }, [ROWS, ROWS + 1].map(record), {
        append: true,
      });
      rows = [...rows, ROWS, ROWS + 1].filter((i) => i % 10 !== 3);
      await vault.delete(`DELETE FROM t WHERE ${tenth(3)}`);
      await check(vault, one, rows);
      await vault.delete(`DELETE FROM t WHERE ${tenth(4)}`, [], { erase: true });
      rows = rows.filter((i) => i % 10 !== 4);
      await check(vault, one, rows);
      await vault.rotate('t');
      await check(vault, one, rows);
      await vault.compact('t');
      await check(vault, one, rows);
      await vault.rotate('t', { columns: true });
      await check(vault, one, rows);
    },
    300_000,
  );

  it.each(FURTHER)(
    'where %s finds the rows',
    async (index) => {
      await using temp = await tempVault('memory');
      const { vault } = temp;
      await vault.verify();
      const search = index === 'tag' ? { index, bits: 8 } : index;
      const column = index === 'ore' ? 'id' : 'code';
      const columns = {
        id: { type: 'integer', ...(index === 'ore' ? { search: ['ore', 'sse'] } : {}) },
        code: { type: 'text', ...(index === 'ore' ? {} : { search: [search] }) },
        fee: { type: 'integer' },
      };
      const rows = Array.from({ length: 4200 }, (_row, i) => {
        return { id: i, code: `c${i % 1400}`, fee: i * 3 + 1 };
      });
      await vault.ingest({ version: 1, table: 't', columns }, rows);
      const where = column === 'id' ? 'id BETWEEN 17 AND 219' : "code = 'c77'";
      const sql = `SELECT SUM(fee), COUNT(*) FROM t WHERE ${where}`;
      const verified = await vault.query(sql, [], { verified: true });
      expect(verified.rows).toEqual((await vault.query(sql)).rows);
      const kept = rows.filter(({ id, code }) =>
        column === 'id' ? id >= 17 && id <= 219 : code === 'c77',
      );
      const sum = kept.reduce((total, { fee }) => total + fee, 0);
      expect(verified.rows).toEqual([[`${sum}`, `${kept.length}`]]);
    },
    120_000,
  );

  it('of scores of single rows', async () => {
    await using temp = await tempVault('memory');
    const { vault } = temp;
    await vault.verify();
    const columns = {
      id: { type: 'integer' },
      x: { type: 'real', score: true },
      ward: { type: 'text' },
    };
    const rows = Array.from({ length: 4200 }, (_row, i) => {
      return { id: i, x: (i % 31) / 8, ward: `w${i % 3}` };
    });
    await vault.ingest({ version: 1, table: 't', key: 'id', columns }, rows);
    const request = {
      table: 't',
      weights: { x: 2 },
      intercept: 1,
      where: "ward = 'w1' AND id < 50",
    };
    const verified = await vault.scoreRows({ ...request, verified: true });
    expect(verified.rows).toEqual((await vault.scoreRows(request)).rows);
    expect(verified.stats.verified).toBe(true);
  }, 120_000);

  it('are refused of a table without check columns, which says how it gets them', async () => {
    await using temp = await tempVault('memory');
    const { vault } = temp;
    const rows = Array.from({ length: 5000 }, (_row, i) => ({ a: i }));
    await vault.ingest({ version: 1, table: 't', columns: { a: { type: 'integer' } } }, rows);
    const sql = 'SELECT SUM(a) FROM t';
    await expect(vault.query(sql, [], { verified: true })).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
    });
    expect((await vault.explain(sql)).notes.join()).not.toContain('verified');
    await vault.verify();
    expect((await vault.query(sql, [], { verified: true })).rows).toEqual([['12497500']]);
    expect((await vault.explain(sql)).notes.join()).toContain('is verified');
    // Nothing is left to do.
    expect(await vault.verify()).toEqual([]);
  }, 120_000);
});

/** Of ids below 5,000 the tenth that ends in a digit. */
function tenth(digit: number): string {
  const ids = Array.from({ length: 500 }, (_, i) => 10 * i + digit);
  return `id IN (${ids.join(', ')})`;
}
