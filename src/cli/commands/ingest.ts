import { Option, type Command } from 'commander';
import type { IngestOptions } from '../../client/api.ts';
import type { Schema } from '../../table/schema.ts';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { byteText, countText } from '../output/quantity.ts';
import { startProgress } from '../progress.ts';
import { addVaultOptions, openVaultFor, type VaultOptions } from './vault-command.ts';

type InputFormat = 'csv' | 'ndjson' | 'parquet';

interface IngestFlags extends VaultOptions {
  readonly table?: string;
  readonly append?: true;
  readonly schema?: string;
  readonly trustSchema?: true;
  readonly printSchema?: true;
  readonly inputFormat?: InputFormat;
}

export function addIngest(program: Command, signal: AbortSignal): void {
  const command = program
    .command('ingest')
    .description('encrypt a CSV, NDJSON or Parquet file into a table')
    .argument('<vault>', 'the vault’s folder')
    .argument('<file>', 'the file to read')
    .option('--table <name>', 'name of the table (default: from the schema or the file’s name)')
    .option('--append', 'add the rows to a table that exists')
    .option('--schema <file>', 'column types, ranges and pairs (.json, or .ts with --trust-schema)')
    .option('--trust-schema', 'run a schema that is a program')
    .option('--print-schema', 'print the schema that would be used, and store nothing')
    .addOption(
      new Option('--input-format <format>', 'format of the file (default: by its name)').choices([
        'csv',
        'ndjson',
        'parquet',
      ]),
    );
  addVaultOptions(command).action((vault: string, file: string, flags: IngestFlags) =>
    flags.printSchema === true
      ? printSchema(file, flags, signal)
      : ingest(vault, file, flags, signal),
  );
}

async function ingest(
  path: string,
  file: string,
  flags: IngestFlags,
  signal: AbortSignal,
): Promise<void> {
  const { table, inputFormat } = flags;
  const schema = await givenSchema(flags);
  await using vault = await openVaultFor(path, flags, signal);
  const progress = await startProgress('encrypting', 'rows');
  const options: IngestOptions = {
    signal,
    append: flags.append ?? false,
    onProgress: (rows, share) =>
      progress.update(rows, share === undefined || share === 0 ? undefined : rows / share),
  };
  const report = await vault
    .ingestFile(file, {
      ...options,
      ...(table === undefined ? {} : { table }),
      ...(schema === undefined ? {} : { schema }),
      ...(inputFormat === undefined ? {} : { format: inputFormat }),
    })
    .finally(() => progress.stop());
  await print(
    `${oneLine(report.table)}: ${countText(report.rows, 'row')} ` +
      (report.segments === 0
        ? 'kept as records (few enough)'
        : `in ${countText(report.segments, 'segment')}`) +
      `, epoch ${report.epoch}, ` +
      `${byteText(report.bytesUp)} up, ${(report.ms / 1000).toFixed(1)} s\n`,
  );
}

/** The schema of --schema, under the name of --table where both are given. */
async function givenSchema({
  schema,
  table,
  trustSchema,
}: IngestFlags): Promise<Schema | undefined> {
  if (schema === undefined) return undefined;
  const { loadSchemaFile } = await import('../../client/ingest/schema-file.ts');
  const loaded = await loadSchemaFile(schema, { trust: trustSchema ?? false });
  if (table === undefined) return loaded;
  const { parseSchema, schemaToJson } = await import('../../table/schema-json.ts');
  return parseSchema({ ...(schemaToJson(loaded) as object), table });
}

async function printSchema(file: string, flags: IngestFlags, signal: AbortSignal): Promise<void> {
  const { schemaToJson } = await import('../../table/schema-json.ts');
  const schema = (await givenSchema(flags)) ?? (await inferredSchema(file, flags, signal));
  await print(`${JSON.stringify(schemaToJson(schema), undefined, 2)}\n`);
}

async function inferredSchema(
  file: string,
  { table, inputFormat }: IngestFlags,
  signal: AbortSignal,
): Promise<Schema> {
  const { inferSchema, openSource } = await import('../../client/ingest/file.ts');
  return inferSchema(await openSource(file, inputFormat), { table, signal });
}
