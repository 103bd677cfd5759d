import type { Command } from 'commander';
import { type AnalysisFlags, addAnalysis, runAnalysis } from './analysis.ts';

interface RegressFlags extends AnalysisFlags {
  readonly x: readonly string[];
  readonly intercept: boolean;
}

export function addRegress(program: Command, signal: AbortSignal): void {
  addAnalysis(program, 'regress', 'fit a linear regression, exactly')
    .requiredOption(
      '--x <terms>',
      'columns, powers (x^2) and products (x*z), separated by commas (repeatable)',
      collectTerms,
    )
    .option('--no-intercept', 'a model through the origin')
    .addHelpText('after', NO_P_VALUES)
    .action((path: string, table: string, flags: RegressFlags) =>
      runAnalysis(path, flags, signal, (vault, options) => {
        const { y, x, intercept, where, param: parameters } = flags;
        return vault.regress({ table, y, x, intercept, where, parameters }, options);
      }),
    );
}

/** Every number printed is exact; a probability would not be. */
export const NO_P_VALUES =
  '\nNumbers are exact, to 30 digits. No p-values: look t and F up with their degrees of freedom.';

/** The terms of a list; a comma within quotes belongs to a name. */
function collectTerms(text: string, before: readonly string[] = []): string[] {
  const terms = text.match(/(?:"(?:[^"]|"")*"|[^,"]|"(?=[^"]*$))+/g) ?? [];
  return [...before, ...terms.map((term) => term.trim())];
}
