import type { Drawing } from './drawing.ts';
import { FONT_SIZE } from './drawing.ts';
import { markup, type Markup } from './markup.ts';
import { FAMILIES, familyOf, lookOf, OTHER_FAMILY, WHOSE, type SchemeLook } from './scheme-look.ts';
import { px, symbolMark } from './symbols.ts';
import { textWidth } from './text-width.ts';
import type { Theme } from './theme.ts';
import type { SchemeStatement } from '../bench/result.ts';

/** A symbol and what it stands for. */
export interface Key {
  readonly look: SchemeLook;
  readonly title: string;
}

/** Families that are there, then whose they are, where it is more than one’s. */
export function keysOf(schemes: readonly SchemeStatement[]): readonly Key[] {
  const there = new Set(schemes.map(({ family }) => familyOf(family)));
  const families = [...FAMILIES, OTHER_FAMILY]
    .filter((family) => there.has(family))
    .map(({ family, title }): Key => ({ look: lookOf({ family, whose: 'opaline' }), title }));
  const owners = new Set(schemes.map(({ whose }) => whose));
  if (owners.size < 2) return families;
  const whose = (['opaline', 'peer', 'plug-in'] as const)
    .filter((one) => owners.has(one))
    .map((one): Key => {
      const { fill, title } = WHOSE[one];
      return { look: { symbol: 'circle', colour: 'ink', fill }, title };
    });
  return [...families, ...whose];
}

/** For a page: a list. */
export function legendList(keys: readonly Key[], theme: Theme): Markup {
  return markup`<ul class="legend">${keys.map(({ look, title }) => markup`<li>${symbolIcon(look, theme)} ${title}</li>`)}</ul>`;
}

/** A symbol in a line of text; what it says is said beside it. */
export function symbolIcon(look: SchemeLook, theme: Theme): Markup {
  return markup`<svg class="icon" aria-hidden="true" width="16" height="16" viewBox="0 0 16 16">${symbolMark(look, { x: 8, y: 8 }, 5, theme)}</svg>`;
}

/** For a picture: in lines of at most so many pixels. */
export function legendDrawing(keys: readonly Key[], theme: Theme, width: number): Drawing {
  const lineHeight = 22;
  let [x, y] = [0, 12];
  const parts = keys.map(({ look, title }) => {
    const takes = textWidth(title, FONT_SIZE) + 38;
    if (x > 0 && x + takes > width) [x, y] = [0, y + lineHeight];
    const part = markup`${symbolMark(look, { x: x + 7, y }, 5, theme)}<text x="${px(x + 20)}" y="${y + 4}" text-anchor="start">${title}</text>`;
    x += takes;
    return part;
  });
  return { width, height: y + 10, body: markup`${parts}`, title: 'Legend', description: '' };
}
