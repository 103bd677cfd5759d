import { Option, type Command } from 'commander';
import { print } from '../output/print.ts';
import { addVaultOptions, openVaultFor, type VaultOptions } from './vault-command.ts';

interface TablesFlags extends VaultOptions {
  readonly format: 'table' | 'json';
}

export function addTables(program: Command, signal: AbortSignal): void {
  const command = program
    .command('tables')
    .description('list the tables: rows, segments, columns, bytes per row')
    .argument('<vault>', 'the vault’s folder')
    .addOption(new Option('--format <format>').choices(['table', 'json']).default('table'));
  addVaultOptions(command).action((path: string, flags: TablesFlags) =>
    tables(path, flags, signal),
  );
}

async function tables(path: string, flags: TablesFlags, signal: AbortSignal): Promise<void> {
  await using vault = await openVaultFor(path, flags, signal);
  const infos = await vault.tables();
  if (flags.format === 'json') {
    const { schemaToJson } = await import('../../table/schema-json.ts');
    for (const info of infos) {
      await print(`${JSON.stringify({ ...info, schema: schemaToJson(info.schema) })}\n`);
    }
    return;
  }
  const { tablesText } = await import('../output/tables-text.ts');
  await print(tablesText(infos));
}
