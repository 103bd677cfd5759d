/** What the store sees of conditions on columns whose indexes hide their answers, over the whole way of a query. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeFragment } from '../../src/plan/fragment-codec.ts';
import type { SegmentFragment } from '../../src/plan/fragment.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const ROWS = 6_000;
const rows = Array.from({ length: ROWS }, (_, i) => ({
  code: (i * 37) % 150,
  name: `name ${(i * i) % 97}`,
  ward: i % 53 === 0 ? null : `ward ${i % 19}`,
  amount: i,
}));

/** What the store sees of one query. */
interface Seen {
  readonly segments: SegmentFragment[];
  readonly searches: { up: number[]; down: (number | undefined)[] }[];
}

type Reply = Awaited<ReturnType<StoreLink['search']>>;

interface Asked {
  readonly count: number;
  readonly seen: Seen;
}

let seen: Seen = { segments: [], searches: [] };
let lie: ((reply: Reply) => Reply) | undefined;

function watched(link: StoreLink): StoreLink {
  return new Proxy(link, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (property === 'aggregate') {
          seen.segments.push(...decodeFragment(args[0] as Uint8Array).segments);
        }
        const result: unknown = Reflect.apply(member, target, args);
        if (property !== 'search') return result;
        const { labels } = args[0] as Parameters<StoreLink['search']>[0];
        return (result as Promise<Reply>).then((reply) => {
          seen.searches.push({
            up: labels.map((label) => label.length),
            down: reply.map((bytes) => bytes?.length),
          });
          return lie === undefined ? reply : lie(reply);
        });
      };
    },
  });
}

function flipped(reply: Reply): Reply {
  return reply.map((bytes, i) => {
    if (bytes === undefined || i > 0) return bytes;
    const altered = bytes.slice();
    altered[altered.length - 1]! ^= 1;
    return altered;
  });
}

const indexes = [
  { index: 'sse-padded', pad: 'max' },
  { index: 'sse-padded', pad: 'power' },
  { index: 'smooth' },
  { index: 'pir', scheme: 'lwe' },
  { index: 'pir', scheme: 'bfv' },
] as const;

