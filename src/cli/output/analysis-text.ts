import type { AnovaResult, Cell, RegressResult } from '../../client/api.ts';
import { csvText } from './csv-text.ts';
import { tableText, type TableStyle } from './table-text.ts';

type Analysis = RegressResult | AnovaResult;

/** Aligned tables: the coefficients of a regression, the analysis of variance, what sums it up. */
export function analysisText(result: Analysis, style: TableStyle = {}): string {
  const coefficients =
    'coefficients' in result
      ? [
          tableText(
            ['term', 'estimate', 'standard error', 't'],
            result.coefficients.map((c) => [c.term, c.estimate, c.standardError, c.t]),
            style,
          ),
        ]
      : [];
  const anova = tableText(
    ['source', 'df', 'sum of squares', 'mean square', 'F'],
    result.anova.map((line) => [
      line.source,
      line.df,
      line.sumOfSquares,
      line.meanSquare ?? '',
      line.f ?? (line === result.anova[0] ? null : ''),
    ]),
    style,
  );
  const summary = tableText(
    ['statistic', 'value'],
    summaryOf(result).map(([, name, value]) => [name, value]),
    style,
  );
  return [...coefficients, anova, summary].join('\n');
}

/** One value a line, so that a program finds each by its names: part, of, statistic, value. */
export function analysisCsv(result: Analysis): string {
  const rows: Cell[][] = [];
  if ('coefficients' in result) {
    for (const { term, ...values } of result.coefficients) {
      for (const [name, value] of Object.entries(values)) {
        rows.push(['coefficient', term, name, value]);
      }
    }
  }
  for (const { source, ...values } of result.anova) {
    for (const [name, value] of Object.entries(values)) rows.push(['anova', source, name, value]);
  }
  for (const [name, , value] of summaryOf(result)) rows.push(['summary', null, name, value]);
  return csvText(['part', 'of', 'statistic', 'value'], rows);
}

/** Everything on one line, in the order of the text. */
export function analysisJson(result: Analysis): string {
  const { leakage, stats, ...values } = result;
  return JSON.stringify({ ...values, leakage, stats });
}

/** Key, name and value. */
function summaryOf(result: Analysis): [string, string, Cell][] {
  return [
    ['rows', 'rows', result.rows],
    ...('groups' in result ? [['groups', 'groups', result.groups] as [string, string, Cell]] : []),
    ['residualSd', 'residual standard deviation', result.residualSd],
    ['r2', 'R²', result.r2],
  ];
}
