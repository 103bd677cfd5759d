import type { BenchResult, SchemeStatement } from '../bench/result.ts';
import { composed, svgFile, type Drawing } from './drawing.ts';
import { WIDE } from './figure.ts';
import { frontierAxes, frontierPlot } from './frontier-plot.ts';
import { growthLines, growthPlot } from './growth-plot.ts';
import { keysOf, legendDrawing } from './legend.ts';
import { idOf } from './names.ts';
import { DARK, LIGHT, type Theme } from './theme.ts';
import { workloadsOf } from './views.ts';

const THEMES: readonly (readonly [name: string, theme: Theme])[] = [
  ['light', LIGHT],
  ['dark', DARK],
];
const COLUMNS = 2;

/** Workloads of the overview. */
const OVERVIEW = 4;

interface Panel {
  readonly drawing: Drawing;
  readonly schemes: readonly SchemeStatement[];
}

/**
 * Pictures for a README, light and dark: name of the file without its ending → SVG. `frontier` has every workload,
 * `frontier-overview` those with the most schemes, and each has one of its own.
 */
export function pictures(result: BenchResult): ReadonlyMap<string, string> {
  const views = result.suites
    .flatMap((suite) => workloadsOf(result, suite))
    .filter(({ hasFrontier }) => hasFrontier);
  const most = views.toSorted((a, b) => b.entries.length - a.entries.length).slice(0, OVERVIEW);
  const [x, y] = frontierAxes(views);
  const statements = new Map(result.schemes.map((scheme) => [scheme.scheme, scheme]));
  const files = new Map<string, string>();
  for (const [name, theme] of THEMES) {
    const add = (file: string, panels: readonly Panel[], title: string): void => {
      if (panels.length > 0) files.set(idOf(file, name), picture(panels, title, theme));
    };
    const panels = views.map((view): Panel => ({
      drawing: frontierPlot(view, x, y, theme, WIDE),
      schemes: view.entries.map(({ scheme }) => scheme),
    }));
    const title = 'Efficiency against privacy';
    add('frontier', panels, title);
    if (views.length > OVERVIEW) {
      const chosen = panels.filter((_, i) => most.includes(views[i]!));
      add('frontier-overview', chosen, title);
    }
    for (const [i, { workload }] of views.entries()) {
      add(`frontier-${workload}`, [panels[i]!], `${title}: ${workload}`);
    }
    const growth = growthLines(result).map(({ workload, lines }): Panel => ({
      drawing: growthPlot(workload, lines, theme, WIDE),
      schemes: lines.map(({ growth }) => statements.get(growth.scheme)!),
    }));
    add('growth', growth, 'Growth with rows');
  }
  return files;
}

function picture(panels: readonly Panel[], title: string, theme: Theme): string {
  const columns = Math.min(COLUMNS, panels.length);
  const drawings = panels.map(({ drawing }) => drawing);
  const keys = keysOf(panels.flatMap(({ schemes }) => schemes));
  const foot = legendDrawing(keys, theme, WIDE * columns);
  const description = drawings.map((one) => one.description).join(' ');
  return svgFile(composed(drawings, columns, { title, description, foot }), theme);
}
