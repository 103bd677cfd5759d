/** Deletions and indexes of mitra, through the public API: what they write, what a later search asks and the store sees. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LABEL_BYTES, parsePart } from '../../../src/search/mitra/format.ts';
import { MAX_BATCHES } from '../../../src/search/mitra/token/state.ts';
import type { PartUpload, SearchRequest, StoreLink } from '../../../src/store/link.ts';
import { parseManifest, type RungEntry } from '../../../src/table/manifest.ts';
import { tempVault, type TempVault } from '../../support/vaults.ts';

type Replies = readonly (Uint8Array | undefined)[];

/** A link that notes what mitra has to do with, and may answer searches otherwise. */
class Watched {
  link!: StoreLink;
  readonly searches: SearchRequest[] = [];
  readonly parts = new Map<string, Uint8Array>();
  tamper: (replies: Replies) => Replies = (replies) => replies;

  readonly wrap = (inner: StoreLink): StoreLink => {
    this.link = inner;
    return new Proxy(inner, {
      get: (target, property) => {
        if (property === 'search') {
          return async (request: SearchRequest) => {
            this.searches.push(request);
            return this.tamper(await target.search(request));
          };
        }
        if (property === 'put') {
          return (part: PartUpload, options: object) => {
            if (String.fromCharCode(...part.bytes.subarray(4, 8)) === 'MTRA') {
              this.parts.set(part.id, part.bytes);
            }
            return target.put(part, options);
          };
        }
        const member: unknown = Reflect.get(target, property);
        return typeof member === 'function' ? (member as () => unknown).bind(target) : member;
      },
    });
  };

  async rungs(): Promise<readonly RungEntry[]> {
    const [table] = await this.link.tables();
    return parseManifest((await this.link.head(table!))!).segments.flatMap(({ rungs }) => rungs);
  }
}

const schema = {
  version: 1,
  table: 't',
  columns: {
    id: { type: 'integer' },
    ward: { type: 'text', nullable: true, search: 'mitra' },
    code: { type: 'integer', search: ['mitra', 'sse'] },
  },
};
const make = (count: number) =>
  Array.from({ length: count }, (_, id) => ({
    id,
    ward: id % 10 === 9 ? null : `ward ${id % 7}`,
    code: id % 50,
  }));

