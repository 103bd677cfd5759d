import type { Command } from 'commander';
import { print } from '../output/print.ts';

export function addInspect(program: Command, signal: AbortSignal): void {
  program
    .command('inspect')
    .description('say what a file of Opaline’s is, and whether it is well-formed')
    .argument('<file>', 'the file to look at')
    .action(async (file: string) => {
      const { inspectFile } = await import('../inspect/inspect-file.ts');
      const { facts, ...report } = await inspectFile(file, signal);
      await print(`${JSON.stringify({ ...report, ...facts })}\n`);
      if (!report.valid) process.exitCode = 1;
    });
}
