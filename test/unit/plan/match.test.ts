import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isOpalineError } from '../../../src/errors/index.ts';
import { type Match, parseMatch } from '../../../src/plan/match.ts';
import { tokensOf } from '../../../src/table/tokens.ts';

/** A compact text: & | ! and parentheses around every combination. */
function show(match: Match): string {
  switch (match.kind) {
    case 'keyword':
      return match.keyword;
    case 'not':
      return `!${show(match.arg)}`;
    default:
      return `(${match.args.map(show).join(match.kind === 'and' ? '&' : '|')})`;
  }
}

test.each([
  ['tall', 'tall'],
  ['  TALL  ', 'tall'],
  ['tall dark', '(tall&dark)'],
  ['tall AND dark', '(tall&dark)'],
  ['tall OR dark light', '(tall|(dark&light))'],
  ['tall dark OR light', '((tall&dark)|light)'],
  ['tall AND (dark OR light) AND NOT green', '(tall&(dark|light)&!green)'],
  ['NOT NOT tall', '!!tall'],
  ['NOT (tall OR dark)', '!(tall|dark)'],
  ['tall NOT dark', '(tall&!dark)'],
  ['NOT tall dark', '(!tall&dark)'],
  ['(((tall)))', 'tall'],
  ['tall(dark)light', '(tall&dark&light)'],
  ['and or not', '(and&or&not)'],
  ['ANDy ORb', '(andy&orb)'],
  ['snow-white', '(snow&white)'],
  ['bye-bye', 'bye'],
  ['NOT snow-white', '!(snow&white)'],
  ['café', 'café'],
  // A term of no keyword is left out, with the NOT before it.
  ['tall a', 'tall'],
  ['a AND tall', 'tall'],
  ['tall AND NOT a', 'tall'],
  ['tall OR -', 'tall'],
  ['tall AND (a OR b)', 'tall'],
])('%s', (expression, shown) => {
  expect(show(parseMatch(expression, 'unicode'))).toBe(shown);
});

it('brings terms to the keywords of the column', () => {
  expect(show(parseMatch('café AND naïve', 'ascii'))).toBe('(caf&(na&ve))');
});

function refusal(expression: string): unknown {
  try {
    parseMatch(expression, 'unicode');
  } catch (error) {
    if (isOpalineError(error, 'MATCH_INVALID')) return error.details.position ?? 'none';
    throw error;
  }
  return undefined;
}

describe('refusals, and where', () => {
  test.each<[string, unknown]>([
    ['', 0],
    ['   ', 3],
    ['AND tall', 0],
    ['tall AND', 8],
    ['tall OR', 7],
    ['tall AND OR dark', 9],
    ['tall OR OR dark', 8],
    ['NOT', 3],
    ['()', 1],
    ['tall (', 6],
    ['tall AND (dark', 9],
    ['tall)', 4],
    ['𠀀𠀁 )', 3],
    ['tall "dark light"', 5],
    ['tal*', 3],
    ['a', 'none'],
    ['NOT (a OR -)', 'none'],
    [`${'('.repeat(200)}tall${')'.repeat(200)}`, 101],
    [`${'NOT '.repeat(5000)}tall`, 'none'],
    [`${'NOT '.repeat(200)}tall`, 404],
  ])('%s', (expression, position) => {
    expect(refusal(expression)).toBe(position);
  });

  it('an error repeats nothing of the expression', () => {
    expect.assertions(1);
    try {
      parseMatch('secret AND (hidden', 'unicode');
    } catch (error) {
      expect(String(error)).not.toMatch(/secret|hidden/);
    }
  });
});

/** A random expression with its meaning, made together. */
interface Meant {
  readonly text: string;
  readonly holds: (words: ReadonlySet<string>) => boolean;
}

const WORDS = ['tall', 'dark', 'light', 'green', 'café'];
const { any } = fc.letrec<{ any: Meant }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...WORDS).map((word) => ({
      text: word.toUpperCase(),
      holds: (words: ReadonlySet<string>) => words.has(word),
    })),
    tie('any').map(({ text, holds }) => ({
      text: `NOT (${text})`,
      holds: (words: ReadonlySet<string>) => !holds(words),
    })),
    fc.tuple(tie('any'), fc.constantFrom(' AND ', ' ', ' OR '), tie('any')).map(([a, op, b]) => ({
      text: `(${a.text})${op}(${b.text})`,
      holds: (words: ReadonlySet<string>) =>
        op === ' OR ' ? a.holds(words) || b.holds(words) : a.holds(words) && b.holds(words),
    })),
  ),
}));

function holds(match: Match, words: ReadonlySet<string>): boolean {
  switch (match.kind) {
    case 'keyword':
      return words.has(match.keyword);
    case 'not':
      return !holds(match.arg, words);
    case 'and':
      return match.args.every((arg) => holds(arg, words));
    default:
      return match.args.some((arg) => holds(arg, words));
  }
}

it('means what its parts mean', () => {
  fc.assert(
    fc.property(any, fc.subarray(WORDS), (meant, words) => {
      const held = new Set(words);
      expect(holds(parseMatch(meant.text, 'unicode'), held)).toBe(meant.holds(held));
    }),
    { numRuns: 500 },
  );
});

it('never fails but by refusing, whatever is written', () => {
  const unit = fc.constantFrom('AND', 'OR', 'NOT', '(', ')', ' ', 'tall', 'a', '-', '𠀀', '"', '*');
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 30 }), (parts) => {
      const expression = parts.join(' ');
      const at = refusal(expression);
      if (typeof at === 'number') {
        expect(at).toBeLessThanOrEqual([...expression].length);
      } else if (at === 'none') {
        const terms = expression.split(/[\s()]+/).filter((word) => !/^(AND|OR|NOT)$/.test(word));
        expect(terms.flatMap((term) => tokensOf(term, 'unicode'))).toEqual([]);
      }
    }),
    { numRuns: 500 },
  );
});
