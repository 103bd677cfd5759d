import { afterAll, expect, test } from 'vitest';
import { Disk } from '../support/disk.ts';
import { durationOf, killAt, KINDS, moments, type Outcome } from '../support/kills.ts';

const disk = new Disk();
const outcomes: Outcome[] = [];
afterAll(() => {
  disk[Symbol.dispose]();
  const lines = KINDS.map((kind) => {
    const found = outcomes.filter((outcome) => outcome.kind === kind).map((one) => one.found);
    const count = (of: Outcome['found']): number => found.filter((one) => one === of).length;
    const all = `${found.length} kills`;
    return `${kind}: ${all}: ${count('old')} old, ${count('new')} new, ${count('told')} were done`;
  });
  process.stdout.write(`${lines.join('\n')}\n`);
});

const KILLS = 204;
const SEED = 20_261_128;

test.each(KINDS)('%s is survived whenever its process is killed', async (kind) => {
  const duration = await durationOf(disk, kind);
  for (const moment of moments(duration, KILLS / KINDS.length, SEED)) {
    outcomes.push(await killAt(disk, kind, moment));
  }
  const found = new Set(outcomes.filter((one) => one.kind === kind).map((one) => one.found));
  // Kills that are all too early or too late would say nothing.
  expect(found).toContain('old');
  expect(found.size).toBeGreaterThan(1);
});
