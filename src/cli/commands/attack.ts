import { InvalidArgumentError, Option, type Command } from 'commander';
import type { AttackOptions } from '../../measure/attack-vault.ts';
import { ATTACKS, LADDER } from '../../measure/ladder.ts';
import type { AttackReport } from '../../measure/report.ts';
import { print } from '../output/print.ts';
import { startProgress } from '../progress.ts';
import { notice } from '../report.ts';
import { OWNER_MODE } from './owner-mode.ts';
import { addVaultOptions, openOptionsFor, type VaultOptions } from './vault-command.ts';
import { wholeNumber } from './whole-number.ts';

interface AttackFlags
  extends VaultOptions, Pick<AttackOptions, 'table' | 'column' | 'index' | 'attack'> {
  readonly known: readonly number[];
  readonly seeds: number;
  readonly queries: number;
  readonly format: 'table' | 'json';
}

const HELP = `
Queries drawn from the columns' own values, or the words of their documents, are run on the store through a
link that records; the attack then sees the store's files and that recording, and the knowledge stated beside
its result. Recovery is the share of rows or queries whose value it names rightly (distinguisher: area under the ROC curve, 0.5 is none).`;

export function addAttack(program: Command, signal: AbortSignal): void {
  const command = program
    .command('attack')
    .description('measure what published attacks recover from this vault’s own indexes')
    .argument('<vault>', 'the vault’s folder')
    .option('--table <table>', 'the table; may be left out where there is one')
    .option('--column <column>', 'one column instead of all')
    .addOption(
      new Option('--index <rung>', 'only columns searched by this index').choices(
        Object.keys(LADDER),
      ),
    )
    .addOption(
      new Option('--attack <name>', 'instead of those that measure each index').choices(ATTACKS),
    )
    .option(
      '--known <shares>',
      'shares of the rows that the attacker knows: 0.5, or 0.1,0.5,1',
      shares,
      [0.5],
    )
    .option('--seeds <n>', 'trials', atLeast(2), 5)
    .option('--queries <n>', 'queries of a trial', atLeast(16), 150)
    .addOption(new Option('--format <format>').choices(['table', 'json']).default('table'))
    .addHelpText('after', HELP);
  addVaultOptions(command).action((path: string, flags: AttackFlags) =>
    attack(path, flags, signal),
  );
}

async function attack(path: string, flags: AttackFlags, signal: AbortSignal): Promise<void> {
  const { table, column, index, attack: name, known, seeds, queries, format } = flags;
  const open = await openOptionsFor(path, flags, signal);
  const { attackVault } = await import('../../measure/attack-vault.ts');
  const progress = await startProgress('attacking', 'queries');
  const reports = await attackVault(path, open, {
    table,
    column,
    index,
    attack: name,
    known,
    seeds,
    queries,
    signal,
    onProgress: (done, total) => progress.update(done, total),
  }).finally(() => progress.stop());
  notice(OWNER_MODE);
  await print(await render(reports, format));
}

async function render(
  reports: readonly AttackReport[],
  format: AttackFlags['format'],
): Promise<string> {
  if (format === 'json') return `${JSON.stringify(reports)}\n`;
  const { attackText } = await import('../output/attack-text.ts');
  return attackText(reports);
}

function shares(text: string): number[] {
  return text.split(',').map((part) => {
    const share = Number(part);
    if (part.trim() === '' || !(share > 0 && share <= 1)) {
      throw new InvalidArgumentError('a share is above 0 and at most 1');
    }
    return share;
  });
}

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const number = wholeNumber(text);
    if (number < least || number > 100_000) {
      throw new InvalidArgumentError(`a whole number from ${least} to 100000 is wanted`);
    }
    return number;
  };
}
