import { axisX, axisY, gridX, gridY, type Markish } from '@observablehq/plot';
import type { Theme } from './theme.ts';

/** An axis: what it measures, with its unit, and how its values are written. */
export interface Axis {
  readonly type: 'log' | 'linear';
  readonly label: string;
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly text: (value: number) => string;
}

/** A logarithmic axis around positive values: a little room on both sides, ticks at powers of ten. */
export function logAxis(
  values: readonly number[],
  label: string,
  text: (value: number) => string,
  mostTicks = 8,
): Axis {
  const positive = values.filter((value) => value > 0);
  const least = positive.length === 0 ? 1 : Math.min(...positive);
  const most = positive.length === 0 ? 10 : Math.max(...positive);
  // A decade at least, so that equal values are not shown as far apart.
  const middle = Math.sqrt(least * most);
  const half = Math.max(Math.sqrt(most / least) * 1.25, Math.sqrt(10));
  const domain = [middle / half, middle * half] as const;
  return { type: 'log', label, domain, ticks: logTicks(domain, mostTicks), text };
}

/** Powers of ten inside, thinned evenly; twos and fives as well where there are too few. */
export function logTicks([low, high]: readonly [number, number], most: number): readonly number[] {
  const exponents: number[] = [];
  for (let e = Math.ceil(Math.log10(low) - 1e-9); 10 ** e <= high * (1 + 1e-9); e++)
    exponents.push(e);
  if (exponents.length >= 2) {
    const step = Math.ceil(exponents.length / most);
    return exponents.filter((e) => (e - exponents[0]!) % step === 0).map((e) => 10 ** e);
  }
  const start = Math.floor(Math.log10(low));
  return [start, start + 1, start + 2]
    .flatMap((e) => [10 ** e, 2 * 10 ** e, 5 * 10 ** e])
    .filter((value) => value >= low && value <= high);
}

export function shareAxis(label: string): Axis {
  return {
    type: 'linear',
    label,
    domain: [0, 1],
    ticks: [0, 0.25, 0.5, 0.75, 1],
    text: (value) => value.toFixed(value % 0.5 === 0 ? 1 : 2),
  };
}

/** Linear from 0, or from a negative least. */
export function linearAxis(
  values: readonly number[],
  label: string,
  text: (value: number) => string,
): Axis {
  const low = Math.min(0, ...values);
  const high = Math.max(1, ...values);
  const rough = (high - low) / 5;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * size).find((by) => by >= rough)!;
  const from = Math.floor(low / step);
  const to = Math.ceil(high / step);
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => (from + i) * step);
  return { type: 'linear', label, domain: [from * step, to * step], ticks, text };
}

/** Plot’s scale of an axis; its values stay so many pixels from the frame. */
export function scaleOf({ type, domain }: Axis, inset: number): object {
  return { type, domain: [...domain], inset, axis: null };
}

export function xAxisMarks({ ticks, text, label }: Axis, theme: Theme): readonly Markish[] {
  return [
    gridX([...ticks], { stroke: theme.rule, strokeOpacity: 1 }),
    axisX([...ticks], {
      label,
      labelArrow: 'none',
      labelAnchor: 'center',
      labelOffset: 36,
      tickSize: 0,
      // Not as tickFormat: of a logarithmic scale, that leaves some ticks blank.
      text: (value: number) => text(value),
      fill: theme.muted,
    }),
  ];
}

export function yAxisMarks({ ticks, text, label }: Axis, theme: Theme): readonly Markish[] {
  return [
    gridY([...ticks], { stroke: theme.rule, strokeOpacity: 1 }),
    axisY([...ticks], {
      label,
      labelArrow: 'none',
      labelAnchor: 'top',
      labelOffset: 46,
      tickSize: 0,
      // Not as tickFormat: of a logarithmic scale, that leaves some ticks blank.
      text: (value: number) => text(value),
      fill: theme.muted,
    }),
  ];
}
