import { rename, stat, writeFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import type { LabData } from '../../measure/bench/data.ts';
import type { BenchResult } from '../../measure/bench/result.ts';
import { print } from '../output/print.ts';
import { startProgress } from '../progress.ts';
import { addBenchReport } from './bench-report.ts';
import { wholeNumber } from './whole-number.ts';

interface BenchFlags {
  readonly quick?: boolean;
  readonly json?: string;
  readonly data?: string;
  readonly schema?: string;
  readonly rows?: number;
  readonly schemes?: readonly string[];
  readonly plugin?: readonly string[];
  readonly compare?: readonly string[];
}

const HELP = `
Suites: tradeoff (every workload by every scheme: time, bytes, error, and what the attack on it recovers), queries,
search, micro; without a name tradeoff runs. Schemes run in this process, on the same table, by turns. Those whose npm
package is not installed are left out and named. A plug-in exports \`scheme\` or \`suite\`: see opaline/lab.`;

/** Rows from which a table is a table and not a delta of records. */
const LEAST_ROWS = 5000;

export function addBench(program: Command, signal: AbortSignal): void {
  const command = program
    .command('bench')
    .description('measure efficiency against privacy, beside other tools and on your own data')
    .argument('[suite...]', 'tradeoff, queries, search, micro, or a plug-in’s')
    .option('--quick', 'small tables and few rounds: a look, in two minutes')
    .option('--json <file>', 'write everything that was measured to a file, as it comes')
    .option('--data <file>', 'run it on a table of your own: CSV, NDJSON or Parquet')
    .option('--schema <file>', 'of that table (.json)')
    .option('--rows <n>', `rows of the largest table, at least ${LEAST_ROWS}`, rowCount)
    .option('--schemes <names>', 'only these: plain-js,opaline', names)
    .option('--plugin <file>', 'add what a program exports; it runs with your rights', collect)
    .option('--compare <results...>', 'compare two results instead: A.json B.json')
    .addHelpText('after', HELP)
    .action((suites: string[], flags: BenchFlags) => bench(suites, flags, signal));
  for (const add of SUBCOMMANDS) add(command, signal);
}

/** What is done with results. */
const SUBCOMMANDS: readonly ((bench: Command, signal: AbortSignal) => void)[] = [addBenchReport];

async function bench(
  suites: readonly string[],
  flags: BenchFlags,
  signal: AbortSignal,
): Promise<void> {
  if (flags.compare !== undefined) {
    if (suites.length > 0) throw usage('--compare runs no suite');
    await compare(flags.compare);
    return;
  }
  const result = await measure(suites, flags, signal);
  if (flags.json !== undefined) await writeJson(flags.json, result);
  const { benchText } = await import('../output/bench-text.ts');
  await print(benchText(result));
}

async function measure(
  suites: readonly string[],
  { quick = false, json, data, schema, rows, schemes, plugin = [] }: BenchFlags,
  signal: AbortSignal,
): Promise<BenchResult> {
  const { standardRegistry } = await import('../../measure/bench/standard-registry.ts');
  const { runBench } = await import('../../measure/bench/run-bench.ts');
  const registry = standardRegistry();
  const added: string[] = [];
  if (plugin.length > 0) {
    const { addPlugin } = await import('../../measure/bench/plugin.ts');
    for (const file of plugin) added.push(...(await addPlugin(registry, file)));
  }
  const own = await givenData(data, schema, signal);
  const progress = await startProgress('measuring', '%');
  return await runBench(registry, {
    suites: suites.length === 0 ? ['tradeoff'] : suites,
    // A plug-in that is given is meant to be measured.
    schemes: schemes && [...new Set([...schemes, ...added])],
    quick,
    rows,
    data: own,
    command: ['opaline', ...process.argv.slice(2)].join(' '),
    signal,
    onProgress: (share, what) => progress.update(Math.round(100 * share), 100, what),
    onPartial: json === undefined ? undefined : (result) => writeJson(json, result),
  }).finally(() => progress.stop());
}

async function givenData(
  data: string | undefined,
  schema: string | undefined,
  signal: AbortSignal,
): Promise<LabData | undefined> {
  if (data === undefined && schema === undefined) return undefined;
  if (data === undefined || schema === undefined) throw usage('--data and --schema go together');
  const { ownData } = await import('../../measure/bench/own-data.ts');
  return await ownData(data, schema, signal);
}

async function compare(files: readonly string[]): Promise<void> {
  const [first, second, ...others] = files;
  if (first === undefined || second === undefined || others.length > 0) {
    throw usage('--compare takes two results');
  }
  const { readResult } = await import('../../measure/bench/read-result.ts');
  const { compareResults } = await import('../../measure/bench/compare.ts');
  const { comparisonText } = await import('../output/comparison-text.ts');
  const results = [await readResult(first), await readResult(second)] as const;
  await print(comparisonText(compareResults(...results)));
}

/** In one piece: a file that is there stays until the new one is whole. Pipes and devices are written as they are. */
async function writeJson(path: string, result: BenchResult): Promise<void> {
  const { resultJson } = await import('../../measure/bench/result-json.ts');
  try {
    const isFile = (await stat(path).catch(() => undefined))?.isFile() ?? true;
    const fresh = isFile ? `${path}.part` : path;
    await writeFile(fresh, resultJson(result));
    if (isFile) await rename(fresh, path);
  } catch (cause) {
    throw new OpalineError('OUTPUT_FAILED', { reason: systemCode(cause) }, { cause });
  }
}

function rowCount(text: string): number {
  const rows = wholeNumber(text);
  if (rows < LEAST_ROWS) throw new InvalidArgumentError(`at least ${LEAST_ROWS} rows are wanted`);
  return rows;
}

const names = (text: string): readonly string[] => text.split(',').map((name) => name.trim());

const collect = (file: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  file,
];

const usage = (reason: string): OpalineError<'USAGE'> => new OpalineError('USAGE', { reason });
