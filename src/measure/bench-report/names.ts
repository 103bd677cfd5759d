import { rowsText } from './quantity.ts';
import type { Entry } from './views.ts';

/** "filtered-average" as "Filtered average". */
export function titled(name: string): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What an entry is called in a plot: its scheme, and what sets it apart from the others there. */
export function entryName({ measurement, standing }: Entry): string {
  const { scheme, parameters, rows } = measurement;
  return [
    scheme,
    ...(parameters === undefined ? [] : [parameters]),
    ...(standing === null ? [`${rowsText(rows)} only`] : []),
  ].join(', ');
}

/** A text that names a part of the page. */
export function idOf(...parts: readonly string[]): string {
  return parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
}
