import type { Command } from 'commander';
import { type AnalysisFlags, addAnalysis, runAnalysis } from './analysis.ts';
import { NO_P_VALUES } from './regress.ts';

interface AnovaFlags extends AnalysisFlags {
  readonly by: string;
}

export function addAnova(program: Command, signal: AbortSignal): void {
  addAnalysis(program, 'anova', 'analyse the variance between groups and within, exactly')
    .requiredOption('--by <column>', 'the column whose values are the groups')
    .addHelpText('after', NO_P_VALUES)
    .action((path: string, table: string, flags: AnovaFlags) =>
      runAnalysis(path, flags, signal, (vault, options) => {
        const { y, by, where, param: parameters } = flags;
        return vault.anova({ table, y, by, where, parameters }, options);
      }),
    );
}
