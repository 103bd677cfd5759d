import { describe, expect, it } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import type { AggregateReply } from '../../src/plan/fragment.ts';
import { decodeAggregateReply, encodeAggregateReply } from '../../src/plan/fragment-codec.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { parseManifest, partsOf } from '../../src/table/manifest.ts';
import { tempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 't',
  columns: { a: { type: 'integer' }, g: { type: 'text' } },
};
const rows = Array.from({ length: 60 }, (_, a) => ({ a, g: `g${a % 3}` }));
const GROUPS = 'SELECT g, COUNT(*), SUM(a) FROM t GROUP BY g';

/** A link whose aggregate replies pass through `alter`. */
function altering(link: StoreLink, alter: (reply: Uint8Array) => Uint8Array): StoreLink {
  return new Proxy(link, {
    get: (target, property) => {
      if (property === 'aggregate') {
        return async (...args: Parameters<StoreLink['aggregate']>): Promise<Uint8Array> =>
          alter(await target.aggregate(...args));
      }
      const member: unknown = Reflect.get(target, property);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

async function ask(alter: (reply: Uint8Array) => Uint8Array, sql = GROUPS): Promise<string> {
  await using temp = await tempVault('memory', (link) => altering(link, alter));
  await temp.vault.ingest(schema, rows);
  return await temp.vault.query(sql).then(
    (result) => JSON.stringify(result.rows),
    (error: { code: string }) => error.code,
  );
}

const onReply =
  (change: (reply: AggregateReply) => AggregateReply) =>
  (bytes: Uint8Array): Uint8Array =>
    encodeAggregateReply(change(decodeAggregateReply(bytes)));

describe('a store that answers with', () => {
  it('the truth is believed (the control)', async () => {
    expect(await ask(onReply((reply) => reply))).toBe(
      '[["g0","20","570"],["g1","20","590"],["g2","20","610"]]',
    );
  });

  it.each<[string, (reply: AggregateReply) => AggregateReply, string]>([
    ['a group less', ({ groups }) => ({ groups: groups.slice(1) }), 'PART_CORRUPT'],
    ['a group twice', ({ groups }) => ({ groups: [...groups, groups[0]!] }), 'BYTES_INVALID'],
    [
      'a row less',
      ({ groups: [first, ...rest] }) => ({
        groups: [{ ...first!, counts: first!.counts.map((count) => count - 1) }, ...rest],
      }),
      'PART_CORRUPT',
    ],
    [
      'a group that was not asked for',
      ({ groups }) => ({ groups: groups.map((group) => ({ ...group, key: [7] })) }),
      'BYTES_INVALID',
    ],
    [
      'a sum less',
      ({ groups }) => ({ groups: groups.map((group) => ({ ...group, sums: [] })) }),
      'BYTES_INVALID',
    ],
    [
      'a residue that is none',
      ({ groups }) => ({
        groups: groups.map((group) => ({
          ...group,
          sums: group.sums.map((sum) => ({ ...sum, a: sum.a.map(() => 0xffffffff) })),
        })),
      }),
      'BYTES_INVALID',
    ],
    [
      'a polynomial too short',
      ({ groups }) => ({
        groups: groups.map((group) => ({
          ...group,
          sums: group.sums.map((sum) => ({ ...sum, a: sum.a.slice(1) })),
        })),
      }),
      'BYTES_INVALID',
    ],
  ])('%s is refused', async (_, change, code) => {
    expect(await ask(onReply(change))).toBe(code);
  });

  it('bytes that are no reply is refused', async () => {
    expect(await ask(() => new Uint8Array(100))).toBe('BYTES_INVALID');
    expect(await ask((reply) => reply.subarray(0, 50))).toBe('BYTES_INVALID');
  });
});

it('a store keeps the parts that its manifest names, whoever asks it to remove them', async () => {
  let inner: StoreLink | undefined;
  await using temp = await tempVault('memory', (link) => (inner = link));
  const vault: Vault = temp.vault;
  await vault.ingest(schema, rows);
  const [table] = await inner!.tables();
  const parts = [...partsOf(parseManifest((await inner!.head(table!))!))].map(({ id }) => id);
  await inner!.remove(table!, parts);
  expect((await vault.query(GROUPS)).rows.length).toBe(3);
});
