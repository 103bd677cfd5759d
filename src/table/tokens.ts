/**
 * Which runs of characters of a document are its keywords: letters and digits of any script, or those of
 * ASCII alone. A schema's `"tokens"`.
 */
export type TokenRule = 'unicode' | 'ascii';

/** In code points; shorter and longer runs are no keywords. */
export const TOKEN_LENGTH = { least: 2, most: 40 } as const;

const RUNS: { readonly [R in TokenRule]: RegExp } = {
  unicode: /[\p{L}\p{N}]+/gu,
  ascii: /[a-z0-9]+/g,
};

/**
 * The keywords of a text in their order, repeated ones included: it is brought to NFKC (Unicode Standard
 * Annex 15), then to lower case by Unicode's default mapping, then cut into runs.
 */
export function tokensOf(text: string, rule: TokenRule): string[] {
  const runs = text.normalize('NFKC').toLowerCase().match(RUNS[rule]) ?? [];
  return runs.filter(isToken);
}

function isToken(run: string): boolean {
  // As many UTF-16 units as code points, or up to twice as many.
  if (run.length < TOKEN_LENGTH.least || run.length > 2 * TOKEN_LENGTH.most) return false;
  let points = 0;
  for (let at = 0; at < run.length; at += run.codePointAt(at)! > 0xffff ? 2 : 1) points++;
  return points >= TOKEN_LENGTH.least && points <= TOKEN_LENGTH.most;
}
