import { styleText } from 'node:util';
import { Option, type Command } from 'commander';
import type { AnovaResult, QueryOptions, RegressResult, Vault } from '../../client/api.ts';
import { print } from '../output/print.ts';
import { startProgress } from '../progress.ts';
import { notice } from '../report.ts';
import { OWNER_MODE, statsText } from './owner-mode.ts';
import { addVaultOptions, collect, openVaultFor, type VaultOptions } from './vault-command.ts';

type Format = 'table' | 'csv' | 'json';

export interface AnalysisFlags extends VaultOptions {
  readonly y: string;
  readonly where?: string;
  readonly param?: readonly string[];
  readonly format: Format;
}

/** The arguments and options that every analysis of a table's rows takes. */
export function addAnalysis(program: Command, name: string, description: string): Command {
  const command = program
    .command(name)
    .description(description)
    .argument('<vault>', 'the vault’s folder')
    .argument('<table>', 'the table')
    .requiredOption('--y <column>', 'the dependent variable');
  return addVaultOptions(command)
    .option('--where <condition>', 'only these rows, as in SQL; $1, $2, … are parameters')
    .option('--param <value>', 'the next parameter, in order (repeatable)', collect)
    .addOption(new Option('--format <format>').choices(['table', 'csv', 'json']).default('table'));
}

/** Opens the vault, has the analysis made and prints it. */
export async function runAnalysis(
  path: string,
  flags: AnalysisFlags,
  signal: AbortSignal,
  analyse: (vault: Vault, options: QueryOptions) => Promise<RegressResult | AnovaResult>,
): Promise<void> {
  await using vault = await openVaultFor(path, flags, signal);
  const progress = await startProgress('computing', 'segments');
  const onProgress = (done: number, total: number): void => progress.update(done, total);
  const result = await analyse(vault, { signal, onProgress }).finally(() => progress.stop());
  notice(OWNER_MODE);
  await print(await render(result, flags.format));
  if (process.stderr.isTTY) notice(statsText(result.stats));
}

async function render(result: RegressResult | AnovaResult, format: Format): Promise<string> {
  const { analysisCsv, analysisJson, analysisText } = await import('../output/analysis-text.ts');
  if (format === 'json') return `${analysisJson(result)}\n`;
  if (format === 'csv') return analysisCsv(result);
  const styleNull = (text: string): string => styleText('dim', text, { stream: process.stdout });
  return analysisText(result, { styleNull });
}
