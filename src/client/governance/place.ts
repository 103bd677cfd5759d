import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { lockFile } from '../../store/backends/file-lock.ts';
import { GOVERNANCE } from './file-names.ts';

/** Another command writes in milliseconds, an import of consents in seconds. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

/** Where a vault's governance lies. */
export function governancePlace(vault: string): string {
  return join(vault, GOVERNANCE);
}

/**
 * Whether a vault has a policy, or had one: then nothing is answered but through its gate.
 * @throws STORE_IO where that cannot be told, which is no permission
 */
export async function isGoverned(vault: string): Promise<boolean> {
  try {
    await stat(governancePlace(vault));
    return true;
  } catch (error) {
    const reason = systemCode(error);
    if (reason === 'ENOENT') return false;
    throw new OpalineError('STORE_IO', { operation: 'looking for the vault’s policy', reason });
  }
}

/**
 * Excludes other writers of a vault's governance; waits for one that is at work. It is not the vault's own lock:
 * consent can be withdrawn while a table is written.
 * @throws VAULT_LOCKED when the other one does not end
 */
export async function lockGovernance(place: string): Promise<AsyncDisposable> {
  return await lockWithin(join(place, 'writer.lock'), place, PATIENCE_MS);
}

/** Excludes a second gate on one vault, at once: it would count uses that it does not see. @throws VAULT_LOCKED */
export async function lockGate(place: string): Promise<AsyncDisposable> {
  return await lockWithin(join(place, 'gate.lock'), place, 0);
}

async function lockWithin(file: string, place: string, ms: number): Promise<AsyncDisposable> {
  const until = Date.now() + ms;
  for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await lockFile(file, {
        operation: 'locking the vault’s governance',
        held: (process) => new OpalineError('VAULT_LOCKED', { path: place, process }),
      });
    } catch (error) {
      if (!isOpalineError(error, 'VAULT_LOCKED') || Date.now() >= until) throw error;
      await delay(pause);
    }
  }
}
