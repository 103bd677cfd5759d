import { afterAll, expect, test } from 'vitest';
import { Disk } from '../support/disk.ts';
import { durationOf, killAt, type Kind, moments } from '../support/kills.ts';

const disk = new Disk();
afterAll(() => disk[Symbol.dispose]());

/** Of the 200 kills of the slow tests, a few. */
test.each<[Kind, number]>([
  ['an append to the delta', 4],
  ['an erasure', 4],
  ['a change of the passphrase', 2],
])('%s is survived when its process is killed', async (kind, count) => {
  const duration = await durationOf(disk, kind);
  for (const moment of moments(duration, count, 1)) {
    const { found } = await killAt(disk, kind, moment);
    expect(['told', 'old', 'new']).toContain(found);
  }
});
