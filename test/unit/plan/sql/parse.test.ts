import { expect, test } from 'vitest';
import { isOpalineError } from '../../../../src/errors/index.ts';
import { parseStatements } from '../../../../src/plan/sql/parse.ts';

async function syntaxError(sql: string): Promise<{ reason: string; position?: number }> {
  const error: unknown = await parseStatements(sql).then(
    () => undefined,
    (e: unknown) => e,
  );
  if (isOpalineError(error, 'SQL_SYNTAX')) return error.details;
  throw new Error(`parsed: ${sql}`, { cause: error });
}

test('statements come as parse trees, and none from blanks and comments', async () => {
  expect((await parseStatements('SELECT 1; SELECT 2')).map((n) => Object.keys(n))).toEqual([
    ['SelectStmt'],
    ['SelectStmt'],
  ]);
  for (const blank of ['', '  ', '-- nothing', ';;']) {
    expect(await parseStatements(blank)).toEqual([]);
  }
});

test('a syntax error has its position in characters, not bytes', async () => {
  expect(await syntaxError("SELECT 'éé', FROM t")).toEqual({
    reason: 'syntax error at or near "FROM"',
    position: 13,
  });
  expect(await syntaxError("SELECT '😀' ) FROM t")).toMatchObject({ position: 11 });
  expect(await syntaxError('SELECT 1 FROM')).toEqual({
    reason: 'syntax error at end of input',
    position: 13,
  });
});

test('no literal and no name is ever repeated', async () => {
  const secrets = [
    'SELECT a FROM t WHERE name = Alice Hidden',
    "SELECT a FROM t WHERE name = 'x' 'Hidden'",
    "SELECT a FROM t WHERE name = 'Hidden",
    'SELECT a FROM t WHERE n = 12 4711',
    'SELECT a FROM t WHERE n = 4711abc',
    'SELECT a FROM t WHERE n = $$x$$ $$Hidden$$',
    'SELECT a FROM t "Hidden" "Hidden"',
    "SELECT a FROM t WHERE n = U&'\\zzHidden'",
  ];
  for (const sql of secrets) {
    const { reason } = await syntaxError(sql);
    expect(reason).not.toMatch(/Hidden|4711/);
  }
});

test('what the parser would cut or replace is refused', async () => {
  expect(await syntaxError("SELECT 1 FROM t\0WHERE x = 'a'")).toMatchObject({ position: 15 });
  expect(await syntaxError("SELECT '\ud800'")).toMatchObject({ reason: 'a lone surrogate' });
});

test('deep nesting is an error like any other, and the parser goes on working', async () => {
  const deep = [
    `SELECT ${'('.repeat(50_000)}1${')'.repeat(50_000)}`,
    `SELECT ${'abs('.repeat(4000)}1${')'.repeat(4000)}`,
    `SELECT ${'NOT '.repeat(200_000)} true`,
    `SELECT ${'abs('.repeat(1500)}1${')'.repeat(1500)}`,
    `SELECT 1${' + 1'.repeat(1800)}`,
  ];
  for (const sql of deep) {
    expect(await syntaxError(sql)).toMatchObject({ reason: 'the statement is nested too deeply' });
    expect(await parseStatements('SELECT 1')).toHaveLength(1);
  }
});
