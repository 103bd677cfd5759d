import type { Command } from 'commander';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { notice } from '../report.ts';
import { readPassphrase, type PassphraseOptions } from '../passphrase.ts';

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description(
      'copy the vault’s keys and policy, sealed, into one file; the ciphertexts stay in the store',
    )
    .argument('<vault>', 'the vault’s folder')
    .argument('<file>', 'the file to write')
    .action(backup);
}

export function addRestore(program: Command, signal: AbortSignal): void {
  program
    .command('restore')
    .description('make a vault of a backup')
    .argument('<vault>', 'a folder that does not exist yet, or is empty')
    .argument('<file>', 'the backup')
    .option('--passphrase-file <file>', 'read the passphrase from a file')
    .action((path: string, file: string, flags: PassphraseOptions) =>
      restore(path, file, flags, signal),
    );
}

async function backup(path: string, file: string): Promise<void> {
  const { backupVault } = await import('../../client/local/backup.ts');
  await backupVault(path, file);
  await print(
    `${oneLine(file)}: it opens with the passphrase of now. Make a new one after ` +
      'each new table, each erasure and each rotation.\n',
  );
}

async function restore(
  path: string,
  file: string,
  flags: PassphraseOptions,
  signal: AbortSignal,
): Promise<void> {
  const passphrase = await readPassphrase(flags, signal);
  const { restoreVault } = await import('../../client/local/backup.ts');
  await restoreVault(path, file, passphrase);
  await print(`vault ${oneLine(path)} restored from ${oneLine(file)}\n`);
  const { isGoverned } = await import('../../client/governance/place.ts');
  if (!(await isGoverned(path))) return;
  notice(
    'Consents, principals, quotas and the log are those of the backup: withdraw and revoke again what was since.',
  );
}
