import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runNode } from '../../bench/child.ts';
import { MIXED } from './mixed-queries.ts';

const CHILD = fileURLToPath(new URL('./mixed-queries-child.ts', import.meta.url));
let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'opaline-mixed-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('holds no more memory after the twelfth round of twenty mixed queries than after the fifth', async () => {
  expect(MIXED).toHaveLength(20);
  const run = await runNode(CHILD, [folder], { env: { NODE_OPTIONS: '--expose-gc' } });
  expect(run.code, run.stderr).toBe(0);
  const resident = JSON.parse(run.stdout) as number[];
  process.stdout.write(`resident after each round: ${resident.join(', ')} MiB\n`);
  const before = Math.max(...resident.slice(2, 5));
  const after = Math.max(...resident.slice(-3));
  // What a garbage collector leaves lying about.
  expect(after).toBeLessThan(1.05 * before);
});
