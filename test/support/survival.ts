import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createFolder, openFolder } from '../../src/client/local/vault-folder.ts';
import type { Vault } from '../../src/client/api.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { OpalineError } from '../../src/errors/opaline-error.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { type Calls, type Fault, FaultyBackend } from './faulty-backend.ts';
import { PASSPHRASE } from './vaults.ts';
import {
  answers,
  begin,
  cheapen,
  expected,
  type Operation,
  rowsOf,
  type Start,
  STARTS,
} from './write-operations.ts';

export const storeFull = (): OpalineError => new OpalineError('STORE_FULL', { store: 'memory' });
export const storeBroken = (): OpalineError =>
  new OpalineError('STORE_IO', { operation: 'a call', reason: 'EIO' });

/** A copy of a vault and its store. */
export interface Trial {
  readonly store: {
    /** Parts that no head names. */
    orphans(): Promise<readonly string[]>;
    readonly violations?: readonly string[];
  };
  /** The vault opened anew, as another process would. */
  open(): Promise<Vault>;
}

/** Vaults with a table to begin with, of which every trial gets a copy. */
export class Beginnings implements Disposable {
  private readonly base = mkdtempSync(join(tmpdir(), 'opaline-faults-'));
  private readonly starts = new Map<Start, FaultyBackend>();
  private copies = 0;

  static async make(): Promise<Beginnings> {
    const made = new Beginnings();
    for (const start of Object.keys(STARTS) as Start[]) {
      const folder = await createFolder(
        join(made.base, start),
        'memory',
        PASSPHRASE,
        '',
        LEAST_COST,
      );
      await cheapen(folder.path);
      const backend = new FaultyBackend();
      await using vault = new LocalVault(folder, new EmbeddedLink(backend), 0);
      await begin(vault, start);
      made.starts.set(start, backend);
    }
    return made;
  }

  private async trial(start: Start): Promise<{ trial: Trial; backend: FaultyBackend }> {
    const path = join(this.base, `copy-${this.copies++}`);
    cpSync(join(this.base, start), path, { recursive: true });
    const backend = await this.starts.get(start)!.copy();
    const open = async (): Promise<Vault> =>
      new LocalVault(await openFolder(path, PASSPHRASE), new EmbeddedLink(backend), 0);
    return { trial: { store: backend, open }, backend };
  }

  /** How many calls of each kind the operation makes where nothing fails. */
  async callsOf(operation: Operation): Promise<Calls> {
    const { trial, backend } = await this.trial(operation.start);
    backend.plan(undefined);
    expect(await attempt(trial, operation)).toBeUndefined();
    const calls = { ...backend.calls };
    expect(calls.mutation).toBeGreaterThan(1);
    expect(calls.read).toBeGreaterThan(1);
    expect(backend.violations).toEqual([]);
    return calls;
  }

  /** The operation, with the store failing as told, is survived. */
  async survive(operation: Operation, fault: Fault): Promise<void> {
    const { trial, backend } = await this.trial(operation.start);
    backend.plan(fault);
    const error = await attempt(trial, operation);
    backend.plan(undefined);
    if (error !== undefined) expect(error).toMatchObject({ code: fault.error().code });
    // A store that is gone cannot say whether it published: only then is a failure told of success.
    await judge(trial, operation, error, fault.lasting === true);
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** What the operation rejects with; undefined when it resolves. */
export async function attempt({ open }: Trial, operation: Operation): Promise<unknown> {
  await using vault = await open();
  return await operation.run(vault).then(
    () => undefined,
    (error: unknown) => error ?? 'nothing',
  );
}

/**
 * Whether what an operation that failed left behind is the old table or the new one, whether what it
 * said about it is true (a caller who is told of a failure tries again), whether it can be done then, and
 * whether a repair tidies up.
 */
export async function judge(
  { store, open }: Trial,
  operation: Operation,
  error: unknown,
  mayBeDone: boolean,
): Promise<void> {
  const { start, after } = operation;
  const old = expected(rowsOf(start), start !== 'nothing');
  const next = expected(after(rowsOf(start)));
  await using vault = await open();
  const found = await answers(vault);
  if (error === undefined) expect(found).toBe(next);
  else expect(mayBeDone ? [old, next] : [old]).toContain(found);
  if (found === old) await operation.run(vault);
  const findings = await vault.check({ deep: true, repair: true });
  expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
  expect(findings.filter(({ text }) => text.includes('unfinished'))).toEqual([]);
  expect(await store.orphans()).toEqual([]);
  expect(await answers(vault)).toBe(next);
  expect(store.violations ?? []).toEqual([]);
}
