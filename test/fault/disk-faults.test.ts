import type * as fs from 'node:fs/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { Disk } from '../support/disk.ts';
import { surviveDisk } from '../support/disk-faults.ts';
import { OPERATIONS } from '../support/write-operations.ts';

vi.mock('node:fs/promises', async (original) => {
  const { probed } = await import('../support/fs-probe.ts');
  return probed(await original<typeof fs>());
});

const disk = new Disk();
afterAll(() => disk[Symbol.dispose]());

const operation = (name: string) => OPERATIONS.find((one) => one.name === name)!;
const FAULTS = [
  { effect: 'lost', code: 'ENOSPC' },
  { effect: 'kept', code: 'EIO' },
] as const;

/** The slow tests do the same with every kind of write. */
describe.each(FAULTS)('any call of the file system, $effect with $code, is survived', (fault) => {
  test('by a small append, in the store', async () => {
    const failed = await surviveDisk(disk, operation('an append to the delta'), 'store', fault);
    expect(failed).toBeGreaterThan(10);
  });

  test('by a small append, in the vault', async () => {
    const failed = await surviveDisk(disk, operation('an append to the delta'), 'vault', fault);
    expect(failed).toBeGreaterThan(5);
  });
});
