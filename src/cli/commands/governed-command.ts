import { readFile } from 'node:fs/promises';
import type { VaultGovernance } from '../../client/governance/governed-vault.ts';
import type { LocalVault } from '../../client/vault.ts';
import type { NoteSigner } from '../../bytes/note-signer.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { openOptionsFor, type VaultOptions } from './vault-command.ts';

const DAY_MS = 86_400_000;

/** Opens a vault for its owner's commands. */
export async function openOwned(
  path: string,
  options: VaultOptions,
  signal: AbortSignal,
): Promise<LocalVault> {
  const open = await openOptionsFor(path, options, signal);
  const { openLocalVault } = await import('../../client/open-vault.ts');
  return await openLocalVault(path, open);
}

/** Runs something on the governance of a vault. */
export async function withGovernance<T>(
  path: string,
  options: VaultOptions,
  signal: AbortSignal,
  run: (governance: VaultGovernance) => Promise<T>,
): Promise<T> {
  await using vault = await openOwned(path, options, signal);
  return await run(await vault.governance());
}

/** A signer's key out of its file. @throws INPUT_NOT_FOUND, BYTES_INVALID */
export async function readSigner(file: string): Promise<NoteSigner> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new OpalineError('INPUT_NOT_FOUND', { path: file });
  });
  const { parseSigner } = await import('../../bytes/note-signer.ts');
  return parseSigner(text.replace(/\n$/, ''));
}

/** When something ends that lasts so many days from now; null: never. */
export function expiryOf(days: number | undefined): number | null {
  return days === undefined ? null : Date.now() + days * DAY_MS;
}

/** A time for a person. */
export function timeText(time: number | null): string {
  return time === null ? 'never' : new Date(time).toISOString();
}
