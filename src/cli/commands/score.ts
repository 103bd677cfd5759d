import { Option, type Command } from 'commander';
import type { ScoreRowsOptions } from '../../client/api.ts';
import { parseModel } from '../../client/score/model.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { type Format, FORMATS, resultText } from '../output/result-text.ts';
import { print } from '../output/print.ts';
import { notice } from '../report.ts';
import { render } from './explain.ts';
import { OWNER_MODE } from './owner-mode.ts';
import { summary } from './query.ts';
import { readInput } from './read-input.ts';
import { wholeNumber } from './whole-number.ts';
import { addVaultOptions, collect, openVaultFor, type VaultOptions } from './vault-command.ts';

interface ScoreFlags extends VaultOptions {
  readonly model: string;
  readonly where?: string;
  readonly param?: readonly string[];
  readonly groupBy?: readonly string[];
  readonly format?: Format;
  readonly rows?: true;
  readonly select?: readonly string[];
  readonly top?: number;
  readonly sigmoid?: 'owner' | 'store';
  readonly explain?: true;
}

export function addScore(program: Command, signal: AbortSignal): void {
  const command = program
    .command('score')
    .description('mean and total score of rows by a linear or logistic model, or of each row')
    .argument('<vault>', 'the vault’s folder')
    .argument('<table>', 'the table')
    .requiredOption(
      '--model <file>',
      'JSON: {"weights":{"column":1.5},"intercept":0,"link":"logistic"}',
    )
    .option('--where <condition>', 'only rows of which it is true; $1, $2, … are parameters')
    .option('--param <value>', 'the next parameter, in order (repeatable)', collect)
    .option('--group-by <column>', 'a score for each of its values (repeatable)', collect)
    .option('--rows', 'a score for each row, of columns declared with "score": true')
    .option('--select <column>', 'with --rows: a column beside the score (repeatable)', collect)
    .option('--top <count>', 'with --rows: only so many, of the highest scores', wholeNumber)
    .addOption(
      new Option('--sigmoid <where>', 'with --rows: who evaluates the logistic link').choices([
        'owner',
        'store',
      ]),
    )
    .option('--explain', 'with --rows: what it would cost and show the store')
    .addOption(new Option('--format <format>', 'default: table').choices(FORMATS));
  addVaultOptions(command).action(async (path: string, table: string, flags: ScoreFlags) => {
    checkFlags(flags);
    const model = parseModel(json(await readInput(flags.model)));
    await using vault = await openVaultFor(path, flags, signal);
    const { where, param = [], groupBy = [] } = flags;
    const request = { ...model, table, ...(where && { where }), parameters: param, signal };
    const format = flags.format ?? 'table';
    if (flags.explain === true) {
      const explanation = await vault.explainScoreRows({ ...request, ...rowOptions(flags) });
      await print(await render(explanation, format === 'json' ? 'json' : 'text'));
      return;
    }
    const result =
      flags.rows === true
        ? await vault.scoreRows({ ...request, ...rowOptions(flags) })
        : await vault.score({ ...request, groupBy });
    notice(OWNER_MODE);
    await print(await resultText(result, format));
    if (process.stderr.isTTY) notice(summary(result));
  });
}

function rowOptions({ select, top, sigmoid }: ScoreFlags): RowOptions {
  return {
    ...(select && { select }),
    ...(top !== undefined && { top }),
    ...(sigmoid && { sigmoid }),
  };
}

type RowOptions = Pick<ScoreRowsOptions, 'select' | 'top' | 'sigmoid'>;

/** Options of one kind of score are not passed over in silence for the other. */
function checkFlags(flags: ScoreFlags): void {
  const { rows, groupBy = [], select, top, sigmoid, explain } = flags;
  const named = { '--select': select, '--top': top, '--sigmoid': sigmoid, '--explain': explain };
  const alone = Object.entries(named).find(([, value]) => value !== undefined)?.[0];
  if (rows !== true && alone !== undefined) {
    throw new OpalineError('USAGE', { reason: `${alone} is for scores of each row: add --rows` });
  }
  if (rows === true && groupBy.length > 0) {
    throw new OpalineError('USAGE', { reason: 'single rows have no groups' });
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OpalineError('MODEL_INVALID', { reason: 'the file is not JSON' });
  }
}
