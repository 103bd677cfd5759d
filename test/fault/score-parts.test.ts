/** Columns that rows are scored by, damaged in the store: refused, and found by doctor. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 't',
  columns: { x: { type: 'real', score: true }, y: { type: 'integer', score: true } },
};
const rows = Array.from({ length: 60 }, (_, i) => ({ x: i / 7, y: 3 * i - 50 }));
const model = { table: 't', weights: { x: 1, y: 1 } };
/** At rest, one chunk of a column that rows are scored by; the others have 100 KB. */
const SCORED_BYTES = 400_000;

const damages: [string, (bytes: Buffer) => Buffer | undefined][] = [
  ['deleted', () => undefined],
  ['truncated by one byte', (bytes) => bytes.subarray(0, -1)],
  ['altered in a residue', (bytes) => Buffer.from(bytes).fill(1, 200_000, 200_001)],
];

it.each(damages)('a column that is %s', async (_, how) => {
  await using temp = await tempVault('file');
  const { vault, folder } = temp;
  await vault.ingest(schema, rows);
  await vault.delete('DELETE FROM t WHERE y < -40');
  const store = join(folder, 'store');
  const parts = join(
    store,
    readdirSync(store).find((name) => /^[0-9a-f]{32}$/.test(name))!,
    'parts',
  );
  const large = readdirSync(parts).filter(
    (id) => readFileSync(join(parts, id)).length > SCORED_BYTES,
  );
  expect(large).toHaveLength(2);
  const path = join(parts, large[0]!);
  const bytes = how(readFileSync(path));
  if (bytes === undefined) rmSync(path);
  else writeFileSync(path, bytes);
  const code = bytes === undefined ? 'PART_MISSING' : 'PART_CORRUPT';
  await expect(vault.scoreRows(model)).rejects.toMatchObject({ code });
  const findings = await vault.check({ deep: true });
  expect(findings.filter(({ level }) => level === 'problem')).toHaveLength(1);
});
