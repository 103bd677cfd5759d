import type { Command } from 'commander';
import type { OpenOptions, Vault } from '../../client/api.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { readPassphrase, type PassphraseOptions } from '../passphrase.ts';

export interface VaultOptions extends PassphraseOptions {
  readonly store?: string;
}

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

/** The options of every command that opens a vault. */
export function addVaultOptions(command: Command): Command {
  return command
    .option('--store <store>', 'use this store (folder or http://…) once, instead of the saved one')
    .option('--passphrase-file <file>', 'read the passphrase from a file');
}

/** Asks for the passphrase and opens the vault. What opening needs is loaded only now: --help is quick. */
export async function openVaultFor(
  path: string,
  options: VaultOptions,
  signal: AbortSignal,
): Promise<Vault> {
  const open = await openOptionsFor(path, options, signal);
  const { openVault } = await import('../../client/open-vault.ts');
  return openVault(path, open);
}

/** What a command line says of how to open a vault; asks for the passphrase. */
export async function openOptionsFor(
  path: string,
  options: VaultOptions,
  signal: AbortSignal,
): Promise<OpenOptions> {
  if (ADDRESS.test(path))
    throw new OpalineError('NOT_YET_AVAILABLE', { feature: 'a gate over HTTP' });
  const passphrase = await readPassphrase(options, signal);
  const { store } = options;
  const storeToken = storeTokenFromEnvironment();
  return {
    passphrase,
    ...(store === undefined ? {} : { store }),
    ...(storeToken === undefined ? {} : { storeToken }),
  };
}

/** OPALINE_STORE_TOKEN: the bearer token of a remote store. */
export function storeTokenFromEnvironment(): string | undefined {
  return process.env['OPALINE_STORE_TOKEN'];
}

/** A commander collector for an option that may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
