import type * as fs from 'node:fs/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { Disk } from '../support/disk.ts';
import { surviveDisk } from '../support/disk-faults.ts';
import { OPERATIONS } from '../support/write-operations.ts';

vi.mock('node:fs/promises', async (original) => {
  const { probed } = await import('../support/fs-probe.ts');
  return probed(await original<typeof fs>());
});
vi.mock('../../src/table/manifest.ts', async (original) => ({
  ...(await original<object>()),
  DELTA_ROWS: 40,
}));

const disk = new Disk();
afterAll(() => disk[Symbol.dispose]());

describe.each([
  { effect: 'lost', code: 'ENOSPC' },
  { effect: 'kept', code: 'EIO' },
] as const)('any call of the file system, $effect with $code, is survived', (fault) => {
  describe.each(OPERATIONS.map((one) => [one.name, one] as const))('by %s', (_, operation) => {
    test.each(['vault', 'store'] as const)('in the %s', async (where) => {
      expect(await surviveDisk(disk, operation, where, fault)).toBeGreaterThan(5);
    });
  });
});
