import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempVault } from '../../../support/vaults.ts';

const ROWS = 20_000;

test('a file’s progress is told from its first block on, in rows stored and their share', async () => {
  await using temp = await tempVault('memory');
  const path = join(temp.folder, 'rows.csv');
  const text = Array.from({ length: ROWS }, (_, i) => `${i % 100},a text of some length`);
  await writeFile(path, `n,word\n${text.join('\n')}\n`);

  const seen: [number, number | undefined][] = [];
  const onProgress = (rows: number, share: number | undefined): void => {
    seen.push([rows, share]);
  };
  const report = await temp.vault.ingestFile(path, { onProgress });

  expect(report.rows).toBe(ROWS);
  // Reading, once for the schema and once for the rows, stores nothing yet.
  expect(seen[0]).toEqual([0, 0]);
  expect(seen.filter(([rows]) => rows === 0).length).toBeGreaterThan(1);
  expect(seen.at(-1)).toEqual([ROWS, 1]);
});
