import type { Command } from 'commander';
import { print } from '../output/print.ts';
import { readInput } from './read-input.ts';

interface ReportFlags {
  readonly out: string;
}

/** `report`, of the command `bench`. */
export function addBenchReport(bench: Command, signal: AbortSignal): void {
  bench
    .command('report')
    .description('make one HTML file, PNG pictures and CSV tables of a benchmark’s result')
    .argument('<result>', 'the JSON file that a benchmark wrote, or - for stdin')
    .requiredOption('--out <folder>', 'where they go; files of the same names are replaced')
    .action((path: string, flags: ReportFlags) => report(path, flags, signal));
}

async function report(path: string, { out }: ReportFlags, signal: AbortSignal): Promise<void> {
  const json = await readInput(path);
  const { writeReport } = await import('../../measure/bench-report/write-report.ts');
  const files = await writeReport(json, out, signal);
  await print(files.map((file) => `${out}/${file}\n`).join(''));
}