describe('a deletion', () => {
  const watched = new Watched();
  let temp: TempVault;
  let rows = make(300);
  beforeAll(async () => {
    temp = await tempVault('memory', watched.wrap);
    await temp.vault.ingest(schema, rows);
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  const ids = async (where: string): Promise<unknown> =>
    (await temp.vault.query(`SELECT id FROM t WHERE ${where} ORDER BY id`)).rows;
  const expected = (test: (row: (typeof rows)[number]) => boolean): unknown =>
    rows.filter(test).map(({ id }) => [String(id)]);

  it('writes one part of as many changes for each column, and a state in place of the old', async () => {
    const before = await watched.rungs();
    expect(before.map(({ parts }) => parts.length)).toEqual([1, 1]);
    await temp.vault.delete('DELETE FROM t WHERE id BETWEEN 20 AND 60');
    rows = rows.filter(({ id }) => id < 20 || id > 60);
    const after = await watched.rungs();
    expect(after.map(({ parts }) => parts.length)).toEqual([2, 2]);
    for (const [i, { parts, state }] of after.entries()) {
      expect(parts[0]).toEqual(before[i]!.parts[0]);
      expect(state.id).not.toBe(before[i]!.state.id);
      const { entries } = parsePart(watched.parts.get(parts[1]!.id)!);
      // 41 rows, rounded up to a multiple of 32.
      expect(entries.count).toBe(64);
    }
    const labels = (part: string): string[] => {
      const { entries } = parsePart(watched.parts.get(part)!);
      return Array.from({ length: entries.count }, (_, i) =>
        entries.bytes.subarray(i * entries.stride, i * entries.stride + LABEL_BYTES).join(),
      );
    };
    const old = new Set(before.flatMap(({ parts }) => labels(parts[0]!.id)));
    const fresh = after.flatMap(({ parts }) => labels(parts[1]!.id));
    expect(fresh.filter((label) => old.has(label))).toEqual([]);
  });

  it('is in what a later search asks of both parts in one round trip, and in its answer', async () => {
    watched.searches.length = 0;
    const [wards] = await watched.rungs();
    expect(await ids("ward = 'ward 3'")).toEqual(expected(({ ward }) => ward === 'ward 3'));
    const asked = new Map(
      watched.searches.map(({ index, labels }) => [
        index,
        labels.reduce((sum, query) => sum + query.length / LABEL_BYTES, 0),
      ]),
    );
    const all = make(300).filter(({ ward }) => ward === 'ward 3');
    const gone = all.filter(({ id }) => id >= 20 && id <= 60);
    expect(asked).toEqual(
      new Map([
        [wards!.parts[0]!.id, all.length],
        [wards!.parts[1]!.id, gone.length],
      ]),
    );
  });

  it('leaves every condition right, NULLs and negations among them', async () => {
    expect(await ids("ward IN ('ward 1', 'ward 2') AND code = 8")).toEqual(
      expected(({ ward, code }) => (ward === 'ward 1' || ward === 'ward 2') && code === 8),
    );
    expect(await ids("ward <> 'ward 1'")).toEqual(
      expected(({ ward }) => ward !== null && ward !== 'ward 1'),
    );
    expect(await ids('ward IS NULL')).toEqual(expected(({ ward }) => ward === null));
  });

  it('is refused a store that answers otherwise', async () => {
    const lies: ((replies: Replies) => Replies)[] = [
      (replies) => replies.map(() => undefined),
      (replies) => replies.map((reply) => reply?.slice(12)),
      (replies) => replies.map((reply) => reply?.map((byte, i) => (i === 5 ? byte ^ 1 : byte))),
      (replies) =>
        replies.map((reply) => reply && Uint8Array.of(...reply.slice(12), ...reply.slice(0, 12))),
      () => [],
    ];
    for (const lie of lies) {
      watched.tamper = lie;
      await expect(ids("ward = 'ward 3'")).rejects.toMatchObject({ code: 'PART_CORRUPT' });
    }
    watched.tamper = (replies) => replies;
    expect(await ids("ward = 'ward 3'")).toEqual(expected(({ ward }) => ward === 'ward 3'));
  });

  it('is explained: the index, what the store learns, the expected recovery, rounds', async () => {
    const { leakage, cost } = await temp.vault.explain(
      "SELECT COUNT(*) FROM t WHERE ward = 'ward 3'",
    );
    const mitra = leakage.find(({ index }) => index === 'mitra')!;
    expect(mitra.node).toContain('ward');
    expect(mitra.onQuery.join()).toContain('backward privacy of type II');
    expect(mitra.expectedRecovery!.fraction).toBeGreaterThan(0);
    expect(mitra.expectedRecovery!.fraction).toBeLessThanOrEqual(1);
    expect(cost.rounds).toBe(2);
    await expect(
      temp.vault.query("SELECT COUNT(*) FROM t WHERE ward > 'ward 3'"),
    ).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
      details: { needs: expect.stringContaining('"sse"') as string },
    });
  });

  it('after a compaction is no more: the index is new', async () => {
    await temp.vault.compact();
    expect((await watched.rungs()).map(({ parts }) => parts.length)).toEqual([1, 1]);
    expect(await ids('code = 30')).toEqual(expected(({ code }) => code === 30));
  });
});

it('more deletions than an index has room for leave it as it is, and answers right', async () => {
  const watched = new Watched();
  await using temp = await tempVault('memory', watched.wrap);
  await temp.vault.ingest(schema, make(MAX_BATCHES + 30));
  for (let id = 0; id < MAX_BATCHES + 2; id++) {
    await temp.vault.delete(`DELETE FROM t WHERE id = ${id}`);
  }
  expect((await watched.rungs()).map(({ parts }) => parts.length)).toEqual([
    MAX_BATCHES,
    MAX_BATCHES,
  ]);
  const { rows } = await temp.vault.query("SELECT id FROM t WHERE ward = 'ward 3' ORDER BY id");
  const live = make(MAX_BATCHES + 30).filter(
    ({ id, ward }) => id >= MAX_BATCHES + 2 && ward === 'ward 3',
  );
  expect(rows).toEqual(live.map(({ id }) => [String(id)]));
});
