/** `node bench/report/main.ts RESULT.json --out FOLDER`: what `opaline bench report` does. */
import { Command } from 'commander';
import { addBenchReport } from '../../src/cli/commands/bench-report.ts';
import { reportError } from '../../src/cli/report.ts';

const program = new Command('bench');
addBenchReport(program, new AbortController().signal);
try {
  await program.parseAsync(['report', ...process.argv.slice(2)], { from: 'user' });
} catch (error) {
  reportError(error);
  process.exitCode = 1;
}
