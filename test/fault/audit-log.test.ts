import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import type * as fs from 'node:fs/promises';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { LogFiles } from '../support/audit-logs.ts';
import { DurableDisk } from '../support/durable-disk.ts';
import { LOG_STEPS, LogFaults } from '../support/log-faults.ts';

vi.mock('node:fs/promises', async (original) => {
  const { probed } = await import('../support/fs-probe.ts');
  return probed(await original<typeof fs>());
});

const faults = new LogFaults();
afterAll(() => faults[Symbol.dispose]());
const step = (name: string) => LOG_STEPS.find((one) => one.name === name)!;

/** Hundreds of logs are opened, verified and written to. */
const LONG = 600_000;

/** The slow tests do the same with appends of every kind. */
test.each(['a few entries', 'shredding'])(
  'an audit log survives death and power failure at each call of %s',
  async (name) => {
    expect(await faults.dieAtEach(step(name))).toBeGreaterThan(8);
  },
  LONG,
);

test(
  'an audit log goes on after a failure of each call that took effect',
  async () => {
    const fault = { effect: 'kept', code: 'EIO' } as const;
    expect(await faults.failEach(step('a few entries'), fault)).toBeGreaterThan(20);
  },
  LONG,
);

test('and the disk that a power failure leaves does lose what is not synced', async () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'opaline-power-')));
  const folder = join(base, 'folder');
  await mkdir(folder);
  const disk = new DurableDisk(folder);
  let copies = 0;
  const left = (): LogFiles => {
    const to = join(base, `left-${copies++}`);
    disk.restore(to);
    return LogFiles.of(to);
  };
  const file = join(folder, 'aside');
  await writeFile(file, 'content');
  disk.note({ op: 'write', path: file });
  expect([...left().keys()]).toEqual([]);
  disk.note({ op: 'sync', path: folder });
  expect(left().get('aside')).toEqual(new Uint8Array(0));
  disk.note({ op: 'sync', path: file });
  await rename(file, join(folder, 'name'));
  disk.note({ op: 'rename', path: file, to: join(folder, 'name') });
  expect([...left().keys()]).toEqual(['aside']);
  await (await open(folder)).close();
  disk.note({ op: 'sync', path: folder });
  expect([...left().keys()]).toEqual(['name']);
  expect(new TextDecoder().decode(left().get('name'))).toBe('content');
  rmSync(base, { recursive: true });
});
