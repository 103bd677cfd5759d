import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { AuditLog, type LogEntry } from '../../src/audit/file/audit-log.ts';
import { entryOf, LogFiles, ORIGIN, problemsOf, SECRETS, verify } from './audit-logs.ts';
import { copyFolder, DurableDisk } from './durable-disk.ts';
import { type FsFault, probe, watch } from './fs-probe.ts';

/** Something done to a log. */
export interface LogStep {
  readonly name: string;
  /** Entries before. */
  readonly size: number;
  readonly run: (log: AuditLog) => Promise<unknown>;
  /** Entries after. */
  readonly next: number;
}

/** Entries about subjects of whom some have a key already, and some have none. */
const batch = (count: number, from: number): LogEntry[] =>
  Array.from({ length: count }, (_, i) => entryOf(from + i, `subject-${(from + i) % 5}`));

const append = (name: string, size: number, count: number): LogStep => ({
  name,
  size,
  run: (log) => log.append(batch(count, size)),
  next: size + count,
});

export const LOG_STEPS: readonly LogStep[] = [
  append('the first entry', 0, 1),
  append('a few entries', 7, 3),
  append('entries up to a full tile', 254, 2),
  append('entries beyond a tile', 254, 4),
  append('entries of several tiles', 254, 600),
  { name: 'shredding', size: 7, run: (log) => log.shred('subject-2'), next: 7 },
];

/** Folders whose new names reach the disk unasked. Never those without the rest of what a checkpoint needs. */
const LUCK: readonly (readonly [string, RegExp])[] = [
  ['what was synced is left', /^(?!)/],
  ['tiles are left too', /^tile(\/[0-9].*)?$/],
  ['entries and details are left too', /^(tile\/entries.*|details|keys)$/],
];

/**
 * Lets calls of the file system fail while something is done to copies of logs. The test must have mocked
 * node:fs/promises with fs-probe.ts. What is on the disk and what is not is kept account of by DurableDisk, so that
 * nothing is really synced.
 */
export class LogFaults implements Disposable {
  private readonly base = realpathSync(mkdtempSync(join(tmpdir(), 'opaline-log-faults-')));
  private readonly origins = new Map<number, string>();
  private copies = 0;

  constructor() {
    probe.quick = true;
  }

  [Symbol.dispose](): void {
    probe.quick = false;
    rmSync(this.base, { recursive: true, force: true });
  }

  /** Each call fails in turn, and the same process goes on. @returns how many there are */
  async failEach(step: LogStep, fault: Omit<FsFault, 'at'>): Promise<number> {
    for (let at = 1; ; at++) {
      const { path, calls, log } = await this.attempt(step, { at, ...fault });
      if (calls < at) return calls;
      // The memory of this process is not wrong about the disk.
      const [again] = await log.append(batch(1, 9000));
      const index = again!.proof.index;
      expect([step.size, step.next], `call ${at}`).toContain(index);
      await this.judge({ ...step, size: index + 1, next: index + 1 }, path, true, `call ${at}`);
    }
  }

  /**
   * The process dies at each call in turn, after it took effect; once with the machine going on, and with a
   * power failure, which leaves what was synced and more or less of the rest. @returns how many calls there are
   */
  async dieAtEach(step: LogStep): Promise<number> {
    for (let at = 1; ; at++) {
      const fault = { at, effect: 'kept', code: 'EIO', crash: true } as const;
      const { path, failed, calls, disk } = await this.attempt(step, fault);
      for (const [name, lucky] of LUCK) {
        const left = this.fresh();
        disk.restore(left, (folder) => lucky.test(folder));
        await this.judge(step, left, failed, `power failure, ${name}, after call ${at}`);
      }
      await this.judge(step, path, failed, `death after call ${at}`);
      if (calls < at) return calls;
    }
  }

  private fresh(): string {
    return join(this.base, String(this.copies++));
  }

  private async origin(size: number): Promise<string> {
    const known = this.origins.get(size);
    if (known !== undefined) return known;
    const path = this.fresh();
    const log = await AuditLog.create(path, ORIGIN, SECRETS);
    if (size > 0) await log.append(batch(size, 0));
    this.origins.set(size, path);
    return path;
  }

  private async attempt(
    step: LogStep,
    fault: FsFault,
  ): Promise<{ path: string; failed: boolean; calls: number; disk: DurableDisk; log: AuditLog }> {
    const path = copyFolder(await this.origin(step.size), this.fresh());
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
  private async judge(step: LogStep, path: string, failed: boolean, told: string): Promise<void> {
    expect(await problemsOf(LogFiles.of(path)), told).toEqual([]);
    const log = await AuditLog.open(path, SECRETS);
    const { size } = log.head;
    expect(failed ? [step.size, step.next] : [step.next], told).toContain(size);
    const [again] = await log.append(batch(1, 5000));
    expect(again!.proof.index, told).toBe(size);
    const shredding = step.name === 'shredding';
    if (shredding) await step.run(log);
    // Nothing is left of what was interrupted, and nothing is lost but what was shredded.
    const after = { heads: [{ where: 'head', head: log.head }] };
    const { findings, details } = await verify(LogFiles.of(path), after);
    expect(findings, told).toEqual([]);
    expect(details.sealed, told).toBe(0);
    expect(details.absent > 0, told).toBe(shredding);
    rmSync(path, { recursive: true });
  }
}
