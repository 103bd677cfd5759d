import { Option, type Command } from 'commander';
import type { LocalVault } from '../../client/vault.ts';
import { print } from '../output/print.ts';
import { addVaultOptions, openOptionsFor, type VaultOptions } from './vault-command.ts';

interface ReleaseFlags extends VaultOptions {
  readonly format: 'text' | 'json';
}

const HELP = `
How figures of a table are released is in the vault's releases/settings.json, by table: {"mode":"exact","floor":10} if
nothing is said, or {"mode":"dp","budget":{…},"query":{…},"rows":1} with microEpsilon or microRho and picoDelta.`;

export function addRelease(program: Command, signal: AbortSignal): void {
  const command = program
    .command('release')
    .description('what may leave of the tables to others than their owner, and what has');
  const add = (name: string, description: string): Command =>
    addVaultOptions(
      command
        .command(name)
        .description(description)
        .argument('<vault>', 'the vault’s folder')
        .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
        .addHelpText('after', HELP),
    );
  add('preview', 'what a query would cost and get; nothing is run or spent')
    .argument('<sql>', 'a SELECT of sums, counts and averages')
    .action((path: string, sql: string, flags: ReleaseFlags) => preview(path, sql, flags, signal));
  add('budget', 'what releases have cost, and what is left')
    .argument('[table]', 'this table alone')
    .action((path: string, table: string | undefined, flags: ReleaseFlags) =>
      budget(path, table, flags, signal),
    );
  add('history', 'releases in their order')
    .argument('[table]', 'this table alone')
    .action((path: string, table: string | undefined, flags: ReleaseFlags) =>
      history(path, table, flags, signal),
    );
}

async function preview(
  path: string,
  sql: string,
  flags: ReleaseFlags,
  signal: AbortSignal,
): Promise<void> {
  await using vault = await open(path, flags, signal);
  const releases = await vault.releases();
  const seen = await releases.preview(await vault.planner(sql));
  const { previewJson, previewText } = await texts();
  await print(flags.format === 'json' ? line(previewJson(seen)) : previewText(seen));
}

async function budget(
  path: string,
  table: string | undefined,
  flags: ReleaseFlags,
  signal: AbortSignal,
): Promise<void> {
  await using vault = await open(path, flags, signal);
  const budgets = await (await vault.releases()).budgets(table);
  const { budgetText } = await texts();
  await print(flags.format === 'json' ? budgets.map(line).join('') : budgetText(budgets));
}

async function history(
  path: string,
  table: string | undefined,
  flags: ReleaseFlags,
  signal: AbortSignal,
): Promise<void> {
  await using vault = await open(path, flags, signal);
  const past = await (await vault.releases()).history(table);
  const { historyText } = await texts();
  const records = past.map((one) => ({ ...one, time: new Date(one.time).toISOString() }));
  await print(flags.format === 'json' ? records.map(line).join('') : historyText(records));
}

async function open(path: string, flags: ReleaseFlags, signal: AbortSignal): Promise<LocalVault> {
  const options = await openOptionsFor(path, flags, signal);
  const { openLocalVault } = await import('../../client/open-vault.ts');
  return await openLocalVault(path, options);
}

const line = (value: object): string => `${JSON.stringify(value)}\n`;

const texts = (): Promise<typeof import('../output/release-text.ts')> =>
  import('../output/release-text.ts');
