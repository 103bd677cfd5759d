import type { BenchResult } from '../bench/result.ts';
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

/** Pictures for a README, light and dark: name of the file without its ending → SVG. */
export function pictures(result: BenchResult): ReadonlyMap<string, string> {
  const views = result.suites
    .flatMap((suite) => workloadsOf(result, suite))
    .filter(({ hasFrontier }) => hasFrontier);
  const [x, y] = frontierAxes(views);
  const files = new Map<string, string>();
  for (const [name, theme] of THEMES) {
    const foot = legendDrawing(keysOf(result.schemes), theme, WIDE * COLUMNS);
    const framed = (drawings: readonly Drawing[], title: string): string => {
      const columns = Math.min(COLUMNS, drawings.length);
      const own = columns === COLUMNS ? foot : legendDrawing(keysOf(result.schemes), theme, WIDE);
      const description = drawings.map((one) => one.description).join(' ');
      return svgFile(composed(drawings, columns, { title, description, foot: own }), theme);
    };
    if (views.length > 0) {
      const panels = views.map((view) => frontierPlot(view, x, y, theme, WIDE));
      files.set(`frontier-${name}`, framed(panels, 'Efficiency against privacy'));
      for (const [i, view] of views.entries()) {
        files.set(
          idOf('frontier', view.workload, name),
          framed([panels[i]!], `Efficiency against privacy: ${view.workload}`),
        );
      }
    }
    const growth = growthLines(result);
    if (growth.length > 0) {
      const panels = growth.map(({ workload, lines }) => growthPlot(workload, lines, theme, WIDE));
      files.set(`growth-${name}`, framed(panels, 'Growth with rows'));
    }
  }
  return files;
}
