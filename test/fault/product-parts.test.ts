import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import type { AggregateReply } from '../../src/plan/fragment.ts';
import { decodeAggregateReply, encodeAggregateReply } from '../../src/plan/fragment-codec.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { PASSPHRASE, tempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 't',
  columns: { x: { type: 'integer' }, y: { type: 'integer' } },
  undeclared: 'product',
};
const rows = Array.from({ length: 60 }, (_, i) => ({ x: i, y: 3 * i - 50 }));
const SUM = 'SELECT SUM(x * y) FROM t WHERE x < 55';
const expected = rows.slice(0, 55).reduce((sum, { x, y }) => sum + x * y, 0);

/** At rest, one chunk of the columns that are multiplied; the others have 100 KB. */
const PRODUCT_BYTES = 400_000;

describe('a column that the store multiplies', () => {
  let base: string;
  beforeAll(async () => {
    base = mkdtempSync(join(tmpdir(), 'opaline-fault-'));
    const store = join(base, 'good', 'store');
    await using vault = await createVault(join(base, 'good', 'vault'), {
      store,
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
      threads: 0,
    });
    await vault.ingest(schema, rows);
    expect((await vault.query(SUM)).rows).toEqual([[String(expected)]]);
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  const damages: [string, (bytes: Buffer) => Buffer | undefined][] = [
    ['deleted', () => undefined],
    ['emptied', () => Buffer.alloc(0)],
    ['truncated by one byte', (bytes) => bytes.subarray(0, -1)],
    ['altered in its header', (bytes) => Buffer.from(bytes).fill(1, 16, 20)],
    ['altered in a residue', (bytes) => Buffer.from(bytes).fill(1, 200_000, 200_001)],
    ['altered in its digest', (bytes) => Buffer.from(bytes).fill(1, bytes.length - 1)],
  ];

  it.each(damages)('and that is %s is refused, and found by doctor', async (name, how) => {
    const folder = join(base, name.replaceAll(' ', '-'));
    cpSync(join(base, 'good'), folder, { recursive: true });
    const store = join(folder, 'store');
    const parts = join(store, readdirSync(store)[0]!, 'parts');
    const large = readdirSync(parts).filter(
      (id) => readFileSync(join(parts, id)).length > PRODUCT_BYTES,
    );
    expect(large).toHaveLength(2);
    const path = join(parts, large[0]!);
    const bytes = how(readFileSync(path));
    if (bytes === undefined) rmSync(path);
    else writeFileSync(path, bytes);
    const options = { passphrase: PASSPHRASE, store, threads: 0 };
    await using vault = await openVault(join(folder, 'vault'), options);
    const code = bytes === undefined ? 'PART_MISSING' : 'PART_CORRUPT';
    await expect(vault.query(SUM)).rejects.toMatchObject({ code });
    const findings = await vault.check({ deep: true });
    expect(findings.filter(({ level }) => level === 'problem')).toHaveLength(1);
  });
});

describe('a store that answers a product with', () => {
  /** What the vault makes of a reply that `change` has altered. */
  async function ask(change: (reply: AggregateReply) => AggregateReply): Promise<unknown> {
    const altering = (link: StoreLink): StoreLink =>
      new Proxy(link, {
        get: (target, property) => {
          if (property === 'aggregate') {
            return async (...args: Parameters<StoreLink['aggregate']>): Promise<Uint8Array> =>
              encodeAggregateReply(change(decodeAggregateReply(await target.aggregate(...args))));
          }
          const member: unknown = Reflect.get(target, property);
          return typeof member === 'function' ? member.bind(target) : member;
        },
      });
    await using temp = await tempVault('memory', altering);
    await temp.vault.ingest(schema, rows);
    return await temp.vault.query(SUM).then(
      (result) => result.rows,
      (error: { code: string }) => error.code,
    );
  }
  type Sum = AggregateReply['groups'][number]['sums'][number];
  const eachSum =
    (change: (sum: Sum) => Sum) =>
    ({ groups }: AggregateReply): AggregateReply => ({
      groups: groups.map((group) => ({ ...group, sums: group.sums.map(change) })),
    });

  it.each<[string, (sum: Sum) => Sum, unknown]>([
    ['the truth is believed (the control)', (sum) => sum, [[String(expected)]]],
    [
      'a polynomial less is refused',
      (sum) => ({ ...sum, a: sum.a.slice(sum.a.length / 3) }),
      'BYTES_INVALID',
    ],
    ['a limb less is refused', (sum) => ({ ...sum, limbs: sum.limbs - 1 }), 'BYTES_INVALID'],
    [
      'a residue that is none is refused',
      (sum) => ({ ...sum, a: sum.a.with(0, 0xffff_ffff) }),
      'BYTES_INVALID',
    ],
    [
      'what belongs to another kind of sum is refused',
      (sum) => ({ ...sum, b: new Uint32Array(3) }),
      'BYTES_INVALID',
    ],
  ])('%s', async (_, change, outcome) => {
    expect(await ask(eachSum(change))).toEqual(outcome);
  });
});
