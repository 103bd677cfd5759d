import type { Command } from 'commander';
import type { Schema } from '../../table/schema.ts';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { rotateReportLine } from '../output/rotate-report.ts';
import { startProgress } from '../progress.ts';
import { addVaultOptions, openVaultFor, type VaultOptions } from './vault-command.ts';

interface RotateFlags extends VaultOptions {
  readonly columns?: true;
}

interface ReindexFlags extends VaultOptions {
  readonly schema: string;
  readonly trustSchema?: true;
}

export function addRotate(program: Command, signal: AbortSignal): void {
  const command = program
    .command('rotate')
    .description('replace the keys of every segment; stopped, it goes on where it was')
    .argument('<vault>', 'the vault’s folder')
    .argument('[table]', 'only this table')
    .option('--columns', 'encrypt the ciphertext columns anew too, rows in other places')
    .addHelpText(
      'after',
      '\nIndexes, records and metadata are made anew under new keys; then the key that opens the old\n' +
        'ones is forgotten, so that old copies of the store cannot be read with this vault. Queries are\n' +
        'answered meanwhile. Backups of the vault from before cannot open the tables: make a new one.\n' +
        'Ciphertext columns stay under the ring secret of the vault.\n',
    );
  addVaultOptions(command).action((path: string, table: string | undefined, flags: RotateFlags) =>
    rotate(path, table, flags, signal),
  );
}

export function addReindex(program: Command, signal: AbortSignal): void {
  const command = program
    .command('reindex')
    .description('change a table’s indexes, pairs, groups and layout to those of a schema')
    .argument('<vault>', 'the vault’s folder')
    .requiredOption('--schema <file>', 'the schema to be (.json, or .ts with --trust-schema)')
    .option('--trust-schema', 'run a schema that is a program')
    .addHelpText(
      'after',
      '\nThe table is made anew segment by segment, and queried by its old schema until all are.\n' +
        'Stopped, it goes on where it was. What a schema leaves out is removed in a second pass.\n',
    );
  addVaultOptions(command).action((path: string, flags: ReindexFlags) =>
    reindex(path, flags, signal),
  );
}

async function rotate(
  path: string,
  table: string | undefined,
  flags: RotateFlags,
  signal: AbortSignal,
): Promise<void> {
  await using vault = await openVaultFor(path, flags, signal);
  const progress = await startProgress('rotating', 'rows');
  const reports = await vault
    .rotate(table, {
      signal,
      columns: flags.columns ?? false,
      onProgress: (done, total) => progress.update(done, total),
    })
    .finally(() => progress.stop());
  await print(
    reports.length === 0
      ? 'no tables\n'
      : `${reports.map((report) => rotateReportLine(report, 'under new keys')).join('')}` +
          'Make a new backup of the vault: earlier ones cannot open what was rotated.\n',
  );
}

async function reindex(path: string, flags: ReindexFlags, signal: AbortSignal): Promise<void> {
  const schema = await schemaOf(flags);
  await using vault = await openVaultFor(path, flags, signal);
  const progress = await startProgress('reindexing', 'rows');
  const report = await vault
    .reindex(schema, { signal, onProgress: (done, total) => progress.update(done, total) })
    .finally(() => progress.stop());
  const { segments, resumed, table } = report;
  await print(
    segments === 0 && !resumed
      ? `${oneLine(table)}: as the schema says already\n`
      : rotateReportLine(report, 'made anew'),
  );
}

async function schemaOf({ schema, trustSchema }: ReindexFlags): Promise<Schema> {
  const { loadSchemaFile } = await import('../../client/ingest/schema-file.ts');
  return await loadSchemaFile(schema, { trust: trustSchema ?? false });
}
