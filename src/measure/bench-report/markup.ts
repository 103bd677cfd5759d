/**
 * Text that goes into a page as it is. Only `markup` makes it, `drawing.ts` of a tree it has checked, and `head.ts` of
 * a style sheet of the project's own.
 */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type Child = Markup | string | number | readonly Child[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
// C0 but tab and line feed, C1, and the controls that make text read other than it is written (UAX #9, 2.1 to 2.4).
const CONTROLS =
  // oxlint-disable-next-line no-control-regex -- these are what is taken out
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g;

/** Escaped for text and quoted attributes of HTML and XML; controls and lone surrogates become U+FFFD. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(CONTROLS, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A template of HTML or SVG: whatever is put in is escaped, unless it is markup itself; lists are joined. */
export function markup(parts: TemplateStringsArray, ...children: readonly Child[]): Markup {
  return new Markup(parts.map((part, i) => part + textOf(children[i] ?? '')).join(''));
}

function textOf(child: Child): string {
  if (child instanceof Markup) return child.toString();
  if (typeof child === 'string') return escaped(child);
  if (typeof child === 'number') return String(child);
  return child.map(textOf).join('');
}
