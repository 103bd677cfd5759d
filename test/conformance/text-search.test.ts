/**
 * LIKE on a column of more values than a dictionary holds, where prefixes and grams have lists of their own,
 * and on one with a dictionary; EXPLAIN of both. The answers are those of a plain loop over the rows.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/client/api.ts';
import { parseLike, matchesLike } from '../../src/plan/like.ts';
import type { Fragment, RowsReply } from '../../src/plan/fragment.ts';
import { decodeFragment, decodeRowsReply, encodeRowsReply } from '../../src/plan/fragment-codec.ts';
import type { FetchRequest, PartUpload, StoreLink } from '../../src/store/link.ts';
import { DICTIONARY_LIMIT } from '../../src/table/segment-meta.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const ROWS = DICTIONARY_LIMIT + 700;
const search = { index: 'sse', prefix: 6, ngram: 3 };
const schema = {
  version: 1,
  table: 't',
  columns: {
    id: { type: 'integer' },
    name: { type: 'text', nullable: true, search },
    town: { type: 'text', search },
    plain: { type: 'integer', search: [] },
  },
};

const SYLLABLES = ['ba', 'ko', 'mi', 'na', 'ru', 'sé', 'ta', '𠀀u'];
/** Every number another name, of five syllables and more. */
function nameOf(i: number): string {
  const digits = i.toString(8).padStart(6, '0');
  return [...digits].map((digit) => SYLLABLES[Number(digit)]).join('');
}
const rows = Array.from({ length: ROWS }, (_, i) => ({
  id: i,
  name: i % 97 === 0 ? null : nameOf((i * 40_009) % ROWS),
  town: nameOf(i % 50),
  plain: i % 7,
}));

/** The fragments that are sent, and how many sealed records are fetched. */
const recorded = {
  fragments: [] as Fragment[],
  records: 0,
  parts: new Set<string>(),
  alter: (reply: Uint8Array): Uint8Array => reply,
  clear(): void {
    this.fragments = [];
    this.records = 0;
  },
};

