import type { Command } from 'commander';
import { print } from '../output/print.ts';

interface InspectFlags {
  readonly as?: string;
  readonly parms?: string;
}

export function addInspect(program: Command, signal: AbortSignal): void {
  program
    .command('inspect')
    .description(
      'say what a file of Opaline’s or Microsoft SEAL’s is, and whether it is well-formed',
    )
    .argument('<file>', 'the file to look at')
    .option('--as <type>', 'what it is meant to be, where SEAL’s bytes do not tell: PublicKey, …')
    .option('--parms <file>', 'SEAL’s encryption parameters, to check an object of SEAL’s against')
    .action(async (file: string, flags: InspectFlags) => {
      const { inspectFile } = await import('../inspect/inspect-file.ts');
      const { facts, ...report } = await inspectFile(file, signal, flags);
      const shape = { scheme: null, n: null, primes: null };
      await print(`${JSON.stringify({ ...report, ...shape, ...facts })}\n`);
      if (!report.valid) process.exitCode = 1;
    });
}
