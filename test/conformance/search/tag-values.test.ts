/** Columns searched by tags through the public API: answers are exact, and columns that tags would show are refused. */
import { describe, expect, it } from 'vitest';
import { recoveredByTags } from '../../../src/search/tag/leakage.ts';
import type { StoreLink } from '../../../src/store/link.ts';
import { generator } from '../../unit/search/sse/support.ts';
import { tempVault } from '../../support/vaults.ts';

const next = generator(31);
const ROWS = 1200;
const surname = (n: number): string =>
  `${'Mc'.repeat(n % 3)}Name ${n}${n % 7 === 0 ? ' of the long names' : ''}`;
const rows = Array.from({ length: ROWS }, (_, id) => ({
  id,
  name: surname(next() % 300),
  code: next() % 12 === 0 ? null : BigInt(next() % 500) ** 5n,
}));
const schema = {
  version: 1,
  table: 't',
  columns: {
    id: { type: 'integer' },
    name: { type: 'text', search: 'tag' },
    code: { type: 'integer', nullable: true, search: { index: 'tag', bits: 6 } },
  },
};

type Keep = (row: (typeof rows)[number]) => boolean;

/** Answers every search of an index by what `alter` makes of the reply. */
function altered(alter: (reply: Uint8Array) => Uint8Array | undefined) {
  return (link: StoreLink): StoreLink =>
    new Proxy(link, {
      get: (target, property, receiver) => {
        if (property !== 'search') {
          const member: unknown = Reflect.get(target, property, receiver);
          return typeof member === 'function' ? member.bind(target) : member;
        }
        const search: StoreLink['search'] = async (...request) =>
          (await target.search(...request)).map((reply) => reply && alter(reply));
        return search;
      },
    });
}

describe('a table with tag columns', () => {
  it('answers =, IN and their negations exactly', async () => {
    await using own = await tempVault('memory');
    await own.vault.ingest(schema, rows);
    const some = Array.from({ length: 12 }, () => surname(next() % 320));
    const cases: [string, readonly (string | bigint)[], Keep][] = [
      ...some.map((name): [string, readonly string[], Keep] => [
        'name = $1',
        [name],
        (row) => row.name === name,
      ]),
      ['name IN ($1, $2, $3)', some.slice(0, 3), ({ name }) => some.slice(0, 3).includes(name)],
      ['name NOT IN ($1, $2)', some.slice(0, 2), ({ name }) => !some.slice(0, 2).includes(name)],
      ['code = $1', [7n ** 5n], ({ code }) => code === 7n ** 5n],
      ['code <> $1', [7n ** 5n], ({ code }) => code !== null && code !== 7n ** 5n],
      ['code IS NULL', [], ({ code }) => code === null],
      [
        'NOT (code = $1 OR name = $2)',
        [9n ** 5n, some[0]!],
        ({ code, name }) => code !== null && code !== 9n ** 5n && name !== some[0],
      ],
      ['code = $1 AND id < 600', [11n ** 5n], ({ code, id }) => code === 11n ** 5n && id < 600],
    ];
    for (const [where, parameters, keep] of cases) {
      const found = await own.vault.query(
        `SELECT COUNT(*), SUM(id) FROM t WHERE ${where}`,
        parameters.map(String),
      );
      const kept = rows.filter(keep);
      const sum = kept.reduce((all, { id }) => all + id, 0);
      expect(found.rows, where).toEqual([
        [String(kept.length), kept.length === 0 ? null : String(sum)],
      ]);
    }
  });

  it('explains the index, what the store learns, what an attacker recovers, and the round trip', async () => {
    await using own = await tempVault('memory');
    await own.vault.ingest(schema, rows);
    const explained = await own.vault.explain('SELECT COUNT(*) FROM t WHERE name IN ($1, $2)', [
      'a',
      'b',
    ]);
    const leak = explained.leakage.find(({ index }) => index === 'tag')!;
    expect(leak.node).toBe('equality on name');
    expect(leak.atRest.join()).toContain('6 bits for each of 1200 rows');
    expect(leak.onQuery.join()).toContain('2 keywords');
    const counts = new Map<string, number>();
    for (const { name } of rows) counts.set(name, (counts.get(name) ?? 0) + 1);
    expect(leak.expectedRecovery!.fraction).toBeCloseTo(
      recoveredByTags([...counts.values()], 6),
      12,
    );
    expect(explained.cost.rounds).toBe(1);
  });

  it('refuses ranges and groups before anything is asked, naming indexes that answer', async () => {
    await using own = await tempVault('memory');
    await own.vault.ingest(schema, rows);
    const needs = (text: string): object => ({
      code: 'CAPABILITY_MISSING',
      details: { needs: expect.stringContaining(text) as string },
    });
    await expect(own.vault.query('SELECT id FROM t WHERE code < 40')).rejects.toMatchObject(
      needs('"ore"'),
    );
    await expect(own.vault.query("SELECT id FROM t WHERE name > 'M'")).rejects.toMatchObject(
      needs('"sse"'),
    );
    await expect(
      own.vault.query('SELECT name, COUNT(*) FROM t GROUP BY name'),
    ).rejects.toMatchObject(needs('"sse"'));
  });

  it('takes whatever is appended, and answers as exactly', async () => {
    await using own = await tempVault('memory');
    const { vault } = own;
    await vault.ingest(schema, rows);
    const same = Array.from({ length: 4200 }, (_, i) => ({
      id: ROWS + i,
      name: 'Name 1',
      code: i % 2 === 0 ? null : 1n,
    }));
    await vault.ingest(schema, same, { append: true });
    await vault.compact();
    const all = [...rows, ...same];
    for (const [where, keep] of [
      ["name = 'Name 1'", ({ name }) => name === 'Name 1'],
      ['code = 1', ({ code }) => code === 1n],
      ['code <> 1', ({ code }) => code !== null && code !== 1n],
    ] as const satisfies readonly (readonly [string, Keep])[]) {
      const { rows: found } = await vault.query(`SELECT COUNT(*) FROM t WHERE ${where}`);
      expect(found, where).toEqual([[String(all.filter(keep).length)]]);
    }
  });
});

