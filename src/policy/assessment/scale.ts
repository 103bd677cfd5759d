/**
 * Likelihood and impact are ordinal, 1 to 4, and a risk's score is their product: the two factors and four levels of
 * GB/T 39335-2020 (5.6) and of ISO/IEC 29134. Where a band begins is this program's choice, and every report states it.
 */
export const LEVELS = [1, 2, 3, 4] as const;
export type Level = (typeof LEVELS)[number];

export const BANDS = ['low', 'moderate', 'high', 'severe'] as const;
export type Band = (typeof BANDS)[number];

/** The largest score of each band; products of two levels are 1, 2, 3, 4, 6, 8, 9, 12 and 16. */
const MOST: Readonly<Record<Band, number>> = { low: 2, moderate: 4, high: 9, severe: 16 };

export interface Gauge {
  readonly likelihood: Level;
  readonly impact: Level;
  /** Their product, 1 to 16. */
  readonly score: number;
  readonly band: Band;
}

export const GREATEST_SCORE = 16;

export function gaugeOf(likelihood: Level, impact: Level): Gauge {
  const score = likelihood * impact;
  return { likelihood, impact, score, band: BANDS.find((band) => score <= MOST[band])! };
}

/** So many levels lower, never below the lowest: no measure makes a risk impossible. */
export function lowered(level: Level, by: number): Level {
  return Math.max(1, level - Math.max(0, by)) as Level;
}

export function raised(level: Level, by: number): Level {
  return Math.min(4, level + Math.max(0, by)) as Level;
}

/** What the levels mean, for whoever reads or states one. */
export const LIKELIHOOD_TEXT: Readonly<Record<Level, string>> = {
  1: 'not expected while the measures hold',
  2: 'possible within some years',
  3: 'likely within a year',
  4: 'to be expected at any time',
};

export const IMPACT_TEXT: Readonly<Record<Level, string>> = {
  1: 'nobody can be told apart, or an inconvenience',
  2: 'people can be told apart; annoyance, effort, cost that can be made good',
  3: 'sensitive matters of people: discrimination, loss, distress',
  4: 'sensitive matters of very many, or harm that cannot be undone',
};

/** Where bands begin, as a report states it. */
export const SCALE_TEXT: string =
  'Score = likelihood × impact, each 1 to 4. Low 1–2, moderate 3–4, high 6–9, severe 12–16.';