describe.each(indexes)('$index $pad', (index) => {
  const schema = {
    version: 1,
    table: 't',
    columns: {
      code: { type: 'integer', search: index },
      name: { type: 'text', search: index },
      ward: { type: 'text', nullable: true, search: index },
      amount: { type: 'integer' },
    },
  };
  let temp: TempVault;
  beforeAll(async () => {
    temp = await tempVault('memory', watched);
    await temp.vault.ingest(schema, rows);
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  async function ask(where: string, what = 'COUNT(*), SUM(amount)'): Promise<Asked> {
    seen = { segments: [], searches: [] };
    const { rows: found } = await temp.vault.query(`SELECT ${what} FROM t WHERE ${where}`);
    return { count: Number(found[0]![0]), seen };
  }

  it.each([
    ['code IN (1, 2, 3, 77)', (r: (typeof rows)[0]) => [1, 2, 3, 77].includes(r.code)],
    ["code = 5 AND name = 'name 36'", (r) => r.code === 5 && r.name === 'name 36'],
    ["code = 5 OR name = 'name 36'", (r) => r.code === 5 || r.name === 'name 36'],
    [
      "code IN (5, 6) AND name <> 'name 36'",
      (r) => [5, 6].includes(r.code) && r.name !== 'name 36',
    ],
    ["ward = 'ward 3' AND code = 3", (r) => r.ward === 'ward 3' && r.code === 3],
  ] satisfies [string, (row: (typeof rows)[0]) => boolean][])(
    '%s: the store is told the rows of the whole, not of its terms, and no token',
    async (where, test) => {
      const expected = rows.filter(test).length;
      const { count, seen: store } = await ask(where);
      expect(count).toBe(expected);
      expect(store.segments.length).toBe(1);
      const [{ nodes }] = store.segments as [SegmentFragment];
      const explicit = nodes.flatMap((node) => (node.kind === 'rows' ? [node.rows.length] : []));
      expect(explicit).toEqual(expected === 0 ? [] : [expected]);
      expect(nodes.filter(({ kind }) => kind === 'posting' || kind === 'lookup')).toEqual([]);
    },
  );

  it.each([
    ['code IN (1, 2, 3, 77)', (r: (typeof rows)[0]) => [1, 2, 3, 77].includes(r.code)],
    ["code = 5 AND name <> 'name 36'", (r) => r.code === 5 && r.name !== 'name 36'],
    ['code = 100000', () => false],
  ] satisfies [string, (row: (typeof rows)[0]) => boolean][])(
    '%s: what is only counted is counted by the vault, and the store is told no row',
    async (where, test) => {
      const expected = rows.filter(test).length;
      for (const what of ['COUNT(*)', 'COUNT(amount), COUNT(*)']) {
        const { count, seen: store } = await ask(where, what);
        expect(count).toBe(expected);
        expect(store.segments).toEqual([]);
      }
      // Rows in which a column is NULL are the store's to leave out.
      const counted = await ask(where, 'COUNT(ward)');
      expect(counted.count).toBe(rows.filter((r) => test(r) && r.ward !== null).length);
      expect(counted.seen.segments.length).toBe(1);
    },
  );

  it('a negated list is one set of rows, taken away', async () => {
    const { count, seen: store } = await ask('code NOT IN (1, 2, 3)');
    expect(count).toBe(rows.filter(({ code }) => ![1, 2, 3].includes(code)).length);
    const [{ nodes }] = store.segments as [SegmentFragment];
    expect(nodes.map(({ kind }) => kind)).toEqual(['rows', 'not']);
  });

  it('a list of values is one request, and goes on with what other indexes find', async () => {
    const { count, seen: store } = await ask(
      'code IN (1, 2, 3) AND amount < 3000 AND ward IS NOT NULL',
    );
    const expected = rows.filter(
      ({ code, amount, ward }) => [1, 2, 3].includes(code) && amount < 3000 && ward !== null,
    );
    expect(count).toBe(expected.length);
    // One of the range’s sealed blocks; of the list one, and with powers perhaps a second.
    expect(store.searches.length).toBeLessThanOrEqual(3);
  });

  it('lookups of one value are as long whether it is there, and how often', async () => {
    const shapes = new Set<string>();
    for (const where of ['code = 5', 'code = 149', 'code = 100000', 'code = -1']) {
      const { seen: store } = await ask(where);
      // Once in 4,096 times smoothing takes another round, whatever was asked.
      const searches = index.index === 'smooth' ? store.searches.slice(0, 1) : store.searches;
      shapes.add(JSON.stringify(searches));
    }
    expect(shapes.size).toBe(1);
  });

  it('rows are deleted by it', async () => {
    await temp.vault.delete('DELETE FROM t WHERE code IN (148, 149)');
    for (const what of ['COUNT(*)', 'COUNT(*), SUM(amount)']) {
      expect((await ask('code IN (147, 148)', what)).count).toBe(40);
      expect((await ask('code = 149', what)).count).toBe(0);
    }
  });

  it('a lying store is refused', async () => {
    lie = flipped;
    try {
      await expect(temp.vault.query('SELECT COUNT(*) FROM t WHERE code = 5')).rejects.toMatchObject(
        { code: 'PART_CORRUPT' },
      );
    } finally {
      lie = undefined;
    }
    expect((await ask('code = 5')).count).toBe(40);
  });

  it('EXPLAIN sends nothing, and tells the index, what it shows, what follows shows, and the cost', async () => {
    seen = { segments: [], searches: [] };
    const explained = await temp.vault.explain('SELECT SUM(amount) FROM t WHERE code IN (1, 2)');
    expect(seen).toEqual({ segments: [], searches: [] });
    const lookup = explained.leakage.find((one) => one.index === index.index)!;
    expect(lookup.node).toContain('code');
    expect(lookup.onQuery.join()).toContain('only when they are then summed');
    expect(lookup.expectedRecovery).toBe(null);
    const sum = explained.leakage.find(({ node }) => node === 'sum')!;
    expect(sum.onQuery.join()).toContain('over which rows');
    const count = await temp.vault.explain('SELECT COUNT(*) FROM t WHERE code IN (1, 2)');
    expect(seen).toEqual({ segments: [], searches: [] });
    expect(count.leakage.find(({ node }) => node === 'count')!.onQuery.join()).toContain('nothing');
    expect(count.cost).toMatchObject({ rounds: 1, replyBytes: 0 });
    expect(explained.notes.join()).toMatch(
      new RegExp(`code is looked up by ${index.index}, for 2 conditions: .* bytes up`),
    );
    expect(explained.cost).toMatchObject({ tokens: 0, segments: 1 });
  });

  it.each([
    ['SELECT COUNT(*) FROM t WHERE code > 5', 'sse'],
    ['SELECT MAX(code) FROM t', 'sse'],
    ['SELECT name, COUNT(*) FROM t GROUP BY name', 'sse'],
  ])('%s is refused, naming what would answer', async (sql, could) => {
    await expect(temp.vault.query(sql)).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
      details: { needs: expect.stringContaining(`"${could}"`) as string },
    });
  });
});
