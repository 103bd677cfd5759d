import { Option, type Command } from 'commander';
import type { TableInfo } from '../../client/api.ts';
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
  await print(await render(await vault.tables(), flags.format));
}

async function render(
  tables: readonly TableInfo[],
  format: TablesFlags['format'],
): Promise<string> {
  if (format === 'json') {
    const { schemaToJson } = await import('../../table/schema-json.ts');
    return tables
      .map((info) => `${JSON.stringify({ ...info, schema: schemaToJson(info.schema) })}\n`)
      .join('');
  }
  const { tablesText } = await import('../output/tables-text.ts');
  return tablesText(tables);
}
