import type * as fs from 'node:fs/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { LOG_STEPS, LogFaults } from '../support/log-faults.ts';

vi.mock('node:fs/promises', async (original) => {
  const { probed } = await import('../support/fs-probe.ts');
  return probed(await original<typeof fs>());
});

const faults = new LogFaults();
afterAll(() => faults[Symbol.dispose]());

const FAULTS = [
  { effect: 'lost', code: 'EIO' },
  { effect: 'kept', code: 'EIO' },
  { effect: 'lost', code: 'ENOSPC' },
] as const;

describe.each(LOG_STEPS)('an audit log, by $name', (step) => {
  test('survives death and power failure at each call', async () => {
    expect(await faults.dieAtEach(step)).toBeGreaterThan(8);
  });

  test.each(FAULTS)('goes on after a failure of each call, $effect with $code', async (fault) => {
    expect(await faults.failEach(step, fault)).toBeGreaterThan(8);
  });
});
