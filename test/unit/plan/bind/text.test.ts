import { describe, expect, it, test } from 'vitest';
import { beds, plan, refusal } from '../visits.ts';

describe('LIKE', () => {
  test.each<[string, number[]]>([
    ["name LIKE 'Ann%'", [1, 3]],
    ["name NOT LIKE 'Ann%'", [2, 5]],
    ["NOT (name NOT LIKE 'Ann%')", [1, 3]],
    ["name LIKE '%nna%'", [1, 2]],
    ["name LIKE '%anna%'", [2]],
    ["name LIKE '_anna_'", [2]],
    ["name LIKE 'Ann\\_%'", [3]],
    ["name LIKE 'Ann!_a!%' ESCAPE '!'", [3]],
    ["name LIKE '%nn\\%' ESCAPE ''", []],
    ["name LIKE 'Łuk%'", [5]],
    ["name LIKE 'Hannah'", [2]],
    ["name LIKE ''", []],
    ["name LIKE '%'", [1, 2, 3, 5]],
    ["name NOT LIKE '%'", []],
    ['name LIKE NULL', []],
    ["(name LIKE 'Ann%') IS NULL", [4]],
    ["(name LIKE 'Ann%') IS NOT TRUE", [2, 4, 5]],
    ["name LIKE 'Ann%' AND name LIKE '%Berg'", [1]],
  ])('%s', async (where, found) => {
    expect(await beds(where)).toEqual(found);
  });

  it('takes parameters, whole or escaped', async () => {
    expect(await beds('name LIKE $1', 'Ann%')).toEqual([1, 3]);
    expect(await beds('name LIKE $1 ESCAPE $2', 'Ann#_%', '#')).toEqual([3]);
    expect(await beds('name LIKE $1', null)).toEqual([]);
  });

  test.each<[string, string]>([
    ["bed LIKE '1%'", 'TYPE_MISMATCH'],
    ['name LIKE 7', 'TYPE_MISMATCH'],
    ["notes LIKE '%tall%'", 'CAPABILITY_MISSING'],
    ["ward LIKE 'abc%'", 'CAPABILITY_MISSING'],
    ["name LIKE 'Ann\\'", 'SQL_SYNTAX'],
    ["name LIKE 'Ann%' ESCAPE '!!'", 'SQL_SYNTAX'],
    ["'Anna' LIKE name", 'SQL_UNSUPPORTED'],
    ['name LIKE ward', 'SQL_UNSUPPORTED'],
    ["name ILIKE 'ann%'", 'SQL_UNSUPPORTED'],
    ["name SIMILAR TO 'Ann%'", 'SQL_UNSUPPORTED'],
    ["name LIKE ANY (ARRAY['Ann%'])", 'SQL_UNSUPPORTED'],
  ])('%s: %s', async (where, code) => {
    expect(await refusal(`SELECT bed FROM visits WHERE ${where}`)).toMatchObject({ code });
  });

  it('is not answered outside WHERE', async () => {
    const { code } = await refusal("SELECT name LIKE 'Ann%' FROM visits");
    expect(code).toBe('SQL_UNSUPPORTED');
  });
});

describe('MATCH', () => {
  test.each<[string, number[]]>([
    ["MATCH(notes, 'tall')", [1, 3]],
    ["match(notes, 'TALL AND (dark OR light)')", [1, 3]],
    ["MATCH(notes, 'tall AND NOT green')", [1]],
    ["MATCH(notes, 'NOT tall')", [2, 5]],
    ["NOT MATCH(notes, 'tall')", [2, 5]],
    ["MATCH(notes, 'tall') IS NULL", [4]],
    ["MATCH(notes, 'green-tall')", [3]],
    ['MATCH(notes, NULL)', []],
    ["MATCH(notes, 'dark') AND bed > 1", [2]],
  ])('%s', async (where, found) => {
    expect(await beds(where)).toEqual(found);
  });

  it('takes a parameter', async () => {
    expect(await beds('MATCH(notes, $1)', 'dark OR green')).toEqual([1, 2, 3]);
    expect(await plan("SELECT bed FROM visits WHERE MATCH(notes, 'dark')")).toMatchObject({
      filter: { kind: 'keyword', column: 'notes', keyword: 'dark' },
    });
  });

  test.each<[string, string]>([
    ["MATCH(notes, 'tall AND')", 'MATCH_INVALID'],
    ["MATCH(notes, 'a')", 'MATCH_INVALID'],
    ["MATCH(ward, 'tall')", 'CAPABILITY_MISSING'],
    ["MATCH(bed, 'tall')", 'CAPABILITY_MISSING'],
    ['MATCH(notes)', 'SQL_SYNTAX'],
    ["MATCH(notes, 'a', 'b')", 'SQL_SYNTAX'],
    ["MATCH('tall', notes)", 'SQL_UNSUPPORTED'],
    ['MATCH(notes, ward)', 'SQL_UNSUPPORTED'],
    ['MATCH(notes, 1)', 'TYPE_MISMATCH'],
    ["MATCH(missing, 'tall')", 'UNKNOWN_COLUMN'],
    ["MATCH(DISTINCT notes, 'tall')", 'SQL_UNSUPPORTED'],
    ["notes = 'tall'", 'CAPABILITY_MISSING'],
    ["notes > 'tall'", 'CAPABILITY_MISSING'],
    ["notes IN ('tall')", 'CAPABILITY_MISSING'],
  ])('%s: %s', async (where, code) => {
    expect(await refusal(`SELECT bed FROM visits WHERE ${where}`)).toMatchObject({ code });
  });

  it('says where an expression goes wrong, and not what it says', async () => {
    const { message } = await refusal(
      "SELECT bed FROM visits WHERE MATCH(notes, 'dark AND (tall')",
    );
    expect(message).toBe(
      'the expression of MATCH: a parenthesis is not closed (at its character 10)',
    );
    expect(await refusal("SELECT MATCH(notes, 'dark') FROM visits")).toMatchObject({
      code: 'SQL_UNSUPPORTED',
      details: { feature: 'MATCH outside WHERE' },
    });
  });
});

describe('what no index of a column answers is refused, naming what to declare', () => {
  test.each<[string, string]>([
    ["WHERE ward LIKE 'abc%'", '"search": {"index": "sse", "prefix": 16}'],
    ["WHERE ward LIKE '%abc%'", '"search": {"index": "sse", "ngram": 3}'],
    ["WHERE ward NOT LIKE 'abc_'", '"search": {"index": "sse", "ngram": 3}'],
    ["WHERE name LIKE 'ab%'", '3 characters in a row in the pattern, not 2'],
    ["WHERE bed = 1 OR name LIKE '%ab%cd%'", '3 characters in a row in the pattern, not 2'],
  ])('%s', async (rest, needs) => {
    const error = await refusal(`SELECT COUNT(*) FROM visits ${rest}`);
    expect(error).toMatchObject({ code: 'CAPABILITY_MISSING', details: { needs } });
  });

  it('sums, averages and counts need none', async () => {
    const { kind } = await plan('SELECT SUM(secret), AVG(secret), COUNT(secret) FROM visits');
    expect(kind).toBe('aggregate');
  });
});
