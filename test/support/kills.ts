import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { VAULT_FILES } from '../../src/client/local/vault-files.ts';
import { SPEEDS_FILE } from '../../src/client/local/speeds-file.ts';
import { isOpalineError } from '../../src/errors/opaline-error.ts';
import { Child, type Command } from './child-process.ts';
import type { Disk, DiskTrial } from './disk.ts';
import { PASSPHRASE } from './vaults.ts';
import { answers, expected, OPERATIONS, rowsOf, type Operation } from './write-operations.ts';

const NEXT = 'another passphrase';

/** What children are killed at. */
export const KINDS = [
  'the first ingest',
  'an append to the delta',
  'a DELETE',
  'an erasure',
  'a compaction',
  'a change of the passphrase',
] as const;
export type Kind = (typeof KINDS)[number];

/**
 * When a child is killed: so many milliseconds after it was told to begin, or after it has got to what
 * matters most, the publication of a head or the writing of a key file.
 */
export interface Moment {
  readonly since: 'begin' | 'turn';
  readonly ms: number;
}

/** What a child that was killed left behind, as it turned out. */
export interface Outcome {
  readonly kind: Kind;
  /** Told that it was done before the kill, found done, or found as if never begun. */
  readonly found: 'told' | 'new' | 'old';
}

function commandsOf(kind: Kind, folder: string): { operation: Operation; command: Command } {
  const change = kind === 'a change of the passphrase';
  const name = change ? 'an append to the delta' : kind;
  const operation = OPERATIONS.find((one) => one.name === name)!;
  const command: Command = change
    ? { do: 'passphrase', folder, old: PASSPHRASE, next: NEXT }
    : { do: 'operation', name };
  return { operation, command };
}

/** Whether a child has got to the turn of what it does. */
function hasTurned({ folder, vault }: DiskTrial, kind: Kind): boolean {
  if (kind === 'a change of the passphrase') {
    return readdirSync(vault).some((name) => name.startsWith('vault.opal.'));
  }
  const head = kind === 'the first ingest' ? 'head-1' : 'head-3';
  const store = join(folder, 'store');
  return readdirSync(store).some((table) => existsSync(join(store, table, head)));
}

/** Kill a child in the midst of what it does; never where undefined. */
async function run(
  trial: DiskTrial,
  kind: Kind,
  moment: Moment | undefined,
): Promise<{ told: boolean; ms: number }> {
  const { command } = commandsOf(kind, trial.folder);
  await using child = new Child();
  const { folder } = trial;
  expect(await child.tell({ do: 'open', folder })).not.toHaveProperty('error');
  const over = new AbortController();
  const reply = child.tell(command).finally(() => over.abort());
  if (moment !== undefined) {
    if (moment.since === 'turn')
      while (!over.signal.aborted && !hasTurned(trial, kind)) await sleep(0);
    await sleep(moment.ms);
    await child.kill();
  }
  const got = await reply;
  expect(got?.error).toBeUndefined();
  return { told: got !== undefined, ms: got?.ms ?? 0 };
}

/** How long the kind takes a child that is left alone, milliseconds. */
export async function durationOf(disk: Disk, kind: Kind): Promise<number> {
  const { operation } = commandsOf(kind, '');
  const { ms } = await run(await disk.trial(operation.start), kind, undefined);
  return ms;
}

/** Kill a child at it, and look at what it left. */
export async function killAt(disk: Disk, kind: Kind, moment: Moment): Promise<Outcome> {
  const { operation } = commandsOf(kind, '');
  const { start } = operation;
  const trial = await disk.trial(start);
  const { told } = await run(trial, kind, moment);
  const changed =
    kind === 'a change of the passphrase' ? await changedPassphrase(trial) : undefined;

  await using vault = await trial.open(changed === true ? NEXT : PASSPHRASE);
  const old = expected(rowsOf(start), start !== 'nothing');
  const next = expected(operation.after(rowsOf(start)));
  const before = await answers(vault);
  const [info] = await vault.tables();
  expect(changed === undefined ? [old, next] : [old]).toContain(before);
  // A table of either kind is whole.
  const findings = await vault.check({ deep: true });
  expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);

  // The lock of who was killed is in nobody's way. What was not done is done now; what was, not again.
  const done = changed === undefined ? before === next && info !== undefined : false;
  const pending = kind === 'a compaction' ? (info?.deltaRows ?? 0) > 0 : !done;
  if (pending) await operation.run(vault);
  else await vault.compact();
  await vault.check({ repair: true });
  expect(await trial.store.orphans()).toEqual([]);
  expect(await answers(vault)).toBe(next);
  // The measured speeds may be there or not: a query that groups makes them anew.
  const files = readdirSync(trial.vault).filter((name) => name !== SPEEDS_FILE);
  expect(files.toSorted()).toEqual([...VAULT_FILES]);

  const found = (changed ?? !pending) ? 'new' : 'old';
  if (told) expect(found).toBe('new');
  return { kind, found: told ? 'told' : found };
}

/** Whether the vault opens with the next passphrase; it opens with exactly one of the two. */
async function changedPassphrase(trial: DiskTrial): Promise<boolean> {
  const opens = async (passphrase: string): Promise<boolean> => {
    try {
      await using _ = await trial.open(passphrase);
      return true;
    } catch (error) {
      if (isOpalineError(error, 'PASSPHRASE_WRONG')) return false;
      throw error;
    }
  };
  const [old, next] = [await opens(PASSPHRASE), await opens(NEXT)];
  expect(old).not.toBe(next);
  return next;
}

/**
 * Moments of which half are spread evenly over what an operation takes and a little more, and half over
 * the time about its turn: multiples of the golden ratio, of which the seed chooses the first.
 */
export function moments(duration: number, count: number, seed: number): Moment[] {
  const golden = (Math.sqrt(5) - 1) / 2;
  return Array.from({ length: count }, (_, i) => {
    const share = ((seed + i) * golden) % 1;
    return i % 2 === 0
      ? { since: 'begin', ms: 1.2 * share * duration }
      : { since: 'turn', ms: share < 0.4 ? 0 : 30 * (share - 0.4) };
  });
}
