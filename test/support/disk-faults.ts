import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { VAULT_FILES } from '../../src/client/local/vault-files.ts';
import { SPEEDS_FILE } from '../../src/client/local/speeds-file.ts';
import type { Disk } from './disk.ts';
import { type FsFault, probe, watch } from './fs-probe.ts';
import { attempt, judge } from './survival.ts';
import type { Operation } from './write-operations.ts';

/**
 * Each call in turn that an operation makes to change the folder `vault` or `store` fails as told, and
 * is survived. The test must have mocked node:fs/promises with fs-probe.ts.
 * @returns how many calls failed
 */
export async function surviveDisk(
  disk: Disk,
  operation: Operation,
  where: 'vault' | 'store',
  { effect, code }: Omit<FsFault, 'at'>,
): Promise<number> {
  for (let at = 1; ; at++) {
    const trial = await disk.trial(operation.start);
    watch(join(trial.folder, where), { at, effect, code });
    const error = await attempt(trial, operation);
    const call = probe.calls[at - 1];
    watch(undefined);
    if (call === undefined) return at - 1;
    const told = `call ${at}, ${call.op}, of the ${where}`;
    if (error !== undefined) {
      const full = where === 'store' && code === 'ENOSPC';
      expect(error, told).toMatchObject({ code: full ? 'STORE_FULL' : 'STORE_IO' });
    }
    // An erasure has its end only after its publication: with the old key.
    await judge(trial, operation, error, where === 'vault' && operation.idempotent);
    // What this process could not remove beside its lock stays until it ends.
    const passing = (name: string): boolean =>
      name.startsWith('writer.lock.') || name === SPEEDS_FILE;
    const files = readdirSync(trial.vault).filter((name) => !passing(name));
    expect(files.toSorted(), told).toEqual([...VAULT_FILES]);
  }
}
