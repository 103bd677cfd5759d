import { inlineSvg, type Drawing } from './drawing.ts';
import { markup, type Child, type Markup } from './markup.ts';
import { foldedTable } from './table.ts';
import { PAGE, type Theme } from './theme.ts';

/** Pixels for which a plot is drawn: beside another or on a small screen. */
export const WIDE = 580;
export const NARROW = 330;

/** A plot for wide and one for narrow screens, of which the style sheet shows one, with its caption and data. */
export function figure(
  id: string,
  draw: (theme: Theme, width: number) => Drawing,
  caption: Child,
  data: Markup,
  wide: number = WIDE,
): Markup {
  const large = draw(PAGE, wide);
  const small = draw(PAGE, NARROW);
  return markup`<figure id="${id}">${inlineSvg(large, `${id}-w`, PAGE, 'wide')}${inlineSvg(small, `${id}-n`, PAGE, 'narrow')}<figcaption>${caption}</figcaption>${foldedTable(`Data: ${large.title}`, data)}</figure>`;
}
