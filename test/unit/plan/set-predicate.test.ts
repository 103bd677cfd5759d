import { expect, test } from 'vitest';
import { toSetPredicate, type SetPredicate } from '../../../src/plan/set-predicate.ts';
import { plan, SCHEMA } from './visits.ts';

/** A compact text of a set: x=1, x[1,3], ∅(x) for the rows where x is NULL, & | ! for the operations. */
function show(set: SetPredicate): string {
  switch (set.kind) {
    case 'all':
    case 'none':
      return set.kind;
    case 'and':
    case 'or':
      return `(${set.args.map(show).join(set.kind === 'and' ? ' & ' : ' | ')})`;
    case 'not':
      return `!${show(set.arg)}`;
    case 'atom': {
      const { atom } = set;
      if (atom.kind === 'isNull') return `∅(${atom.column})`;
      if (atom.kind === 'equals') return `${atom.column}=${atom.value}`;
      if (atom.kind === 'keyword') return `${atom.column}~${atom.keyword}`;
      if (atom.kind === 'like') return `${atom.column} like ${JSON.stringify(atom.pattern)}`;
      const low =
        atom.low === undefined ? '(' : `${atom.low.inclusive ? '[' : '('}${atom.low.value}`;
      const high =
        atom.high === undefined ? ')' : `${atom.high.value}${atom.high.inclusive ? ']' : ')'}`;
      return `${atom.column}${low},${high}`;
    }
  }
}

async function set(where: string, informed = false): Promise<string> {
  const { filter } = await plan(`SELECT bed FROM visits WHERE ${where}`);
  const nullable = (name: string): boolean => SCHEMA.columns.find((c) => c.name === name)!.nullable;
  return show(informed ? toSetPredicate(filter, nullable) : toSetPredicate(filter));
}

test.each([
  ['days = 1', 'days=1'],
  ['NOT days = 1', '(!∅(days) & !days=1)'],
  ['NOT (days > 2)', '(!∅(days) & !days[3,))'],
  ['NOT (days > 2 AND fee < 1)', '((!∅(days) & !days[3,)) | (!∅(fee) & !fee(,99]))'],
  ['NOT NOT days = 1', 'days=1'],
  ["MATCH(notes, 'tall AND NOT dark')", '(notes~tall & !notes~dark)'],
  ["MATCH(notes, 'NOT dark')", '(!∅(notes) & !notes~dark)'],
  ["NOT MATCH(notes, 'tall dark')", '((!∅(notes) & !notes~tall) | (!∅(notes) & !notes~dark))'],
  ["MATCH(notes, 'tall') AND NOT MATCH(notes, 'TALL')", 'none'],
  ["name LIKE 'abc%'", 'name like ["abc",{"skip":0,"more":true}]'],
  ["name NOT LIKE 'abc%'", '(!∅(name) & !name like ["abc",{"skip":0,"more":true}])'],
  ["name LIKE 'abc%' AND name = 'abcd'", '(name=abcd & name like ["abc",{"skip":0,"more":true}])'],
  ["name LIKE 'abc'", 'name=abc'],
  ["name LIKE '%'", '!∅(name)'],
  ["name NOT LIKE '%'", 'none'],
  ['days IS NOT NULL', '!∅(days)'],
  ['NOT (days IS NOT NULL)', '∅(days)'],
  ['days NOT IN (1, 2)', '(!∅(days) & !days=1 & !days=2)'],
  ['days IN (1, 2, 1)', '(days=1 | days=2)'],
])('NOT goes down to the atoms: %s', async (where, expected) => {
  expect(await set(where)).toBe(expected);
});

test.each([
  ['TRUE', 'all'],
  ['NULL', 'none'],
  ['NOT NULL', 'none'],
  ['days = 1 OR TRUE', 'all'],
  ['days = 1 AND NULL', 'none'],
  ['days = 1 OR NULL', 'days=1'],
  ['days = 1.5', 'none'],
  ['days <> 1.5', '!∅(days)'],
  ['days BETWEEN 5 AND 3', 'none'],
  ['days BETWEEN 4 AND 4', 'days=4'],
  ['days > 2 AND days <= 6', 'days[3,6]'],
  ['days > 2 AND fee > 0 AND (days < 9 AND days > 4)', '(days[5,8] & fee[1,))'],
  ['days > 2 AND days < 3', 'none'],
  ['days = 5 AND days > 2', 'days=5'],
  ['days = 5 AND days = 6', 'none'],
  ['days = 5 AND days <> 6', '(days=5 & !days=6)'],
  ['days = 5 AND days <> 5', 'none'],
  ['days = 5 OR days IS NULL OR NOT days = 5', '(days=5 | ∅(days) | (!∅(days) & !days=5))'],
  ['days IS NULL AND days > 1', 'none'],
  ['days IS NULL OR days IS NOT NULL', 'all'],
  ['days > 1 AND days IS NOT NULL', 'days[2,)'],
  ["ward > 'A' AND ward < 'B'", 'ward(A,B)'],
  ["ward >= 'A' AND ward <= 'A'", 'ward=A'],
  ["ward > 'A' AND ward >= 'A'", 'ward(A,)'],
  ["ward >= 'A' AND ward > 'A'", 'ward(A,)'],
  ["ward > 'A' AND ward <= 'A'", 'none'],
  ['score > 0.5 AND score > 0.25', 'score(0.5,)'],
])('simplified: %s', async (where, expected) => {
  expect(await set(where)).toBe(expected);
});

test('a column that is never NULL needs no test for it', async () => {
  expect(await set('NOT bed = 1', true)).toBe('!bed=1');
  expect(await set('bed IS NULL', true)).toBe('none');
  expect(await set('bed IS NOT NULL AND days <> 1', true)).toBe('(!∅(days) & !days=1)');
});
