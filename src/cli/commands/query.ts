import { Option, type Command } from 'commander';
import type { QueryResult, Vault } from '../../client/api.ts';
import { OpalineError, isOpalineError } from '../../errors/opaline-error.ts';
import { type Format, FORMATS, resultText } from '../output/result-text.ts';
import { print } from '../output/print.ts';
import { countText } from '../output/quantity.ts';
import { errorJson, resultJson } from '../output/result-json.ts';
import { startProgress } from '../progress.ts';
import { notice } from '../report.ts';
import { isGateAddress } from './gate-address.ts';
import { OWNER_MODE, statsText } from './owner-mode.ts';
import { readInput } from './read-input.ts';
import { addVaultOptions, collect, openVaultFor, type VaultOptions } from './vault-command.ts';

interface QueryFlags extends VaultOptions {
  readonly param?: readonly string[];
  readonly file?: string;
  readonly format?: Format;
  readonly purpose?: string;
  readonly verified?: boolean;
}

export function addQuery(program: Command, signal: AbortSignal): void {
  const command = program
    .command('query')
    .description('answer SQL')
    .argument('<vault>', 'the vault’s folder, or http(s)://host:port of a gate')
    .argument('[sql]', 'one statement; $1, $2, … are parameters')
    .option('--param <value>', 'the next parameter, in order (repeatable)', collect)
    .option('--purpose <name>', 'of a gate’s policy: what the answer is for')
    .option('--verified', 'refuse an answer of the store that does not verify')
    .option('--file <file>', 'statements separated by ";" (- is stdin), one JSON line each')
    .addOption(
      new Option('--format <format>', 'default: table; with --file: json').choices(FORMATS),
    );
  addVaultOptions(command).action((path: string, sql: string | undefined, flags: QueryFlags) => {
    checkUsage(sql, flags);
    if (isGateAddress(path)) return askGateFor(path, sql, flags, signal);
    return flags.file === undefined
      ? queryOne(path, sql ?? '', flags, signal)
      : queryFile(path, flags.file, flags, signal);
  });
}

function checkUsage(sql: string | undefined, { file, param, format }: QueryFlags): void {
  const fail = (reason: string): never => {
    throw new OpalineError('USAGE', { reason });
  };
  if (sql === undefined && file === undefined) fail('give a statement, or --file');
  if (file === undefined) return;
  if (sql !== undefined) fail('give a statement or --file, not both');
  if (param !== undefined) fail('--param goes with one statement, not with --file');
  if (format !== undefined && format !== 'json') fail('--file answers in JSON lines only');
}

async function queryOne(
  path: string,
  sql: string,
  flags: QueryFlags,
  signal: AbortSignal,
): Promise<void> {
  await using vault = await openVaultFor(path, flags, signal);
  const result = await answer(vault, sql, flags.param ?? [], flags, signal);
  notice(OWNER_MODE);
  await print(await resultText(result, flags.format ?? 'table'));
  if (process.stderr.isTTY) notice(summary(result));
}

/** The notice comes with the first answer, so that a refused run leaves its one line alone on stderr. */
async function queryFile(
  path: string,
  file: string,
  flags: QueryFlags,
  signal: AbortSignal,
): Promise<void> {
  const statements = await statementsOf(await readInput(file));
  await using vault = await openVaultFor(path, flags, signal);
  let noticed = false;
  for (const statement of statements) {
    try {
      const result = await answer(vault, statement, [], flags, signal);
      if (!noticed) notice(OWNER_MODE);
      noticed = true;
      await print(`${resultJson(result)}\n`);
    } catch (error) {
      if (isOpalineError(error, 'OUTPUT_FAILED')) throw error;
      process.exitCode = 1;
      await print(`${errorJson(error)}\n`);
      if (signal.aborted) throw error;
    }
  }
}

async function statementsOf(text: string): Promise<readonly string[]> {
  const { splitStatements } = await import('../../plan/sql/split.ts');
  return splitStatements(text);
}

async function answer(
  vault: Vault,
  sql: string,
  parameters: readonly string[],
  { verified = false }: QueryFlags,
  signal: AbortSignal,
): Promise<QueryResult> {
  const progress = await startProgress('computing', 'segments');
  const onProgress = (done: number, total: number): void => progress.update(done, total);
  return vault
    .query(sql, parameters, { signal, onProgress, verified })
    .finally(() => progress.stop());
}

export function summary({ rows, stats }: QueryResult): string {
  return `${countText(rows.length, 'row')}, ${statsText(stats)}`;
}

/** One statement, of a gate. */
async function askGateFor(
  address: string,
  sql: string | undefined,
  { purpose, param = [], format = 'table' }: QueryFlags,
  signal: AbortSignal,
): Promise<void> {
  if (sql === undefined) {
    throw new OpalineError('USAGE', { reason: 'a gate is asked one statement at a time' });
  }
  const { queryGate } = await import('./query-gate.ts');
  await queryGate({ address, sql, purpose, parameters: param, format }, signal);
}
