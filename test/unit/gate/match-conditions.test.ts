import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conditionId, matchCondition, takeConditions } from '../../../src/gate/match-conditions.ts';
import type { SetPredicate } from '../../../src/plan/set-predicate.ts';
import type { KeywordCondition } from '../../../src/search/token-rung.ts';

const WORDS = ['ant', 'bee', 'cat'];
/** The keywords of a cell; undefined for NULL. */
type Cell = readonly string[] | undefined;

const cells: readonly Cell[] = [
  undefined,
  ...Array.from({ length: 8 }, (_, bits) => WORDS.filter((_w, i) => ((bits >> i) & 1) === 1)),
];

const word = (keyword: string, column = 'note'): SetPredicate => ({
  kind: 'atom',
  atom: { kind: 'keyword', column, keyword },
});
const not = (arg: SetPredicate): SetPredicate => ({ kind: 'not', arg });
const and = (...args: SetPredicate[]): SetPredicate => ({ kind: 'and', args });
const or = (...args: SetPredicate[]): SetPredicate => ({ kind: 'or', args });
const isNull: SetPredicate = { kind: 'atom', atom: { kind: 'isNull', column: 'note' } };

/** Whether a row with that cell is in the set. */
function inSet(predicate: SetPredicate, cell: Cell): boolean {
  switch (predicate.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'atom':
      if (predicate.atom.kind === 'isNull') return cell === undefined;
      if (predicate.atom.kind !== 'keyword') throw new Error('not an atom of this test');
      return cell?.includes(predicate.atom.keyword) === true;
    case 'not':
      return !inSet(predicate.arg, cell);
    case 'and':
      return predicate.args.every((arg) => inSet(arg, cell));
    case 'or':
      return predicate.args.some((arg) => inSet(arg, cell));
    default:
      return predicate satisfies never;
  }
}

/** The same of a condition: a NULL cell has no keyword. */
function holds(condition: KeywordCondition, cell: Cell): boolean {
  switch (condition.kind) {
    case 'keyword':
      return cell?.includes(new TextDecoder().decode(condition.keyword.subarray(1))) === true;
    case 'not':
      return !holds(condition.arg, cell);
    case 'and':
      return condition.args.every((arg) => holds(arg, cell));
    case 'or':
      return condition.args.some((arg) => holds(arg, cell));
    default:
      return condition satisfies never;
  }
}

const { predicate: predicates } = fc.letrec<{ predicate: SetPredicate }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...WORDS).map((w) => word(w)),
    fc.constantFrom(...WORDS).map((w) => and(not(isNull), not(word(w)))),
    fc.constantFrom(isNull, not(isNull)),
    tie('predicate').map(not),
    fc.array(tie('predicate'), { minLength: 1, maxLength: 3 }).map((args) => and(...args)),
    fc.array(tie('predicate'), { minLength: 1, maxLength: 3 }).map((args) => or(...args)),
  ),
}));

const everywhere = (): boolean => true;

describe('a condition of one column', () => {
  test('holds of the rows of the predicate, NULL ones included', () => {
    let found = 0;
    fc.assert(
      fc.property(predicates, (predicate) => {
        const match = matchCondition(predicate, everywhere);
        if (match === undefined) return;
        found++;
        for (const cell of cells) {
          const here = holds(match.condition, cell) && !(match.notNull && cell === undefined);
          expect(here).toBe(inSet(predicate, cell));
        }
      }),
      { numRuns: 1000 },
    );
    expect(found).toBeGreaterThan(100);
  });

  test('with what is left of a conjunction holds of the same rows', () => {
    fc.assert(
      fc.property(fc.array(predicates, { maxLength: 4 }), (args) => {
        const { conditions, others } = takeConditions(args, everywhere);
        expect(conditions.length).toBeLessThanOrEqual(1);
        for (const cell of cells) {
          const here =
            others.every((arg) => inSet(arg, cell)) &&
            conditions.every(
              ({ condition, notNull }) =>
                holds(condition, cell) && !(notNull && cell === undefined),
            );
          expect(here).toBe(args.every((arg) => inSet(arg, cell)));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('takes in negations whose column may be NULL', () => {
    const absent = and(not(isNull), not(word('cat')));
    expect(matchCondition(and(word('ant'), absent), everywhere)).toMatchObject({ notNull: true });
    expect(matchCondition(or(word('ant'), absent), everywhere)).toMatchObject({ notNull: true });
    expect(matchCondition(or(not(word('ant')), absent), everywhere)).toBe(undefined);
    expect(matchCondition(not(absent), everywhere)).toBe(undefined);
  });

  test('is of one column, of those that are asked for whole conditions', () => {
    const two = and(word('ant'), word('bee', 'title'), word('cat'));
    expect(matchCondition(two, everywhere)).toBe(undefined);
    const { conditions, others } = takeConditions(two.kind === 'and' ? two.args : [], everywhere);
    expect(conditions.map(({ column }) => column)).toEqual(['note', 'title']);
    expect(others).toEqual([]);
    expect(matchCondition(word('ant'), () => false)).toBe(undefined);
    expect(matchCondition(or(word('ant'), word('bee', 'title')), everywhere)).toBe(undefined);
  });

  test('has a name that no other has', () => {
    fc.assert(
      fc.property(predicates, predicates, (a, b) => {
        const [one, other] = [a, b].map((each) => matchCondition(each, everywhere)?.condition);
        if (one === undefined || other === undefined) return;
        expect(conditionId(one) === conditionId(other)).toBe(
          JSON.stringify(one) === JSON.stringify(other),
        );
      }),
    );
  });
});
