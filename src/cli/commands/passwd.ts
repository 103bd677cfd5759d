import type { Command } from 'commander';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { readNewPassphrase, readPassphrase, type PassphraseOptions } from '../passphrase.ts';

interface PasswdFlags extends PassphraseOptions {
  readonly newPassphraseFile?: string;
}

export function addPasswd(program: Command, signal: AbortSignal): void {
  program
    .command('passwd')
    .description('change the passphrase')
    .argument('<vault>', 'the vault’s folder')
    .option('--passphrase-file <file>', 'read the present passphrase from a file')
    .option('--new-passphrase-file <file>', 'read the new one from a file')
    .action((path: string, flags: PasswdFlags) => passwd(path, flags, signal));
}

async function passwd(path: string, flags: PasswdFlags, signal: AbortSignal): Promise<void> {
  const present = await readPassphrase(flags, signal);
  const next = await readNewPassphrase(flags, signal);
  const { changePassphrase } = await import('../../client/local/change-passphrase.ts');
  await changePassphrase(path, present, next);
  await print(
    `${oneLine(path)}: the passphrase is changed; copies made before open with the old one\n`,
  );
}
