import { markup, type Markup } from './markup.ts';
import type { Theme } from './theme.ts';

/** A picture without its frame, in pixels. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly body: Markup;
  /** What it shows, in a few words. */
  readonly title: string;
  /** What there is to see in it, for those who cannot. */
  readonly description: string;
}

export const FONT_SIZE = 12;

/** For a page: sized by its style sheet, read out by its title and description. */
export function inlineSvg(drawing: Drawing, id: string, theme: Theme, variant: string): Markup {
  const { width, height, title, description } = drawing;
  return markup`<svg class="${variant}" role="img" aria-labelledby="${id}-t ${id}-d" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>${inked(drawing.body, theme)}</svg>`;
}

/** A file of its own: XML, on a ground of the theme’s. */
export function svgFile(drawing: Drawing, theme: Theme): string {
  const { width, height, title, description } = drawing;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, sans-serif"><title>${title}</title><desc>${description}</desc><rect width="${width}" height="${height}" fill="${theme.ground}"/>${inked(drawing.body, theme)}</svg>\n`.toString();
}

function inked(body: Markup, theme: Theme): Markup {
  return markup`<g color="${theme.ink}" fill="${theme.ink}" font-size="${FONT_SIZE}" text-anchor="middle">${body}</g>`;
}

/** Pictures side by side in rows of so many, each under its title; a heading and a foot may span them. */
export function composed(
  drawings: readonly Drawing[],
  columns: number,
  about: Pick<Drawing, 'title' | 'description'> & { readonly foot?: Drawing },
): Drawing {
  const gap = 20;
  const headroom = 26;
  const width = Math.max(...drawings.map((one) => one.width));
  const parts: Markup[] = [];
  let top = gap;
  for (let first = 0; first < drawings.length; first += columns) {
    const row = drawings.slice(first, first + columns);
    for (const [i, one] of row.entries()) {
      const left = gap + i * (width + gap);
      parts.push(
        markup`<text x="${left}" y="${top + 14}" text-anchor="start" font-size="15" font-weight="bold">${one.title}</text><g transform="translate(${left},${top + headroom})">${one.body}</g>`,
      );
    }
    top += headroom + Math.max(...row.map((one) => one.height)) + gap;
  }
  const { foot, ...texts } = about;
  if (foot !== undefined) {
    parts.push(markup`<g transform="translate(${gap},${top})">${foot.body}</g>`);
    top += foot.height + gap;
  }
  const across = Math.min(columns, drawings.length);
  const total = gap + across * (width + gap);
  return { ...texts, width: total, height: top, body: markup`${parts}` };
}