describe('a column that tags would show', () => {
  const refusal = async (column: object, cells: readonly (string | number)[]): Promise<object> => {
    await using own = await tempVault('memory');
    const columns = { c: column };
    return await own.vault
      .ingest(
        { version: 1, table: 't', columns },
        cells.map((c) => ({ c })),
      )
      .then(
        () => ({ code: 'none' }),
        (error: unknown) => error as object,
      );
  };
  const text = { type: 'text', search: 'tag' };
  const cells = (distinct: number): string[] =>
    Array.from({ length: 1000 }, (_, i) => `v${i % distinct}`);

  it('is refused for few values, a frequent one, or bits that do not fit', async () => {
    const needs = (part: string): object => ({
      code: 'CAPABILITY_MISSING',
      details: { column: '"c"', needs: expect.stringContaining(part) as string },
    });
    expect(await refusal(text, cells(63))).toMatchObject(needs('64 distinct values'));
    expect(await refusal(text, cells(63))).toMatchObject(needs('"sse"'));
    expect(await refusal(text, cells(64))).toEqual({ code: 'none' });
    const frequent = cells(200).map((cell, i) => (i < 130 ? 'most' : cell));
    expect(await refusal(text, frequent)).toMatchObject(needs('an eighth'));
    const bits = (n: number): object => ({ type: 'text', search: { index: 'tag', bits: n } });
    expect(await refusal(bits(10), cells(500))).toMatchObject(needs('5 to 8 bits'));
    expect(await refusal(bits(7), cells(500))).toEqual({ code: 'none' });
    expect(await refusal(bits(7), cells(200))).toMatchObject(needs('256 distinct'));
  });

  it('is refused where it is boolean, whatever it holds', async () => {
    expect(await refusal({ type: 'boolean', search: 'tag' }, [])).toMatchObject({
      code: 'SCHEMA_INVALID',
    });
  });
});

describe('a store that lies about candidates', () => {
  const ask = async (alter: (reply: Uint8Array) => Uint8Array | undefined): Promise<unknown> => {
    await using own = await tempVault('memory', altered(alter));
    await own.vault.ingest(schema, rows);
    return await own.vault.query('SELECT COUNT(*) FROM t WHERE name = $1', [rows[0]!.name]).then(
      ({ rows: [row] }) => row![0],
      (error: unknown) => error,
    );
  };
  const corrupt = expect.objectContaining({ code: 'PART_CORRUPT' }) as unknown;

  it.each<[string, (reply: Uint8Array) => Uint8Array | undefined]>([
    ['that there are none', () => new Uint8Array(4)],
    ['nothing', () => undefined],
    ['fewer bytes', (reply) => reply.subarray(0, reply.length - 1)],
    [
      'another row',
      (reply) => {
        const wrong = reply.slice();
        wrong[4]! ^= 1;
        return wrong;
      },
    ],
    [
      'another value',
      (reply) => {
        const wrong = reply.slice();
        wrong[wrong.length - 20]! ^= 1;
        return wrong;
      },
    ],
  ])('saying %s is found out', async (_, alter) => {
    expect(await ask(alter)).toEqual(corrupt);
  });

  it('and is believed when it does not', async () => {
    const { name } = rows[0]!;
    const expected = rows.filter((row) => row.name === name).length;
    expect(await ask((reply) => reply)).toBe(String(expected));
  });
});
