import type { Command } from 'commander';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { readPassphrase, type PassphraseOptions } from '../passphrase.ts';
import { notice } from '../report.ts';
import { storeTokenFromEnvironment } from './vault-command.ts';

interface InitOptions extends PassphraseOptions {
  readonly store: string;
}

export function addInit(program: Command, signal: AbortSignal): void {
  program
    .command('init')
    .description('make a vault: keys stay in it, ciphertexts go to the store')
    .argument('<vault>', 'a folder that does not exist yet, or is empty')
    .requiredOption(
      '--store <store>',
      'where ciphertexts and encrypted indexes are kept: a folder, or http://…',
    )
    .option('--passphrase-file <file>', 'read the passphrase from a file')
    .action((path: string, options: InitOptions) => init(path, options, signal));
}

async function init(path: string, options: InitOptions, signal: AbortSignal): Promise<void> {
  const passphrase = await readPassphrase(options, signal, true);
  const { createVault } = await import('../../client/open-vault.ts');
  const storeToken = storeTokenFromEnvironment();
  const vault = await createVault(path, {
    store: options.store,
    passphrase,
    ...(storeToken === undefined ? {} : { storeToken }),
  });
  await vault.close();
  notice(
    `Keep ${path} and its passphrase: they alone open the data. Vault lost = data lost; ` +
      'nobody, the store included, can restore it.',
  );
  await print(`vault ${oneLine(path)}, store ${oneLine(options.store)}\n`);
}
