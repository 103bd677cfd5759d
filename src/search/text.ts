import { LEAST_PREFIX } from '../table/search-index.ts';

/** Which lists a text column has besides those of its values, in code points (table/search-index.ts). */
export interface TextLists {
  readonly prefix?: number;
  readonly ngram?: number;
}

/** The beginnings of a text that have lists: from 3 code points up to `longest`, as far as the text goes. */
export function prefixesOf(text: string, longest: number): string[] {
  const prefixes: string[] = [];
  let end = 0;
  for (let points = 1; points <= longest && end < text.length; points++) {
    end += unitsAt(text, end);
    if (points >= LEAST_PREFIX) prefixes.push(text.slice(0, end));
  }
  return prefixes;
}

/** The runs of `size` code points in a text, each once, in order of first appearance. */
export function gramsOf(text: string, size: number): string[] {
  const grams = new Set<string>();
  let start = 0;
  let end = 0;
  for (let points = 1; end < text.length; points++) {
    end += unitsAt(text, end);
    if (points < size) continue;
    grams.add(text.slice(start, end));
    start += unitsAt(text, start);
  }
  return [...grams];
}

/** Code points of a well-formed text. */
export function pointsOf(text: string): number {
  let points = 0;
  for (let at = 0; at < text.length; at += unitsAt(text, at)) points++;
  return points;
}

/** UTF-16 units of the code point at a place. */
export function unitsAt(text: string, at: number): 1 | 2 {
  return text.codePointAt(at)! > 0xffff ? 2 : 1;
}
