import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_BATCHES } from '../../../../src/search/mitra/token/state.ts';
import { filmReviews } from '../../../support/film-reviews.ts';
import { postingsOf, term } from '../../../support/postings.ts';
import { expectRows } from '../sse/support.ts';
import { MitraTable } from './support.ts';

const WORDS = ['ant', 'bee', 'cat', 'dog', 'eel'] as const;
const word = fc.constantFrom(...WORDS);
const ROWS = 40;
const row = fc.nat(ROWS - 1);
const rows = fc.array(fc.uniqueArray(word), { minLength: ROWS, maxLength: ROWS });

type Step =
  | {
      readonly kind: 'update';
      readonly changes: readonly { word: string; row: number; op: 'add' | 'delete' }[];
    }
  | { readonly kind: 'search'; readonly words: readonly string[] }
  | { readonly kind: 'rewrite'; readonly word: string };

const change = fc.record({ word, row, op: fc.constantFrom('add' as const, 'delete' as const) });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('update' as const), changes: fc.array(change, { maxLength: 30 }) }),
  fc.record({ kind: fc.constant('search' as const), words: fc.array(word, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('rewrite' as const), word }),
);

/** The same table in the clear. */
class Oracle {
  private readonly lists = new Map<string, Set<number>>(WORDS.map((w) => [w, new Set<number>()]));

  constructor(initial: readonly (readonly string[])[]) {
    initial.forEach((words, r) => words.forEach((w) => this.lists.get(w)!.add(r)));
  }

  apply({ word: w, row: r, op }: { word: string; row: number; op: 'add' | 'delete' }): void {
    if (op === 'add') this.lists.get(w)!.add(r);
    else this.lists.get(w)!.delete(r);
  }

  rows(w: string): Uint32Array {
    return Uint32Array.from(this.lists.get(w)!).sort();
  }
}

describe('a mitra index', () => {
  test('answers as a table in the clear does, through any updates, searches and clean-ups', () => {
    fc.assert(
      fc.property(rows, fc.array(step, { maxLength: 12 }), (initial, steps) => {
        const table = new MitraTable(postingsOf(initial));
        const oracle = new Oracle(initial);
        for (const each of steps) {
          if (each.kind === 'update') {
            table.update(
              each.changes.map(({ word: w, ...rest }) => ({ keyword: term(w), ...rest })),
            );
            for (const one of each.changes) oracle.apply(one);
          } else if (each.kind === 'search') {
            expect(table.search(...each.words.map(term))).toEqual(
              each.words.map((w) => oracle.rows(w)),
            );
          } else {
            table.rewrite(term(each.word), table.search(term(each.word))[0]!);
          }
        }
        expect(table.search(...WORDS.map(term))).toEqual(WORDS.map((w) => oracle.rows(w)));
      }),
      { numRuns: 60 },
    );
  });

  test('of no posting at all takes additions later', () => {
    const table = new MitraTable(postingsOf([[], [], []]));
    expect(table.search(term('ant'))).toEqual([new Uint32Array(0)]);
    table.update([{ keyword: term('ant'), row: 2, op: 'add' }]);
    expect(table.search(term('ant'))).toEqual([Uint32Array.of(2)]);
  });

  test('of 200 film reviews answers every keyword query, also after a quarter of them is deleted', () => {
    const { documents, queries } = filmReviews(200);
    const table = new MitraTable(postingsOf(documents));
    const singles = queries.filter(({ type }) => type.startsWith('single'));
    expect(singles.length).toBe(200);
    for (const { terms, docs } of singles) {
      expectRows(table.search(term(terms[0]!))[0]!, Uint32Array.from(docs));
    }
    const gone = (doc: number): boolean => doc % 4 === 1;
    table.update(
      documents.flatMap((words, doc) =>
        gone(doc) ? words.map((w) => ({ keyword: term(w), row: doc, op: 'delete' as const })) : [],
      ),
    );
    for (const { terms, docs } of singles) {
      const live = docs.filter((doc) => !gone(doc));
      expectRows(table.search(term(terms[0]!))[0]!, Uint32Array.from(live));
    }
  });

  test('keeps about nine bytes a keyword in the vault', () => {
    const { documents } = filmReviews(200);
    const postings = postingsOf(documents);
    const table = new MitraTable(postings);
    const each = (): number => table.state.length / postings.keywords.length;
    expect(each()).toBeLessThan(9.2);
    table.update(documents[0]!.map((w) => ({ keyword: term(w), row: 0, op: 'delete' })));
    expect(each()).toBeLessThan(9.4);
  });

  test('refuses more batches than a lookup should ask, a row that is not there and a keyword twice', () => {
    const table = new MitraTable(postingsOf([['ant']]));
    for (let i = 0; i + 1 < MAX_BATCHES; i++) table.update([]);
    expect(() => table.update([])).toThrow('the number of batches');
    const other = new MitraTable(postingsOf([['ant']]));
    expect(() => other.update([{ keyword: term('ant'), row: 1, op: 'add' }])).toThrow(
      'no such row',
    );
    const twice = { ...postingsOf([['ant', 'bee']]), keywords: [term('ant'), term('ant')] };
    expect(() => new MitraTable(twice)).toThrow('twice');
  });
});
