import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { PASSPHRASE } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 'people',
  columns: {
    id: { type: 'integer' },
    name: { type: 'text', nullable: true },
    age: { type: 'integer', nullable: true },
  },
};
const rows = Array.from({ length: 2500 }, (_, i) => ({
  id: i,
  name: i % 9 === 0 ? null : `name ${i % 40}`,
  age: i % 7 === 0 ? null : i % 90,
}));

/** Together they read every kind of part. */
const QUERIES = [
  'SELECT COUNT(*), SUM(age) FROM people WHERE id BETWEEN 100 AND 2200',
  'SELECT name, STDDEV(id), STDDEV(age), SUM(id * age) FROM people GROUP BY name',
  'SELECT * FROM people WHERE id < 1300 ORDER BY id',
];

let base: string;
let answers: string[];
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'opaline-fault-'));
  const folder = join(base, 'good');
  const options = { store: join(folder, 'store'), passphrase: PASSPHRASE, threads: 0 };
  await using vault = await createVault(join(folder, 'vault'), {
    ...options,
    passphraseCost: LEAST_COST,
  });
  await vault.ingest(schema, rows);
  answers = [];
  for (const sql of QUERIES) answers.push(JSON.stringify((await vault.query(sql)).rows));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

let copies = 0;
/** A copy of the good vault and store, to damage. */
function copy(): { vault: string; store: string; parts: string[]; head: string } {
  const folder = join(base, `copy-${copies++}`);
  cpSync(join(base, 'good'), folder, { recursive: true });
  const store = join(folder, 'store');
  const table = readdirSync(store)[0]!;
  const parts = readdirSync(join(store, table, 'parts')).map((id) =>
    join(store, table, 'parts', id),
  );
  return { vault: join(folder, 'vault'), store, parts, head: join(store, table, 'head-1') };
}

/** The code of every query's refusal, or 'same' where the answer is still the right one. */
async function outcomes(vault: string, store: string): Promise<string[]> {
  await using opened = await openVault(vault, { passphrase: PASSPHRASE, store, threads: 0 });
  const out: string[] = [];
  for (const [i, sql] of QUERIES.entries()) {
    out.push(
      await opened.query(sql).then(
        ({ rows: found }) => (JSON.stringify(found) === answers[i] ? 'same' : 'WRONG ANSWER'),
        (error: { code?: string }) => error.code ?? `untyped: ${String(error)}`,
      ),
    );
  }
  return out;
}

const damages: [string, (bytes: Buffer) => Buffer | undefined][] = [
  ['deleted', () => undefined],
  ['emptied', () => Buffer.alloc(0)],
  ['truncated by one byte', (bytes) => bytes.subarray(0, -1)],
  ['halved', (bytes) => bytes.subarray(0, bytes.length >> 1)],
  ['with a byte more', (bytes) => Buffer.concat([bytes, Buffer.of(0)])],
  ...[0.001, 0.01, 0.3, 0.6, 0.9, 0.999].map((place): [string, (bytes: Buffer) => Buffer] => [
    `with a bit flipped at ${place}`,
    (bytes) => {
      const out = Buffer.from(bytes);
      out[Math.floor(place * out.length)]! ^= 0x10;
      return out;
    },
  ]),
];

function damage(path: string, how: (bytes: Buffer) => Buffer | undefined): void {
  const bytes = how(readFileSync(path));
  if (bytes === undefined) rmSync(path);
  else writeFileSync(path, bytes);
}

describe('a part that is', () => {
  it.each(damages)(
    '%s: refused by type, or not needed; never a wrong answer',
    async (name, how) => {
      const { parts } = copy();
      for (let i = 0; i < parts.length; i++) {
        const { vault, store, parts: fresh } = copy();
        damage(fresh[i]!, how);
        const found = await outcomes(vault, store);
        for (const code of found) expect(['same', 'PART_CORRUPT', 'PART_MISSING']).toContain(code);
        // Every part serves some query. A flipped bit may lie in a record or block that none reads.
        if (!name.includes('flipped')) {
          expect(found).toSatisfy((all: string[]) => all.some((code) => code !== 'same'));
        }
      }
    },
  );
});

describe('a manifest that is', () => {
  it.each(damages.filter(([name]) => name !== 'deleted'))('%s is refused', async (_, how) => {
    const { vault, store, head } = copy();
    damage(head, how);
    for (const code of await outcomes(vault, store)) {
      expect(['MANIFEST_INVALID', 'BYTES_INVALID', 'VERSION_UNSUPPORTED']).toContain(code);
    }
  });

  it('deleted is noticed, because the vault remembers the table', async () => {
    const { vault, store, head } = copy();
    rmSync(head);
    expect(await outcomes(vault, store)).toEqual(['PART_MISSING', 'PART_MISSING', 'PART_MISSING']);
  });

  it('rolled back is refused', async () => {
    const { vault, store } = copy();
    const old = join(base, `old-${copies}`);
    cpSync(store, old, { recursive: true });
    {
      await using opened = await openVault(vault, { passphrase: PASSPHRASE, store, threads: 0 });
      await opened.ingest(schema, rows.slice(0, 10), { append: true });
    }
    expect(await outcomes(vault, old)).toEqual(Array(3).fill('EPOCH_ROLLBACK'));
  });
});

describe('a vault', () => {
  it('does not open with another passphrase', async () => {
    await expect(
      openVault(join(base, 'good', 'vault'), { passphrase: `${PASSPHRASE} ` }),
    ).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
  });

  it.each(['vault.opal', 'heads.opal'])('with a damaged %s does not open', async (file) => {
    for (const [, how] of damages) {
      const { vault, store } = copy();
      damage(join(vault, file), how);
      const error = await openVault(vault, { passphrase: PASSPHRASE, store, threads: 0 }).then(
        () => ({ code: 'opened' }),
        (e: { code: string }) => e,
      );
      expect([
        'PASSPHRASE_WRONG',
        'VAULT_CORRUPT',
        'VAULT_NOT_FOUND',
        'VERSION_UNSUPPORTED',
      ]).toContain(error.code);
    }
  });

  it('is not made where files are', async () => {
    const { vault, store } = copy();
    await expect(
      createVault(vault, { store, passphrase: PASSPHRASE, passphraseCost: LEAST_COST }),
    ).rejects.toMatchObject({
      code: 'VAULT_EXISTS',
    });
  });

  it('says when its store is gone', async () => {
    const { vault, store } = copy();
    rmSync(store, { recursive: true });
    await expect(openVault(vault, { passphrase: PASSPHRASE, store })).rejects.toMatchObject({
      code: 'STORE_NOT_FOUND',
    });
  });
});
