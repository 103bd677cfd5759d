import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeTable } from '../../../../src/client/governance/assessment/describe-table.ts';
import { openInside } from '../../../../src/client/governance/assessment/inside.ts';
import { createVault } from '../../../../src/client/open-vault.ts';
import { PASSPHRASE } from '../../../support/vaults.ts';

const COLUMNS = {
  who: { type: 'text', search: { index: 'sse', prefix: 3, ngram: 3 } },
  plain: { type: 'integer' },
  tagged: { type: 'text', search: 'tag' },
  ordered: { type: 'integer', search: 'ore' },
  forward: { type: 'text', search: 'mitra' },
  words: { type: 'document', search: 'iex' },
  listed: { type: 'document' },
  padded: { type: 'text', search: 'sse-padded' },
  smooth: { type: 'text', search: 'smooth' },
  looked: { type: 'text', search: 'pir' },
  coded: { type: 'text', search: { index: 'oblivious', by: 'codes' } },
  none: { type: 'text', search: [] },
};

const SECRET = 'Weatherwax';

test('every rung says how much it shows and what, and no value is in it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-described-'));
  const path = join(folder, 'vault');
  const vault = await createVault(path, {
    store: join(folder, 'store'),
    passphrase: PASSPHRASE,
    threads: 0,
  });
  try {
    const number = 918_273;
    const rows = [0, 1, 2, 3].map((i) =>
      Object.fromEntries(
        Object.entries(COLUMNS).map(([name, { type }]) => [
          name,
          type === 'integer' ? number + i : `${SECRET} ${i}`,
        ]),
      ),
    );
    const schema = { version: 1, table: 'all', subject: 'who', columns: COLUMNS };
    await vault.ingest(schema, rows);
    await vault.delete(`DELETE FROM "all" WHERE plain = ${number}`);
    await using inside = await openInside(path, { passphrase: PASSPHRASE, threads: 0 });
    const described = await describeTable((await inside.tables())[0]!);
    const exposures = described.columns.map(({ name, indexes }) => [name, indexes[0]?.exposure]);
    expect(Object.fromEntries(exposures)).toEqual({
      who: 'queries',
      plain: 'queries',
      tagged: 'rest',
      ordered: 'rest',
      forward: 'queries',
      words: 'queries',
      listed: 'queries',
      padded: 'padded',
      smooth: 'padded',
      looked: 'hidden',
      coded: 'hidden',
      none: undefined,
    });
    for (const { name, indexes } of described.columns) {
      const shown = indexes.flatMap(({ shows }) => shows);
      if (name !== 'none') expect(shown.length, name).toBeGreaterThan(0);
      for (const { atRest, onQuery } of shown) {
        expect(atRest.length + onQuery.length, name).toBeGreaterThan(0);
      }
    }
    // A row is deleted, which may have been its subject's only one.
    expect(described).toMatchObject({ rows: 3, subjects: { atLeast: 3, atMost: 3 } });
    const text = JSON.stringify(described);
    expect(text).not.toContain(SECRET);
    expect(text).not.toMatch(/91827\d/);
  } finally {
    await vault.close();
    await rm(folder, { recursive: true, force: true });
  }
});
