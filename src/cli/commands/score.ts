import { Option, type Command } from 'commander';
import { parseModel } from '../../client/score/model.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { type Format, FORMATS, resultText } from '../output/result-text.ts';
import { print } from '../output/print.ts';
import { notice } from '../report.ts';
import { OWNER_MODE } from './owner-mode.ts';
import { summary } from './query.ts';
import { readInput } from './read-input.ts';
import { addVaultOptions, collect, openVaultFor, type VaultOptions } from './vault-command.ts';

interface ScoreFlags extends VaultOptions {
  readonly model: string;
  readonly where?: string;
  readonly param?: readonly string[];
  readonly groupBy?: readonly string[];
  readonly format?: Format;
}

export function addScore(program: Command, signal: AbortSignal): void {
  const command = program
    .command('score')
    .description('mean and total score of rows by a linear or logistic model')
    .argument('<vault>', 'the vault’s folder')
    .argument('<table>', 'the table')
    .requiredOption(
      '--model <file>',
      'JSON: {"weights":{"column":1.5},"intercept":0,"link":"logistic"}',
    )
    .option('--where <condition>', 'only rows of which it is true; $1, $2, … are parameters')
    .option('--param <value>', 'the next parameter, in order (repeatable)', collect)
    .option('--group-by <column>', 'a score for each of its values (repeatable)', collect)
    .addOption(new Option('--format <format>', 'default: table').choices(FORMATS));
  addVaultOptions(command).action(async (path: string, table: string, flags: ScoreFlags) => {
    const model = parseModel(json(await readInput(flags.model)));
    await using vault = await openVaultFor(path, flags, signal);
    const { where, param = [], groupBy = [] } = flags;
    const result = await vault.score({
      ...model,
      table,
      ...(where === undefined ? {} : { where }),
      parameters: param,
      groupBy,
      signal,
    });
    notice(OWNER_MODE);
    await print(await resultText(result, flags.format ?? 'table'));
    if (process.stderr.isTTY) notice(summary(result));
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OpalineError('MODEL_INVALID', { reason: 'the file is not JSON' });
  }
}
