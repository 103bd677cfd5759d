import { Reader, Writer } from '../../bytes/codec.ts';
import { TOKEN_BYTES } from '../sse/format.ts';

/** Most tokens of a query, and most nodes of its formula. */
export const MAX_TOKENS = 2048;
export const MAX_NODES = 1024;
const MAX_FIRST = 255;
/** In place of the number of a first term. */
const OTHER = 255;
const KINDS = ['term', 'not', 'and', 'or'] as const;

/**
 * A formula of terms; arguments are numbers of earlier nodes, and the last node is the whole. The terms are numbers
 * in `IexQuery.terms`.
 */
export type FormulaNode =
  | { readonly kind: 'term'; readonly term: number }
  | { readonly kind: 'not'; readonly arg: number }
  | { readonly kind: 'and' | 'or'; readonly args: readonly number[] };

/** A term of the formula: one of the first terms, or the tokens of its lists in their multimaps. */
export type QueryTerm =
  | { readonly first: number }
  /** By first term, the list of the rows of both; one, its own list, where there are no first terms. */
  | { readonly tokens: readonly Uint8Array[] };

/**
 * What the store is given. The answer is the formula on the rows that have one of the first terms; with no first term, on all.
 */
export interface IexQuery {
  /** Tokens of the first terms' lists. */
  readonly first: readonly Uint8Array[];
  readonly terms: readonly QueryTerm[];
  readonly formula: readonly FormulaNode[];
}

/**
 * ```
 * first u8 | tokens | terms u16 | per term: number of a first term u8, or 255 and tokens
 * nodes u16 | per node: kind u8, then: term or argument u16; or arguments u16, each u16
 * ```
 */
export function encodeQuery({ first, terms, formula }: IexQuery): Uint8Array {
  const writer = new Writer().u8(first.length);
  for (const token of first) writer.raw(token);
  writer.u16(terms.length);
  for (const term of terms) {
    if ('first' in term) {
      writer.u8(term.first);
    } else {
      writer.u8(OTHER);
      for (const token of term.tokens) writer.raw(token);
    }
  }
  writer.u16(formula.length);
  for (const node of formula) {
    writer.u8(KINDS.indexOf(node.kind));
    if (node.kind === 'term') writer.u16(node.term);
    else if (node.kind === 'not') writer.u16(node.arg);
    else {
      writer.u16(node.args.length);
      for (const arg of node.args) writer.u16(arg);
    }
  }
  return writer.finish();
}

/** @throws BYTES_INVALID unless the bytes are a query within the limits, every number in it that of something earlier. */
export function decodeQuery(bytes: Uint8Array): IexQuery {
  const reader = new Reader(bytes, 'iex token');
  let tokens = 0;
  const token = (): Uint8Array => {
    if (++tokens > MAX_TOKENS) reader.fail('too many tokens');
    return reader.raw(TOKEN_BYTES);
  };
  const below = (limit: number): number => {
    const number = reader.u16();
    if (number >= limit) reader.fail('a number is out of range');
    return number;
  };
  const firsts = reader.u8();
  if (firsts >= MAX_FIRST) reader.fail('too many first terms');
  const first = Array.from({ length: firsts }, token);
  const terms = Array.from({ length: below(MAX_TOKENS + 1) }, (): QueryTerm => {
    const number = reader.u8();
    if (number === OTHER) return { tokens: Array.from({ length: Math.max(1, firsts) }, token) };
    return number < firsts ? { first: number } : reader.fail('no such first term');
  });
  const nodes = below(MAX_NODES + 1);
  if (nodes === 0) reader.fail('an empty formula');
  const formula = Array.from({ length: nodes }, (_, at): FormulaNode => {
    const kind = KINDS[reader.u8()] ?? reader.fail('an unknown kind of node');
    if (kind === 'term') return { kind, term: below(terms.length) };
    if (kind === 'not') return { kind, arg: below(at) };
    const args = Array.from({ length: below(MAX_NODES) }, () => below(at));
    return args.length === 0 ? reader.fail('a node without arguments') : { kind, args };
  });
  reader.end();
  return { first, terms, formula };
}
