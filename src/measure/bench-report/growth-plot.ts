import { line } from '@observablehq/plot';
import type { BenchResult, Growth } from '../bench/result.ts';
import { logAxis, scaleOf, xAxisMarks, yAxisMarks } from './axes.ts';
import { FONT_SIZE, type Drawing } from './drawing.ts';
import { markup, type Markup } from './markup.ts';
import { titled } from './names.ts';
import { timeText } from './quantity.ts';
import { render, type Rendered } from './render.ts';
import { lookOf, type SchemeLook } from './scheme-look.ts';
import { spread } from './stacking.ts';
import { px, symbolMark } from './symbols.ts';
import { textWidth } from './text-width.ts';
import type { Theme } from './theme.ts';

/** How a scheme's time grows, and how it is drawn. */
export interface GrowthLine {
  readonly growth: Growth;
  readonly look: SchemeLook;
}

/** Every workload whose growth was fitted, with its schemes. */
export function growthLines({
  schemes,
  suites,
}: Pick<BenchResult, 'schemes' | 'suites'>): readonly {
  readonly suite: string;
  readonly workload: string;
  readonly lines: readonly GrowthLine[];
}[] {
  const looks = new Map(schemes.map((scheme) => [scheme.scheme, lookOf(scheme)]));
  return suites.flatMap(({ suite, growth }) =>
    [...Map.groupBy(growth, ({ workload }) => workload)].flatMap(([workload, all]) => {
      const lines = all
        .filter(({ points }) => points.length > 0)
        .map((one): GrowthLine => ({ growth: one, look: looks.get(one.scheme)! }));
      return lines.length === 0 ? [] : [{ suite, workload, lines }];
    }),
  );
}

const MARGIN = { left: 58, top: 26, bottom: 44 };
const LINE_HEIGHT = 17;
/** Below this, errors of exponents are left to the table. */
const NARROW = 420;

/** Time against rows, both logarithmic: points as measured, the fitted powers as lines, exponents at their ends. */
export function growthPlot(
  workload: string,
  lines: readonly GrowthLine[],
  theme: Theme,
  width: number,
): Drawing {
  const points = lines.flatMap(({ growth }) => growth.points);
  const isNarrow = width < NARROW;
  const rows = points.map((point) => point.rows);
  const x = { ...logAxis(rows, 'rows (log scale)', rowsTick), ticks: rowTicks(rows, isNarrow) };
  const y = logAxis(
    points.map(({ ms }) => ms),
    'median time of one answer (log scale)',
    timeText,
  );
  const labels = lines.map(({ growth }) => (isNarrow ? shortText : exponentText)(growth));
  const right = Math.max(...labels.map((label) => textWidth(label, FONT_SIZE))) + 30;
  const room = MARGIN.top + MARGIN.bottom + lines.length * LINE_HEIGHT;
  const height = Math.max(Math.round(width * 0.55), 250, room);
  const rendered = render({
    width,
    height,
    marginLeft: MARGIN.left,
    marginRight: right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: scaleOf(x, 8),
    y: scaleOf(y, 8),
    marks: [
      ...xAxisMarks(x, theme),
      ...yAxisMarks(y, theme),
      ...lines.map(({ growth, look }) =>
        line(fitted(growth), { x: 'rows', y: 'ms', stroke: theme[look.colour], strokeWidth: 1.4 }),
      ),
    ],
  });
  const bounds = [MARGIN.top + 8, height - MARGIN.bottom - 8] as const;
  const body = markup`${rendered.body}${overlay(lines, labels, rendered, theme, width - right, bounds)}`;
  const description = `Time of one ${workload.replaceAll('-', ' ')} against the rows of the table, both logarithmic. Exponents of the fitted powers: ${lines.map(({ growth }) => exponentText(growth)).join('; ')}.`;
  return { width, height, body, title: titled(workload), description };
}

function exponentText({ scheme, exponent, error }: Growth): string {
  return `${scheme}: ${powerText(exponent, error)}`;
}

function shortText({ scheme, exponent }: Growth): string {
  return `${scheme}: ${exponent.toFixed(2).replace('-', '−')}`;
}

/** "1.02 ± 0.03": an exponent with its standard error. */
export function powerText(exponent: number, error: number): string {
  return `${exponent.toFixed(2).replace('-', '−')} ± ${error.toFixed(2)}`;
}

/** Ends of the fitted power, which goes through the mean of the logarithms of what it was fitted to. */
function fitted({ points: all, from = 0, exponent }: Growth): { rows: number; ms: number }[] {
  const points = all.filter(({ rows }) => rows >= from);
  const mean = (of: readonly number[]): number =>
    of.reduce((sum, value) => sum + Math.log(value), 0) / of.length;
  const factor = mean(points.map(({ ms }) => ms)) - exponent * mean(points.map((one) => one.rows));
  const rows = points.map((one) => one.rows);
  return [Math.min(...rows), Math.max(...rows)].map((at) => ({
    rows: at,
    ms: Math.exp(factor + exponent * Math.log(at)),
  }));
}

function overlay(
  lines: readonly GrowthLine[],
  labels: readonly string[],
  { x, y }: Rendered,
  theme: Theme,
  edge: number,
  bounds: readonly [number, number],
): Markup {
  const ends = lines.map(({ growth }) => {
    const last = growth.points.reduce((most, one) => (one.rows > most.rows ? one : most));
    return { x: x(last.rows), y: y(last.ms) };
  });
  const heights = spread(
    ends.map((end) => end.y),
    LINE_HEIGHT,
    bounds,
  );
  const leaders = ends.map(
    (end, i) =>
      markup`<path d="M${px(end.x + 6)},${px(end.y)}L${px(edge + 4)},${px(end.y)}L${px(edge + 18)},${px(heights[i]!)}" fill="none" stroke="${theme.muted}" stroke-width="0.7" stroke-dasharray="2 2"/>`,
  );
  const symbols = lines.flatMap(({ growth, look }) =>
    growth.points.map(({ rows, ms }) =>
      symbolMark(
        look,
        { x: x(rows), y: y(ms) },
        4,
        theme,
        `${growth.scheme}, ${rowsTick(rows)} rows: ${timeText(ms)}`,
      ),
    ),
  );
  const texts = labels.map(
    (label, i) =>
      markup`<text x="${px(edge + 21)}" y="${px(heights[i]! + 4)}" text-anchor="start">${label}</text>`,
  );
  return markup`${leaders}${symbols}${texts}`;
}

/** Ticks where something was measured, thinned from the largest down. */
function rowTicks(rows: readonly number[], isNarrow: boolean): readonly number[] {
  const apart = isNarrow ? 3 : 1.5;
  const ticks: number[] = [];
  for (const one of [...new Set(rows)].sort((a, b) => b - a)) {
    if (ticks.length === 0 || one * apart <= ticks.at(-1)!) ticks.push(one);
  }
  return ticks;
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** "10k", "2.5M". */
function rowsTick(rows: number): string {
  return COMPACT.format(rows).replace('K', 'k');
}
