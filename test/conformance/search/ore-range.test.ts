/** The SQLite range suite with every number searched by order-revealing encryption, and what EXPLAIN says of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recoveredBySorting } from '../../../src/search/ore/leakage.ts';
import { tempVault, type TempVault } from '../../support/vaults.ts';
import { vectorJson } from '../../support/vectors.ts';

interface Suite {
  tables: Record<
    string,
    { columns: { name: string; type: string }[]; rows: (string | number | null)[][] }
  >;
  cases: { id: string; table: string; sql: string; expected: number[] }[];
}

const suite = vectorJson<Suite>('sql/sqlite-range.json');

/** Text has no order-revealing index: its columns keep sse. */
const TYPES: Record<string, object> = {
  INTEGER: { type: 'integer', search: 'ore' },
  FLOAT: { type: 'decimal', scale: 2, search: 'ore' },
  TEXT: { type: 'text' },
};

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
  for (const [name, { columns, rows }] of Object.entries(suite.tables)) {
    await temp.vault.ingest(
      {
        version: 1,
        table: name.toLowerCase(),
        columns: Object.fromEntries(
          columns.map((column) => [column.name, { ...TYPES[column.type], nullable: true }]),
        ),
      },
      rows.map((row) => Object.fromEntries(columns.map((c, i) => [c.name, row[i]]))),
    );
  }
});
afterAll(() => temp[Symbol.asyncDispose]());

describe('SQLite range predicates by ore', () => {
  it('are all there', () => {
    expect(suite.cases.length).toBe(130);
  });

  it.each(suite.cases.map((test) => [test.id, test] as const))('%s', async (_, test) => {
    const sql = test.sql.replace(/\bFROM T\b/, `FROM ${test.table}`);
    const { rows, leakage } = await temp.vault.query(sql);
    const found = rows.map(([pk]) => Number(pk)).sort((a, b) => a - b);
    expect(found).toEqual([...test.expected].sort((a, b) => a - b));
    // No range of a number goes to another index.
    const others = leakage.filter(({ index, node }) => index !== 'ore' && node.startsWith('range'));
    const texts = suite.tables[test.table]!.columns.filter(({ type }) => type === 'TEXT');
    const named = texts.map(({ name }) => `range on ${name}`);
    expect(others.filter(({ node }) => !named.includes(node))).toEqual([]);
    const counted = await temp.vault.query(sql.replace('SELECT pk', 'SELECT COUNT(*), SUM(pk)'));
    const total = test.expected.reduce((sum, pk) => sum + pk, 0);
    expect(counted.rows).toEqual([
      [String(test.expected.length), test.expected.length === 0 ? null : String(total)],
    ]);
  });
});

