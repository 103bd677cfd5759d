import type { Command } from 'commander';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { countText } from '../output/quantity.ts';
import { startProgress } from '../progress.ts';
import { notice } from '../report.ts';
import { addVaultOptions, collect, openVaultFor, type VaultOptions } from './vault-command.ts';

interface DeleteFlags extends VaultOptions {
  readonly param?: readonly string[];
  readonly erase?: true;
}

export function addDelete(program: Command, signal: AbortSignal): void {
  const command = program
    .command('delete')
    .description('delete rows, or erase them for good')
    .argument('<vault>', 'the vault’s folder')
    .argument('<sql>', 'DELETE FROM table WHERE …; $1, $2, … are parameters')
    .option('--param <value>', 'the next parameter, in order (repeatable)', collect)
    .option(
      '--erase',
      'rewrite now what holds deleted rows, these and earlier ones, and destroy the keys to it',
    );
  addVaultOptions(command).action((path: string, sql: string, flags: DeleteFlags) =>
    remove(path, sql, flags, signal),
  );
}

async function remove(
  path: string,
  sql: string,
  flags: DeleteFlags,
  signal: AbortSignal,
): Promise<void> {
  await using vault = await openVaultFor(path, flags, signal);
  const progress = await startProgress(flags.erase ? 'erasing' : 'deleting', 'segments');
  const { table, rows, erased, epoch } = await vault
    .delete(sql, flags.param ?? [], {
      signal,
      erase: flags.erase ?? false,
      onProgress: (done, total) => progress.update(done, total),
    })
    .finally(() => progress.stop());
  if (erased) {
    notice(
      'Backups of this vault made before now can no longer open the table: make a new one, and ' +
        'destroy the old ones, which still hold the old keys.',
    );
  }
  const verb = erased ? 'erased' : 'deleted';
  await print(`${oneLine(table)}: ${countText(rows, 'row')} ${verb}, epoch ${epoch}\n`);
}
