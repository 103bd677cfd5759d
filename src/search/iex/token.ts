import { compareBytes, wipe } from '../../bytes/compare.ts';
import { shuffled } from '../../bytes/permutation.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { RungSource, VaultRung } from '../token-rung.ts';
import { type BooleanQuery, firstTerms, indexOf } from './first-terms.ts';
import { encodeQuery, type FormulaNode, MAX_NODES, MAX_TOKENS } from './query.ts';
import { PairPrf, type KeywordKeys } from './token/pair.ts';

/** An index in the hands of the vault: it answers keywords, and conditions of them. */
export function openIex({ key }: Pick<RungSource, 'key'>): VaultRung {
  return {
    token: (query) => {
      if (query.kind === 'range') {
        throw new OpalineError('INTERNAL', { reason: 'iex: an index has no order' });
      }
      return iexToken(key, query.kind === 'keyword' ? query : query.condition);
    },
  };
}

/**
 * The token of a formula, for one index: first terms' lists, and of every other keyword the lists of pairs with each of them.
 * Where there are no first terms (NOT alone, for one) the other keywords' lists are shown whole, as sse shows them. Keywords
 * are in a random order.
 *
 * About 32·(1 + first terms) bytes a keyword.
 * @throws REQUEST_TOO_LARGE above 254 first terms, 2,048 tokens or 1,024 nodes.
 */
export function iexToken(key: Uint8Array, query: BooleanQuery): Uint8Array {
  const prf = new PairPrf(key);
  const first = shuffled(firstTerms(query) ?? []);
  const formula: FormulaNode[] = [];
  const keywords: Uint8Array[] = [];
  addNode(query, formula, keywords);
  const order = shuffled(keywords.map((_, i) => i));
  const others =
    keywords.length - keywords.filter((keyword) => indexOf(first, keyword) >= 0).length;
  limit('the number of first terms of a boolean query', first.length, 254);
  limit(
    'the number of tokens of a boolean query',
    first.length + others * Math.max(1, first.length),
    MAX_TOKENS,
  );
  limit('the number of terms and operators of a boolean query', formula.length, MAX_NODES);
  const firstKeys = first.map((keyword) => prf.keys(keyword));
  const terms = order.map((i) => {
    const number = indexOf(first, keywords[i]!);
    if (number >= 0) return { first: number };
    const own = prf.keys(keywords[i]!);
    const tokens =
      first.length === 0 ? [prf.global(own)] : firstKeys.map((keys) => pairToken(prf, keys, own));
    wipe(own.key);
    return { tokens };
  });
  const tokens = firstKeys.map((keys) => prf.global(keys));
  for (const { key: secret } of firstKeys) wipe(secret);
  prf.destroy();
  const places = new Uint32Array(order.length);
  order.forEach((keyword, place) => (places[keyword] = place));
  const renamed = formula.map((node) =>
    node.kind === 'term' ? { ...node, term: places[node.term]! } : node,
  );
  return encodeQuery({ first: tokens, terms, formula: renamed });
}

function pairToken(prf: PairPrf, a: KeywordKeys, b: KeywordKeys): Uint8Array {
  return compareBytes(a.name, b.name) < 0 ? prf.pair(a, b) : prf.pair(b, a);
}

/** Add the nodes of a formula; terms are numbers in `keywords`. */
function addNode(query: BooleanQuery, formula: FormulaNode[], keywords: Uint8Array[]): number {
  switch (query.kind) {
    case 'keyword': {
      const known = indexOf(keywords, query.keyword);
      const term = known >= 0 ? known : keywords.push(query.keyword) - 1;
      return formula.push({ kind: 'term', term }) - 1;
    }
    case 'not':
      return formula.push({ kind: 'not', arg: addNode(query.arg, formula, keywords) }) - 1;
    case 'and':
    case 'or': {
      if (query.args.length === 0) {
        throw new OpalineError('INTERNAL', { reason: 'iex: an operator without arguments' });
      }
      const args = query.args.map((arg) => addNode(arg, formula, keywords));
      return formula.push({ kind: query.kind, args }) - 1;
    }
    default:
      return query satisfies never;
  }
}

function limit(what: string, size: number, most: number): void {
  if (size > most) throw new OpalineError('REQUEST_TOO_LARGE', { what, size, limit: most });
}
