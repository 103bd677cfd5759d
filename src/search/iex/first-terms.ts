import { equalBytes } from '../../bytes/compare.ts';

/** A formula of keywords. A conjunction of disjunctions (the paper's section 4.3) is one. */
export type BooleanQuery =
  | { readonly kind: 'keyword'; readonly keyword: Uint8Array }
  | { readonly kind: 'not'; readonly arg: BooleanQuery }
  | { readonly kind: 'and' | 'or'; readonly args: readonly BooleanQuery[] };

/**
 * The first terms of a formula: keywords of which every row that satisfies it has at least one. Undefined where rows without
 * any keyword may satisfy it. The store learns the rows of these whole; so of a conjunction, those of its argument with
 * the fewest are taken, and of arguments with as many the one written first.
 */
export function firstTerms(query: BooleanQuery, negated = false): Uint8Array[] | undefined {
  switch (query.kind) {
    case 'keyword':
      return negated ? undefined : [query.keyword];
    case 'not':
      return firstTerms(query.arg, !negated);
    case 'and':
    case 'or': {
      const each = query.args.map((arg) => firstTerms(arg, negated));
      // NOT of a disjunction is the conjunction of what is negated, and the other way round.
      if ((query.kind === 'and') !== negated) {
        const known = each.filter((terms) => terms !== undefined);
        return known.toSorted((a, b) => a.length - b.length)[0];
      }
      if (each.some((terms) => terms === undefined)) return undefined;
      return distinct(each.flatMap((terms) => terms!));
    }
    default:
      return query satisfies never;
  }
}

/** The place of a keyword among others; −1 where it is not. */
export function indexOf(keywords: readonly Uint8Array[], keyword: Uint8Array): number {
  return keywords.findIndex((other) => equalBytes(other, keyword));
}

function distinct(keywords: readonly Uint8Array[]): Uint8Array[] {
  return keywords.filter((keyword, i) => indexOf(keywords, keyword) === i);
}
