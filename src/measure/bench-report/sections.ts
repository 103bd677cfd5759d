import type { BenchResult } from '../bench/result.ts';
import { ablationAdvantages, ablationTimes, SIDES } from './ablation-plots.ts';
import { BYTES, bytesPlot, hasBytes } from './bytes-plot.ts';
import { approximate, errorPlot, noisePlot, withNoise } from './error-plots.ts';
import { figure, NARROW } from './figure.ts';
import { frontierAxes, frontierPlot } from './frontier-plot.ts';
import { growthLines, growthPlot } from './growth-plot.ts';
import { keysOf, legendList } from './legend.ts';
import { markup, type Child, type Markup } from './markup.ts';
import * as tables from './measurement-tables.ts';
import { titled } from './names.ts';
import { rowsText } from './quantity.ts';
import { matrix, priceTable } from './summary-tables.ts';
import { timesPlot } from './times-plot.ts';
import { PAGE } from './theme.ts';
import type { WorkloadView } from './views.ts';

/** A part of the page, with a heading that the navigation leads to. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Markup;
}

/** Figures beside each other, each under a heading of its own. */
function figures(parts: readonly (readonly [title: Child, figure: Markup])[]): Markup {
  return markup`<div class="figures">${parts.map(([title, content]) => markup`<section><h3>${title}</h3>${content}</section>`)}</div>`;
}

/** @returns undefined where there is nothing to show, as with the others below */
export function summarySection(
  { schemes }: BenchResult,
  views: readonly WorkloadView[],
): Section | undefined {
  if (views.length === 0) return undefined;
  return {
    id: 'summary',
    title: 'What privacy costs',
    content: markup`<p>Each cell is the cheapest way to that much privacy: an attacker with an advantage of 0 does no better than by guessing, one of 1 recovers everything.</p>${priceTable(views)}<h3>Every scheme</h3>${matrix(schemes, views)}`,
  };
}

export function frontierSection(
  { schemes }: BenchResult,
  views: readonly WorkloadView[],
): Section | undefined {
  if (views.length === 0) return undefined;
  const wide = frontierAxes(views);
  const narrow = frontierAxes(views, 4);
  const parts = views.map((view, i) => {
    const caption = `Over ${rowsText(view.rows)}. Lower left is better. Bold: on the frontier. Whiskers: 95 % confidence.`;
    const drawn = figure(
      `frontier-${i}`,
      (theme, width) => frontierPlot(view, ...(width === NARROW ? narrow : wide), theme, width),
      caption,
      tables.frontierTable(view),
    );
    return [titled(view.workload), drawn] as const;
  });
  return {
    id: 'frontier',
    title: 'Efficiency against privacy',
    content: markup`<p>The stepped line is the Pareto frontier: on it, nothing is both faster and more private. What lies in the shade is beaten in both. All plots have the same axes.</p>${legendList(keysOf(schemes), PAGE)}${figures(parts)}`,
  };
}

export function bytesSection(views: readonly WorkloadView[]): Section | undefined {
  const shown = views.filter(hasBytes);
  if (shown.length === 0) return undefined;
  const parts = shown.map((view, i) => {
    const caption = `Over ${rowsText(view.rows)}. At the right: bytes moved, both ways together.`;
    const drawn = figure(
      `bytes-${i}`,
      (theme, width) => bytesPlot(view, theme, width),
      caption,
      tables.bytesTable(view),
    );
    return [titled(view.workload), drawn] as const;
  });
  return {
    id: 'bytes',
    title: 'Bytes moved and kept',
    content: markup`${legendList(BYTES, PAGE)}${figures(parts)}`,
  };
}

export function growthSection(result: BenchResult): Section | undefined {
  const shown = growthLines(result);
  if (shown.length === 0) return undefined;
  const parts = shown.map(({ suite, workload, lines }, i) => {
    const drawn = figure(
      `growth-${i}`,
      (theme, width) => growthPlot(workload, lines, theme, width),
      'At the right: exponent of the fitted power of rows, with its standard error where there is room; 1 is linear, 0 does not grow.',
      tables.growthTable(
        suite,
        workload,
        lines.map(({ growth }) => growth),
      ),
    );
    return [titled(workload), drawn] as const;
  });
  return { id: 'growth', title: 'Growth with rows', content: figures(parts) };
}

export function errorSection(views: readonly WorkloadView[]): Section | undefined {
  const inexact = approximate(views);
  const noisy = withNoise(views);
  if (inexact.length === 0 && noisy.length === 0) return undefined;
  const all = markup`${views.map(tables.timesTable)}`;
  const parts: (readonly [string, Markup])[] = [];
  if (inexact.length > 0) {
    const draw: Parameters<typeof figure>[1] = (theme, width) => errorPlot(inexact, theme, width);
    const caption = 'Against the plaintext answer. All answers that are not shown are equal to it.';
    parts.push(['Error of approximate answers', figure('error', draw, caption, all)]);
  }
  if (noisy.length > 0) {
    const draw: Parameters<typeof figure>[1] = (theme, width) => noisePlot(noisy, theme, width);
    const caption =
      'Bits between the noise of what was decrypted, or its bound, and what is wrong.';
    const data = inexact.length > 0 ? markup`<p>As beside the errors.</p>` : all;
    parts.push(['Noise margin', figure('noise', draw, caption, data)]);
  }
  return { id: 'errors', title: 'Errors and noise', content: figures(parts) };
}

export function ablationSection({ suites }: BenchResult): Section | undefined {
  const parts = suites.flatMap(({ suite, ablations }, i) =>
    (['speed', 'privacy'] as const).flatMap((kind): (readonly [string, Markup])[] => {
      const own = ablations.filter((one) => one.kind === kind);
      if (own.length === 0) return [];
      const title = kind === 'speed' ? 'Optimisations' : 'Measures for privacy';
      const data = tables.ablationTable(suite, title, own);
      const times = figure(
        `ablation-${i}-${kind}`,
        (theme, width) => ablationTimes(own, theme, width, `${title}: time`),
        'At the right: time without by time with it.',
        data,
      );
      if (kind === 'speed' || !own.some((one) => one.with.advantage !== null)) {
        return [[`${title}: time`, times]];
      }
      const advantages = figure(
        `ablation-${i}-advantage`,
        (theme, width) => ablationAdvantages(own, theme, width),
        'At the right: advantage with it, and without.',
        data,
      );
      return [
        [`${title}: what they cost`, times],
        [`${title}: what they buy`, advantages],
      ];
    }),
  );
  if (parts.length === 0) return undefined;
  const legend = legendList(Object.values(SIDES), PAGE);
  return {
    id: 'ablations',
    title: 'With and without',
    content: markup`<p>The same workload with one thing left out.</p>${legend}${figures(parts)}`,
  };
}

/** Workloads that say nothing of privacy: kernels, parameters. */
export function timesSection(
  { suites }: BenchResult,
  views: readonly WorkloadView[],
): Section | undefined {
  if (views.length === 0) return undefined;
  const parts = views.map((view, i) => {
    const suite = suites.find((one) => one.suite === view.suite)!;
    const drawn = figure(
      `times-${i}`,
      (theme, width) => timesPlot(view, theme, width),
      `${suite.title}, ${rowsText(view.rows)}. Whiskers: 95 % confidence of the median.`,
      tables.timesTable(view),
    );
    return [titled(view.workload), drawn] as const;
  });
  return { id: 'times', title: 'Times alone', content: figures(parts) };
}
