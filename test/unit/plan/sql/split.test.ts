import fc from 'fast-check';
import { loadModule, scanSync } from 'libpg-query';
import { beforeAll, expect, test } from 'vitest';
import { splitStatements } from '../../../../src/plan/sql/split.ts';

beforeAll(loadModule);

test('statements end at semicolons, and empty ones are left out', () => {
  expect(splitStatements('SELECT 1; SELECT 2 ;\n\n; -- done\n /* ; */ ;')).toEqual([
    'SELECT 1',
    'SELECT 2',
  ]);
  expect(splitStatements('')).toEqual([]);
  expect(splitStatements('SELECT 1')).toEqual(['SELECT 1']);
});

test.each([
  ["SELECT ';' ; b", ["SELECT ';'", 'b']],
  ["SELECT 'it''s;' ; b", ["SELECT 'it''s;'", 'b']],
  ["SELECT E'\\';' ; b", ["SELECT E'\\';'", 'b']],
  ["SELECT e'a'\n'\\';' ; b", ["SELECT e'a'\n'\\';'", 'b']],
  ["SELECT '\\'; b", ["SELECT '\\'", 'b']],
  ["SELECT name'\\'; b", ["SELECT name'\\'", 'b']],
  ['SELECT "a;""b" ; b', ['SELECT "a;""b"', 'b']],
  ['SELECT $$;$$ ; b', ['SELECT $$;$$', 'b']],
  ['SELECT $q$ $$;$$ $r$ ; $q$ ; b', ['SELECT $q$ $$;$$ $r$ ; $q$', 'b']],
  ['SELECT a$b$; c$b$', ['SELECT a$b$', 'c$b$']],
  ['SELECT $1; SELECT $2', ['SELECT $1', 'SELECT $2']],
  ['SELECT 1 -- a; b\n; c', ['SELECT 1 -- a; b', 'c']],
  ['SELECT /* ; /* ; */ ; */ 1; c', ['SELECT /* ; /* ; */ ; */ 1', 'c']],
])('%j', (sql, statements) => {
  expect(splitStatements(sql)).toEqual(statements);
});

test('a wrong statement stands alone, one that is not closed takes the rest', () => {
  expect(splitStatements('SELEC 1; SELECT 2; ) ; SELECT 3')).toEqual([
    'SELEC 1',
    'SELECT 2',
    ')',
    'SELECT 3',
  ]);
  expect(splitStatements("SELECT 1; SELECT 'a; SELECT 2")).toEqual([
    'SELECT 1',
    "SELECT 'a; SELECT 2",
  ]);
  expect(splitStatements('SELECT 1; /* a; b')).toEqual(['SELECT 1']);
});

test('a megabyte in one string is one statement', () => {
  const long = `SELECT '${"x;''".repeat(250_000)}'`;
  expect(splitStatements(`${long}; SELECT E'${'\\;'.repeat(250_000)}'`)).toHaveLength(2);
});

test('the pieces are those between the semicolons that PostgreSQL’s scanner sees', () => {
  const piece = fc.constantFrom(
    ';',
    "'",
    "''",
    '"',
    '$$',
    '$t$',
    '$',
    'E',
    'e',
    'U&',
    'a',
    '_b',
    '1',
    '\\',
    '\n',
    ' ',
    '--',
    '/*',
    '*/',
    '/',
    '*',
    'é',
    '$1',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
      const sql = pieces.join('');
      const expected = scanned(sql);
      // Texts that the scanner refuses have no reference: there only the whole has to survive.
      if (expected === undefined) {
        expect(splitStatements(sql).join('').length).toBeLessThanOrEqual(sql.length);
      } else expect(splitStatements(sql)).toEqual(expected);
    }),
    { seed: 5, numRuns: 4000 },
  );
});

function scanned(sql: string): string[] | undefined {
  let tokens;
  try {
    ({ tokens } = scanSync(sql === '' ? ' ' : sql));
  } catch {
    return undefined;
  }
  const bytes = new TextEncoder().encode(sql);
  const text = (from: number, to: number): string =>
    new TextDecoder().decode(bytes.slice(from, to));
  const found: string[] = [];
  let start = 0;
  let blank = true;
  for (const token of [
    ...tokens,
    { text: ';', start: bytes.length, end: bytes.length, tokenName: '' },
  ]) {
    if (token.text === ';') {
      if (!blank) found.push(text(start, token.start).trim());
      start = token.end;
      blank = true;
    } else if (!token.tokenName.endsWith('COMMENT')) blank = false;
  }
  return found;
}
