import type { Ablation } from '../bench/result.ts';
import { logAxis, shareAxis } from './axes.ts';
import { dotPlot, type Dot, type DotRow } from './dot-plot.ts';
import type { Drawing } from './drawing.ts';
import { titled } from './names.ts';
import { estimateText, shareText, timeText, timesText } from './quantity.ts';
import type { SchemeLook } from './scheme-look.ts';
import { medianTime, type Estimate } from './summary.ts';
import type { Theme } from './theme.ts';

/** The two sides of an ablation, whatever it is of. */
export const SIDES: Readonly<
  Record<'with' | 'without', { readonly title: string; readonly look: SchemeLook }>
> = {
  with: { title: 'as it is', look: { symbol: 'circle', colour: 'sse', fill: 'full' } },
  without: {
    title: 'without it',
    look: { symbol: 'square', colour: 'ink', fill: 'hollow' },
  },
};

export function ablationName({ workload, what }: Ablation): string {
  return `${titled(workload)}: ${what}`;
}

/** Times with and without each thing, and how many times as long it takes without. */
export function ablationTimes(
  ablations: readonly Ablation[],
  theme: Theme,
  width: number,
  title: string,
): Drawing {
  const rows = ablations.map((ablation): DotRow => {
    const [kept, left] = [medianTime(ablation.with.ms), medianTime(ablation.without.ms)];
    const note = timesText(left.value / kept.value);
    return { label: ablationName(ablation), dots: dotsOf(ablation, kept, left, timeText), note };
  });
  const axis = logAxis(
    rows.flatMap(({ dots }) => dots.flatMap(({ at }) => [at.low, at.high])),
    'median time of one answer (log scale)',
    timeText,
    width < 420 ? 4 : 8,
  );
  return dotPlot(rows, axis, theme, width, { title, description: described(rows, 'time without') });
}

/** The attacker’s advantage with and without each measure; those that say none are left out. */
export function ablationAdvantages(
  ablations: readonly Ablation[],
  theme: Theme,
  width: number,
): Drawing {
  const rows = ablations.flatMap((ablation): DotRow[] => {
    const [kept, left] = [ablation.with.advantage, ablation.without.advantage];
    if (kept === null || left === null) return [];
    const dots = dotsOf(ablation, exactly(kept), exactly(left), shareText);
    return [
      { label: ablationName(ablation), dots, note: `${shareText(kept)}, ${shareText(left)}` },
    ];
  });
  const axis = shareAxis('advantage (0: guesses, 1: knows all)');
  return dotPlot(rows, axis, theme, width, {
    title: 'Advantage with and without each measure',
    description: described(rows, 'advantage with it and without it'),
  });
}

function dotsOf(
  ablation: Ablation,
  kept: Estimate,
  left: Estimate,
  text: (value: number) => string,
): readonly Dot[] {
  const dot = (side: 'with' | 'without', at: Estimate): Dot => ({
    at,
    look: SIDES[side].look,
    title: `${ablationName(ablation)}, ${SIDES[side].title}: ${estimateText(at, text)}`,
  });
  return [dot('with', kept), dot('without', left)];
}

function exactly(value: number): Estimate {
  return { value, low: value, high: value };
}

function described(rows: readonly DotRow[], what: string): string {
  return `For each row, ${what}: ${rows.map(({ label, note }) => `${label} ${note}`).join('; ')}.`;
}
