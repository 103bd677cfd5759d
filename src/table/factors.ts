/**
 * Products of columns as text: `x*x`, `x^3`, `"unit price"*days`. A name without quotes ends at `*`,
 * `^`, `(`, `)`, `,` or `"`, and the blanks around it do not count; in quotes, a quote is doubled.
 */

/** A column and how often it is a factor. */
export interface Factor {
  readonly name: string;
  readonly power: number;
}

/** The sum of the powers of a product at most. */
export const MAX_DEGREE = 64;

const FACTOR = /\s*(?:"((?:[^"]|"")+)"|([^*^(),"]+?))\s*(?:\^\s*([1-9]\d?)\s*)?(?:(\*)|$)/y;

/** The factors of a product in the order written; undefined for other text, or a degree above MAX_DEGREE. */
export function parseFactors(text: string): Factor[] | undefined {
  const factors: Factor[] = [];
  let degree = 0;
  let at = 0;
  for (;;) {
    FACTOR.lastIndex = at;
    const match = FACTOR.exec(text);
    if (match === null) return undefined;
    const [whole, quoted, bare, power = '1', more] = match;
    const name = quoted?.replaceAll('""', '"') ?? bare!.trim();
    if (name === '') return undefined;
    factors.push({ name, power: Number(power) });
    degree += Number(power);
    if (degree > MAX_DEGREE) return undefined;
    if (more === undefined) return factors;
    at += whole.length;
  }
}

/** The text of a product, which `parseFactors` reads back. */
export function formatFactors(factors: readonly Factor[]): string {
  return factors
    .map(({ name, power }) => (power === 1 ? quote(name) : `${quote(name)}^${power}`))
    .join('*');
}

function quote(name: string): string {
  return /[*^(),"]/.test(name) || name !== name.trim() ? `"${name.replaceAll('"', '""')}"` : name;
}