describe('a table with an ore column', () => {
  const schema = {
    version: 1,
    table: 't',
    columns: {
      id: { type: 'integer' },
      age: { type: 'integer', nullable: true, search: 'ore' },
      weight: { type: 'real', search: 'ore' },
      big: { type: 'integer', nullable: true, search: 'ore' },
    },
  };
  const row = (
    id: number,
  ): { id: number; age: number | null; weight: number; big: bigint | null } => ({
    id,
    age: id % 17 === 0 ? null : id % 90,
    weight: ((id * 37) % 1000) / 8 - 40,
    big: id % 5 === 0 ? 2n ** 62n + BigInt(id) : null,
  });
  const rows = Array.from({ length: 400 }, (_, id) => row(id));

  it('explains the index, what the store learns, what an attacker recovers, tokens and cost', async () => {
    await using own = await tempVault('memory');
    await own.vault.ingest(schema, rows);
    const { vault } = own;
    const explained = await vault.explain(
      'SELECT COUNT(*) FROM t WHERE age >= $1 AND age < 60',
      [30],
    );
    const leak = explained.leakage.find(({ index }) => index === 'ore')!;
    expect(leak.node).toBe('range on age');
    expect(leak.atRest.join()).toContain('400 rows in 1 segment');
    expect(leak.onQuery.join()).toContain('first of 2 blocks of 4 bits');
    // NULL is code 0 and age a code a + 1.
    const counts = Array.from({ length: 91 }, (_, code) => ({
      code: BigInt(code),
      rows: rows.filter(({ age }) => (age === null ? 0 : age + 1) === code).length,
    })).filter((value) => value.rows > 0);
    const expected = recoveredBySorting(counts, [31n, 60n], 2);
    expect(leak.expectedRecovery!.fraction).toBeCloseTo(expected, 12);
    expect(expected).toBeLessThan(0.5);
    expect(explained.cost).toMatchObject({ tokens: 1, rounds: 1, segments: 1 });
  });

  it('compares reals and numbers of 64 bits exactly', async () => {
    await using own = await tempVault('memory');
    const { vault } = own;
    await vault.ingest(schema, rows);
    const cases: [string, (r: (typeof rows)[number]) => boolean][] = [
      ['weight < -39.875', ({ weight }) => weight < -39.875],
      ['weight BETWEEN -0.5 AND 12.25', ({ weight }) => weight >= -0.5 && weight <= 12.25],
      ['NOT weight <= 80', ({ weight }) => weight > 80],
      [`big > ${2n ** 62n + 100n}`, ({ big }) => big !== null && big > 2n ** 62n + 100n],
      [`big = ${2n ** 62n + 100n}`, ({ big }) => big === 2n ** 62n + 100n],
      [`big < ${10n ** 25n}`, ({ big }) => big !== null],
      ['age IN (3, 40) OR age IS NULL', ({ age }) => age === 3 || age === 40 || age === null],
      ['age <> 40', ({ age }) => age !== null && age !== 40],
    ];
    for (const [where, keep] of cases) {
      const { rows: found } = await vault.query(`SELECT COUNT(*), SUM(id) FROM t WHERE ${where}`);
      const kept = rows.filter(keep);
      const sum = kept.reduce((all, { id }) => all + id, 0);
      expect(found, where).toEqual([[String(kept.length), kept.length === 0 ? null : String(sum)]]);
    }
  });

  it('refuses numbers without a code whenever they come, and stays as it was', async () => {
    await using own = await tempVault('memory');
    const { vault } = own;
    const refused = {
      code: 'CAPABILITY_MISSING',
      details: { column: '"big"', needs: expect.stringContaining('"sse"') as string },
    };
    const beyond = { ...row(1), big: 2n ** 63n };
    await expect(vault.ingest(schema, [row(0), beyond])).rejects.toMatchObject(refused);
    await vault.ingest(schema, rows);
    await expect(vault.ingest(schema, [beyond], { append: true })).rejects.toMatchObject(refused);
    const { rows: counted } = await vault.query('SELECT COUNT(*) FROM t');
    expect(counted).toEqual([['400']]);
  });

  it('has no text, boolean or document column', async () => {
    await using own = await tempVault('memory');
    for (const type of ['text', 'boolean', 'document']) {
      const wrong = { version: 1, table: 't', columns: { c: { type, search: 'ore' } } };
      await expect(own.vault.ingest(wrong, [])).rejects.toMatchObject({ code: 'SCHEMA_INVALID' });
    }
  });

  it('refuses groups and order statistics, naming the index that has them', async () => {
    await using own = await tempVault('memory');
    await own.vault.ingest(schema, rows);
    for (const sql of [
      'SELECT age, COUNT(*) FROM t GROUP BY age',
      'SELECT MAX(age) FROM t',
      'SELECT COUNT(DISTINCT age) FROM t',
    ]) {
      await expect(own.vault.query(sql)).rejects.toMatchObject({
        code: 'CAPABILITY_MISSING',
        details: { column: '"age"', needs: expect.stringContaining('"sse"') as string },
      });
    }
  });
});