function recording(inner: StoreLink): StoreLink {
  return new Proxy(inner, {
    get: (target, property, receiver) => {
      const member: unknown = Reflect.get(target, property, receiver);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (property === 'aggregate') {
          recorded.fragments.push(decodeFragment(args[0] as Uint8Array));
          const reply = Reflect.apply(member, target, args) as Promise<Uint8Array>;
          return reply.then(recorded.alter);
        } else if (property === 'put') {
          const { kind, id } = args[0] as PartUpload;
          if (kind === 'records') recorded.parts.add(id);
        } else if (property === 'fetch') {
          const { part, rows: fetched } = args[0] as FetchRequest;
          if (recorded.parts.has(part)) recorded.records += fetched?.length ?? 0;
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
}

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory', recording);
  await temp.vault.ingest(schema, rows);
  const [info] = await temp.vault.tables();
  expect(info).toMatchObject({ rows: ROWS, segments: 1 });
}, 300_000);
afterAll(() => temp[Symbol.asyncDispose]());

function expected(column: 'name' | 'town', pattern: string, negated: boolean): number[] {
  const parts = parseLike(pattern, '\\')!;
  return rows.flatMap((row) => {
    const cell = row[column];
    return cell !== null && matchesLike(parts, cell) !== negated ? [row.id] : [];
  });
}

async function ids(where: string): Promise<number[]> {
  const { rows: found } = await temp.vault.query(`SELECT id FROM t WHERE ${where} ORDER BY id`);
  return found.map(([id]) => Number(id));
}

/** Kinds of nodes in the fragments that a query sent, and rows and records that went with them. */
async function sent(where: string): Promise<{ kinds: string[][]; records: number }> {
  recorded.clear();
  await temp.vault.query(`SELECT COUNT(*) FROM t WHERE ${where}`);
  const kinds = recorded.fragments.map(({ segments }) =>
    segments.flatMap(({ nodes }) => nodes.map(({ kind }) => kind)),
  );
  return { kinds, records: recorded.records };
}

const name = (i: number): string => nameOf(i);

describe.each(['name', 'town'] as const)('LIKE on %s', (column) => {
  it.each([
    `${name(9).slice(0, 4)}%`,
    `${name(0o123456).slice(0, 6)}%`,
    `${name(0o12345).slice(0, 9)}%`,
    `%${name(0o12).slice(-4)}`,
    '%komina%',
    '%kom%nar%',
    'bako_i%na_',
    '%𠀀uko%',
    'bab%',
    '%absent%',
    'absent%',
    'absentees%',
  ])('%s', async (pattern) => {
    const found = await ids(`${column} LIKE '${pattern}'`);
    expect(found).toEqual(expected(column, pattern, false));
    const { rows: counts } = await temp.vault.query(
      `SELECT COUNT(*) FROM t WHERE ${column} NOT LIKE '${pattern}'`,
    );
    expect(counts).toEqual([[String(expected(column, pattern, true).length)]]);
  });

  it('needles shorter than a gram are refused before anything is sent', async () => {
    recorded.clear();
    for (const pattern of ['ba%', '%ko%', '%a%', '_%b']) {
      await expect(ids(`${column} LIKE '${pattern}'`)).rejects.toMatchObject({
        code: 'CAPABILITY_MISSING',
      });
    }
    expect(recorded.fragments).toEqual([]);
  });
});

describe('what is sent', () => {
  it('a prefix that has a list: one token', async () => {
    for (const column of ['name', 'town']) {
      expect((await sent(`${column} LIKE 'bako%'`)).kinds).toEqual([['posting']]);
    }
  });

  it('a longer prefix: ranks, or values of the dictionary', async () => {
    const pattern = `${name(0o12345).slice(0, 9)}%`;
    const { kinds, records } = await sent(`name LIKE '${pattern}'`);
    expect([kinds.length, records]).toEqual([1, 0]);
    expect(kinds[0]).toContain('rows');
    const town = await sent(`town LIKE '${name(9).slice(0, 8)}%'`);
    expect(town.kinds.flat()).not.toContain('rows');
  });

  it('a substring without a dictionary: candidates of every gram, then the rows that are left', async () => {
    const { kinds, records } = await sent("name LIKE '%komina%'");
    expect(kinds).toEqual([['posting', 'posting', 'posting', 'posting', 'and'], ['rows']]);
    const grams = ['kom', 'omi', 'min', 'ina'];
    const candidates = rows.filter((row) => grams.every((gram) => row.name?.includes(gram)));
    expect(records).toBe(candidates.length);
    expect(records).toBeGreaterThan(0);
  });

  it('a substring with a dictionary: lists of values, no gram and no record', async () => {
    const { kinds, records } = await sent("town LIKE '%ba%bako%'");
    expect([kinds.length, records]).toEqual([1, 0]);
    expect(new Set(kinds[0])).toEqual(new Set(['posting', 'or']));
  });
});

describe('EXPLAIN', () => {
  const explain = (where: string): Promise<Explanation> =>
    temp.vault.explain(`SELECT COUNT(*) FROM t WHERE ${where}`);
  const seen = ({ leakage }: Explanation): string[] => leakage.map(({ node }) => node);

  it('names the lists, what each shows and how many tokens, and sends no fragment', async () => {
    recorded.clear();
    const substring = await explain("name LIKE '%komina%'");
    expect(seen(substring)).toContain('substring on name');
    expect(substring.cost).toMatchObject({ tokens: 4, rounds: 3 });
    const { onQuery, atRest } = substring.leakage.find(({ node }) => node.startsWith('sub'))!;
    expect(onQuery[0]).toContain('each of the 4 grams');
    expect(onQuery[0]).toContain('also those that are not in the result');
    expect(atRest.join()).toContain('steps of 16 bytes');
    expect(substring.plan.join('\n')).toContain('name like %…%');
    expect(JSON.stringify(substring)).not.toContain('komina');

    expect(seen(await explain("name LIKE 'bako%'"))).toContain('prefix on name');
    expect(seen(await explain("name LIKE 'bakomibako%'"))).toContain('range on name');
    expect(seen(await explain("town LIKE '%ako%'"))).toContain('equality on town');
    expect(recorded.fragments).toEqual([]);
  });

  it('warns of a needle of one gram, and of NOT over rows that are tested one by one', async () => {
    const short = (await explain("name LIKE '%kom%'")).notes.join('\n');
    expect(short).toContain('one gram');
    const negated = (await explain("name NOT LIKE '%komina%'")).notes.join('\n');
    expect(negated).toContain('NOT');
    expect((await explain("town LIKE '%akob%'")).notes.join('\n')).not.toContain('one gram');
  });
});

describe('a store that names other candidates', () => {
  const pattern = "name LIKE '%komina%'";
  const lying = async (change: (reply: RowsReply) => RowsReply): Promise<unknown> => {
    let first = true;
    recorded.alter = (reply) => {
      if (!first) return reply;
      first = false;
      return encodeRowsReply(change(decodeRowsReply(reply)));
    };
    try {
      const { rows: found } = await temp.vault.query(`SELECT COUNT(*) FROM t WHERE ${pattern}`);
      return found[0]![0];
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      recorded.alter = (reply) => reply;
    }
  };
  const truth = (): string => String(expected('name', '%komina%', false).length);
  const onRows =
    (change: (rows: number[]) => number[]) =>
    ({ segments }: RowsReply): RowsReply => ({
      segments: segments.map((one) => ({
        ...one,
        rows: Uint32Array.from(change(Array.from(one.rows))),
      })),
    });

  it('rows that are not like the pattern, or come twice, are not in the answer', async () => {
    expect(await lying((reply) => reply)).toBe(truth());
    expect(await lying(onRows((found) => [...new Set([...found, 0, 1, 2, 3])]))).toBe(truth());
    expect(await lying(onRows((found) => [...found, ...found]))).toBe(truth());
  });

  it('rows of no segment, or of another, are refused', async () => {
    expect(await lying(onRows((found) => [...found, ROWS]))).toBe('BYTES_INVALID');
    const other = '00'.repeat(16);
    const moved = ({ segments }: RowsReply): RowsReply => ({
      segments: segments.map((one) => ({ ...one, segment: other })),
    });
    expect(await lying(moved)).toBe('BYTES_INVALID');
  });
});

it('a column that is not searched has no list that finds anything, and still sums', async () => {
  const { rows: found } = await temp.vault.query('SELECT SUM(plain), COUNT(plain) FROM t');
  const sum = rows.reduce((all, { plain }) => all + plain, 0);
  expect(found).toEqual([[String(sum), String(ROWS)]]);
  await expect(temp.vault.query('SELECT COUNT(*) FROM t WHERE plain = 1')).rejects.toMatchObject({
    code: 'CAPABILITY_MISSING',
    details: { column: '"plain"', needs: expect.stringContaining('"sse"') as string },
  });
});

it('deleted rows are no candidates, and NOT LIKE leaves them out', async () => {
  const { vault } = temp;
  const gone = expected('name', '%komina%', false)[0]!;
  await vault.delete('DELETE FROM t WHERE id = $1', [gone]);
  const left = expected('name', '%komina%', false).filter((id) => id !== gone);
  expect(await ids("name LIKE '%komina%'")).toEqual(left);
  const { rows: found } = await vault.query(
    "SELECT COUNT(*) FROM t WHERE name NOT LIKE '%komina%'",
  );
  expect(found).toEqual([[String(expected('name', '%komina%', true).length)]]);
  await vault.ingest(schema, [{ id: ROWS, name: 'xkominax', town: 'x', plain: 0 }], {
    append: true,
  });
  expect(await ids("name LIKE '%komina%'")).toEqual([...left, ROWS]);
});
