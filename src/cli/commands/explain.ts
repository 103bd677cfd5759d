import { Option, type Command } from 'commander';
import type { Explanation } from '../../client/api.ts';
import { print } from '../output/print.ts';
import { addVaultOptions, collect, openVaultFor, type VaultOptions } from './vault-command.ts';

interface ExplainFlags extends VaultOptions {
  readonly param?: readonly string[];
  readonly format: 'text' | 'json';
}

export function addExplain(program: Command, signal: AbortSignal): void {
  const command = program
    .command('explain')
    .description('show the plan, its cost and what the store would learn')
    .argument('<vault>', 'the vault’s folder')
    .argument('<sql>', 'one statement; $1, $2, … are parameters')
    .option('--param <value>', 'the next parameter, in order (repeatable)', collect)
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'));
  addVaultOptions(command).action((path: string, sql: string, flags: ExplainFlags) =>
    explain(path, sql, flags, signal),
  );
}

async function explain(
  path: string,
  sql: string,
  flags: ExplainFlags,
  signal: AbortSignal,
): Promise<void> {
  await using vault = await openVaultFor(path, flags, signal);
  const explanation = await vault.explain(sql, flags.param ?? []);
  await print(await render(explanation, flags.format));
}

/** An explanation as it is printed. */
export async function render(explanation: Explanation, format: 'text' | 'json'): Promise<string> {
  if (format === 'json') return `${JSON.stringify(explanation)}\n`;
  const { explanationText } = await import('../output/explanation-text.ts');
  return explanationText(explanation);
}
