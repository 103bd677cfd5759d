import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import type * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { AuditLog, type LogEntry } from '../../src/audit/file/audit-log.ts';
import { entryOf, LogFiles, ORIGIN, problemsOf, SECRETS } from '../support/audit-logs.ts';
import { copyFolder, DurableDisk } from '../support/durable-disk.ts';
import { type FsFault, probe, watch } from '../support/fs-probe.ts';

vi.mock('node:fs/promises', async (original) => {
  const { probed } = await import('../support/fs-probe.ts');
  return probed(await original<typeof fs>());
});

const base = realpathSync(mkdtempSync(join(tmpdir(), 'opaline-log-faults-')));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let copies = 0;
const fresh = (): string => join(base, String(copies++));

/** Subjects of whom some have a key already, and some have none. */
const batch = (count: number, from: number): LogEntry[] =>
  Array.from({ length: count }, (_, i) => entryOf(from + i, `subject-${(from + i) % 5}`));

interface Step {
  readonly name: string;
  /** Entries before. */
  readonly size: number;
  readonly run: (log: AuditLog) => Promise<unknown>;
  /** Entries after. */
  readonly next: number;
}

/** Appends within a tile, up to its end, beyond it, over several, and what is no append. */
const STEPS: readonly Step[] = [
  { name: 'the first entry', size: 0, run: (log) => log.append(batch(1, 0)), next: 1 },
  { name: 'an entry', size: 7, run: (log) => log.append(batch(1, 7)), next: 8 },
  {
    name: 'entries up to a full tile',
    size: 254,
    run: (log) => log.append(batch(2, 254)),
    next: 256,
  },
  { name: 'entries beyond a tile', size: 254, run: (log) => log.append(batch(4, 254)), next: 258 },
  {
    name: 'entries of several tiles',
    size: 254,
    run: (log) => log.append(batch(600, 254)),
    next: 854,
  },
  { name: 'shredding', size: 254, run: (log) => log.shred('subject-2'), next: 254 },
];

const origins = new Map<number, string>();
afterAll(() => (probe.quick = false));
beforeAll(async () => {
  // What is on the disk and what is not is kept account of by DurableDisk.
  probe.quick = true;
  for (const size of new Set(STEPS.map((step) => step.size))) {
    const path = fresh();
    const log = await AuditLog.create(path, ORIGIN, SECRETS);
    if (size > 0) await log.append(batch(size, 0));
    origins.set(size, path);
  }
});

/** Run a step on a copy, with one call failing. @returns where, how it ended, and what calls there were */
async function attempt(
  step: Step,
  fault: FsFault | undefined,
): Promise<{ path: string; failed: boolean; calls: number; disk: DurableDisk; log: AuditLog }> {
  const path = copyFolder(origins.get(step.size)!, fresh());
  const log = await AuditLog.open(path, SECRETS);
  const disk = new DurableDisk(path);
  watch(path, fault);
  probe.after = (call) => disk.note(call);
  const failed = await step.run(log).then(
    () => false,
    (error: unknown) => {
      expect(error).toMatchObject({ code: expect.stringMatching(/^STORE_(IO|FULL)$/) as string });
      return true;
    },
  );
  const calls = probe.calls.length;
  watch(undefined);
  return { path, failed, calls, disk, log };
}

/** What is left is the old log or the new one, whole, and goes on from there. */
async function judge(step: Step, path: string, failed: boolean, told: string): Promise<void> {
  expect(await problemsOf(LogFiles.of(path)), told).toEqual([]);
  const log = await AuditLog.open(path, SECRETS);
  const { size } = log.head;
  expect(failed ? [step.size, step.next] : [step.next], told).toContain(size);
  const [{ proof } = { proof: undefined }] = await log.append(batch(1, 5000));
  expect(proof?.index, told).toBe(size);
  if (step.name === 'shredding') await step.run(log);
  const files = LogFiles.of(path);
  // Nothing is left of what was interrupted.
  const head = { where: 'head', head: log.head };
  const { verifyLog } = await import('../../src/audit/verify/verify-log.ts');
  const { LOG_KEY } = await import('../support/audit-logs.ts');
  const { sealingKeys } = await import('../../src/audit/subject-keys.ts');
  const { findings, details } = await verifyLog(files, {
    key: LOG_KEY,
    heads: [head],
    sealing: sealingKeys(SECRETS.sealing),
  });
  const odd = findings.filter(({ where }) => !/^writer\.lock/.test(where));
  expect(odd, told).toEqual([]);
  if (step.name !== 'shredding') expect(details.absent + details.sealed, told).toBe(0);
  rmSync(path, { recursive: true });
}

describe.each(STEPS)('$name', (step) => {
  const faults = [
    { effect: 'lost', code: 'EIO' },
    { effect: 'kept', code: 'EIO' },
    { effect: 'lost', code: 'ENOSPC' },
  ] as const;

  test.each(faults)(
    'survives a failure of each call, $effect with $code, and goes on',
    async (fault) => {
      for (let at = 1; ; at++) {
        const { path, failed, calls, log } = await attempt(step, { at, ...fault });
        if (calls < at) {
          expect(at).toBeGreaterThan(8);
          break;
        }
        // The same process goes on: its memory is not wrong about the disk.
        const [again] = await log.append(batch(1, 9000));
        expect([step.size, step.next]).toContain(again!.proof.index);
        const grown = { ...step, size: again!.proof.index + 1, next: again!.proof.index + 1 };
        await judge(grown, path, failed, `call ${at}`);
      }
    },
  );

  test.each(['lost', 'kept'] as const)(
    'survives the death of the process at each call, %s',
    async (effect) => {
      for (let at = 1; ; at++) {
        const { path, failed, calls } = await attempt(step, {
          at,
          effect,
          code: 'EIO',
          crash: true,
        });
        if (calls < at) break;
        await judge(step, path, failed, `call ${at}`);
      }
    },
  );

  test('survives a power failure after each call, which leaves what was synced', async () => {
    for (let at = 1; ; at++) {
      const fault = { at, effect: 'kept', code: 'EIO', crash: true } as const;
      const { failed, calls, disk, path } = await attempt(step, fault);
      rmSync(path, { recursive: true });
      const left = fresh();
      disk.restore(left);
      await judge(step, left, failed || calls >= at, `after call ${at}`);
      if (calls < at) break;
    }
  });
});

test('the disk that a power failure leaves does lose what is not synced', async () => {
  const { promises } = await import('node:fs');
  const { writeFile, rename, open } = promises;
  const folder = copyFolder(origins.get(0)!, fresh());
  const disk = new DurableDisk(folder);
  const file = join(folder, 'aside');
  await writeFile(file, 'content');
  const left = (): LogFiles => {
    const to = fresh();
    disk.restore(to);
    return LogFiles.of(to);
  };
  disk.note({ op: 'write', path: file });
  expect(left().has('aside')).toBe(false);
  disk.note({ op: 'sync', path: folder });
  expect(left().get('aside')).toEqual(new Uint8Array(0));
  disk.note({ op: 'sync', path: file });
  await rename(file, join(folder, 'name'));
  expect([...left().keys()]).toContain('aside');
  await (await open(folder)).close();
  disk.note({ op: 'sync', path: folder });
  expect(new TextDecoder().decode(left().get('name'))).toBe('content');
  expect(left().has('aside')).toBe(false);
});
