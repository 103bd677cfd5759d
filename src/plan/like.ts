import { pointsOf, unitsAt } from '../search/text.ts';

/**
 * A LIKE pattern: literal texts, and between them wildcards that stand for `skip` code points, or for as
 * many or `more`. No two neighbours are of one sort.
 */
export type LikePattern = readonly LikePart[];
export type LikePart = string | { readonly skip: number; readonly more: boolean };

/**
 * Reads a pattern (PostgreSQL's manual, 9.7.1): `_` is any code point, `%` any text, and what follows
 * `escape` (one code point; undefined: none) is itself. Undefined where the escape ends the pattern.
 */
export function parseLike(pattern: string, escape: string | undefined): LikePattern | undefined {
  const parts: LikePart[] = [];
  const literal = (text: string): void => {
    const last = parts.at(-1);
    if (typeof last === 'string') parts[parts.length - 1] = last + text;
    else parts.push(text);
  };
  const wildcard = (skip: number, more: boolean): void => {
    const last = parts.at(-1);
    if (typeof last !== 'object') parts.push({ skip, more });
    else parts[parts.length - 1] = { skip: last.skip + skip, more: last.more || more };
  };
  let escaped = false;
  for (const point of pattern) {
    if (!escaped && point === escape) {
      escaped = true;
      continue;
    }
    if (escaped) literal(point);
    else if (point === '%') wildcard(0, true);
    else if (point === '_') wildcard(1, false);
    else literal(point);
    escaped = false;
  }
  return escaped ? undefined : parts;
}

/**
 * Whether a text is of a pattern, code points compared as they are. Well-formed texts; in time of the
 * product of their lengths at most.
 */
export function matchesLike(pattern: LikePattern, text: string): boolean {
  const [first = [], ...rest] = piecesOf(pattern);
  const last = rest.pop();
  let at = endOfMatch(first, text, 0);
  if (last === undefined) return at === text.length;
  for (const piece of rest) {
    if (at === undefined) return false;
    at = endOfFirst(piece, text, at);
  }
  return at !== undefined && matchesEnd(last, text, at);
}

/** The literal text that a pattern begins with. */
export function beginningOf(pattern: LikePattern): string | undefined {
  const [first] = pattern;
  return typeof first === 'string' ? first : undefined;
}

/** True of a text and a final `%`. */
export function isPrefix(pattern: LikePattern): boolean {
  const [first, second, ...more] = pattern;
  if (typeof first !== 'string' || typeof second !== 'object') return false;
  return second.skip === 0 && second.more && more.length === 0;
}

/** Code points of the longest literal text in a pattern. */
export function longestText(pattern: LikePattern): number {
  return Math.max(0, ...pattern.map((part) => (typeof part === 'string' ? pointsOf(part) : 0)));
}

/** Texts and numbers of code points, of a fixed length together: what lies between two `%`. */
type Piece = readonly (string | number)[];

function piecesOf(pattern: LikePattern): Piece[] {
  const pieces: (string | number)[][] = [[]];
  for (const part of pattern) {
    const piece = pieces.at(-1)!;
    if (typeof part === 'string') piece.push(part);
    else {
      if (part.skip > 0) piece.push(part.skip);
      if (part.more) pieces.push([]);
    }
  }
  return pieces;
}

/** Where a piece that begins at `at` ends; undefined where the text there is another. */
function endOfMatch(piece: Piece, text: string, at: number): number | undefined {
  let end = at;
  for (const part of piece) {
    if (typeof part === 'string') {
      if (!text.startsWith(part, end)) return undefined;
      end += part.length;
    } else {
      for (let n = 0; n < part; n++) {
        if (end >= text.length) return undefined;
        end += unitsAt(text, end);
      }
    }
  }
  return end;
}

/** Where the first occurrence of a piece at or after `from` ends: none that comes later leaves more text. */
function endOfFirst(piece: Piece, text: string, from: number): number | undefined {
  for (let at = from; ; at += unitsAt(text, at)) {
    const [head] = piece;
    if (typeof head === 'string') {
      at = text.indexOf(head, at);
      if (at === -1) return undefined;
    }
    const end = endOfMatch(piece, text, at);
    if (end !== undefined) return end;
    if (at >= text.length) return undefined;
  }
}

/** Whether a piece lies at the end of a text, at or after `from`. */
function matchesEnd(piece: Piece, text: string, from: number): boolean {
  let start = text.length;
  for (const part of piece.toReversed()) {
    if (typeof part === 'string') {
      start -= part.length;
      if (start < from || !text.startsWith(part, start)) return false;
    } else {
      for (let n = 0; n < part; n++) {
        if (start <= from) return false;
        const low = text.charCodeAt(start - 1);
        start -= low >= 0xdc00 && low <= 0xdfff ? 2 : 1;
      }
    }
  }
  return start >= from;
}
