import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Column, Schema } from '../../../src/table/schema.ts';
import type { Value } from '../../../src/table/value.ts';
import type { Condition, Literal, Op, Query, Words } from '../query.ts';
import { add, mul, q, sign, sub, type Q } from './rational.ts';
import { isNumeric } from './values.ts';

/** The matching rows of each group (of each row, for row retrieval), as SQLite finds them. */
export function filterAndGroup(
  schema: Schema,
  rows: readonly (readonly Value[])[],
  query: Query,
): (readonly Value[])[][] {
  const db = new DatabaseSync(':memory:');
  try {
    defineComparisons(db);
    defineHolds(db);
    db.exec('PRAGMA case_sensitive_like = ON');
    const columns = schema.columns.map((c, i) => `c${i} ${SQLITE_TYPES[c.type]}`);
    db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns.join(', ')})`);
    const insert = db.prepare(
      `INSERT INTO t VALUES (?, ${schema.columns.map(() => '?').join(', ')})`,
    );
    db.exec('BEGIN');
    for (const [id, row] of rows.entries()) insert.run(id, ...row);
    db.exec('COMMIT');
    const bound: SQLInputValue[] = [];
    const where = query.where === undefined ? '1' : condition(query.where, schema, bound);
    const by = query.groupBy.map((c) => `c${schema.columns.indexOf(c)}`);
    const grouping =
      query.kind === 'select' ? 'GROUP BY id' : by.length > 0 ? `GROUP BY ${by.join(', ')}` : '';
    const found = db
      .prepare(`SELECT json_group_array(id) AS ids FROM t WHERE ${where} ${grouping}`)
      .all(...bound) as { ids: string }[];
    return found.map(({ ids }) => (JSON.parse(ids) as number[]).map((id) => rows[id]!));
  } finally {
    db.close();
  }
}

const SQLITE_TYPES: Readonly<Record<Column['type'], string>> = {
  integer: 'INTEGER',
  decimal: 'INTEGER',
  boolean: 'INTEGER',
  date: 'INTEGER',
  timestamp: 'INTEGER',
  real: 'REAL',
  text: 'TEXT',
  document: 'TEXT',
};

/** MATCH as SQL's own AND, OR and NOT over holds(cell, word, rule). */
function held(words: Words, holds: (word: string) => string): string {
  switch (words.kind) {
    case 'word':
      return holds(words.word);
    case 'not':
      return `(NOT ${held(words.arg, holds)})`;
    default:
      return `(${words.args.map((arg) => held(arg, holds)).join(` ${words.kind} `)})`;
  }
}

/** The keywords of a text, one character after the other. */
function keywordsOf(text: string, rule: string): string[] {
  const letter = rule === 'ascii' ? /[a-z0-9]/ : /[\p{L}\p{N}]/u;
  const found = [''];
  for (const character of text.normalize('NFKC').toLowerCase()) {
    if (letter.test(character)) found[found.length - 1] += character;
    else found.push('');
  }
  return found.filter((word) => [...word].length >= 2 && [...word].length <= 40);
}

/** holds(cell, word, rule): whether a document has all keywords of a word; of a word without one it is not asked. */
function defineHolds(db: DatabaseSync): void {
  db.function('holds', { deterministic: true }, (cell, word, rule) => {
    if (cell === null) return null;
    const held = keywordsOf(String(cell), String(rule));
    return Number(keywordsOf(String(word), String(rule)).every((one) => held.includes(one)));
  });
}

/** signof(cell, unit, factor, addend, number): the exact sign of factor · cell · unit + addend − number. */
function defineComparisons(db: DatabaseSync): void {
  const sides = { useBigIntArguments: true, deterministic: true };
  db.function('signof', sides, (cell, unitN, unitD, factor, addend, n, d) => {
    if (cell === null) return null;
    const whole = (text: unknown): bigint => BigInt(String(text));
    const scaled = mul(q(whole(cell)), q(whole(unitN) * whole(factor), whole(unitD)));
    return sign(sub(add(scaled, q(whole(addend))), q(whole(n), whole(d))));
  });
}

const DAY = 86_400_000_000n;

function condition(c: Condition, schema: Schema, bound: SQLInputValue[]): string {
  const name = (column: Column): string => `c${schema.columns.indexOf(column)}`;
  const bind = (v: SQLInputValue): string => {
    bound.push(v);
    return '?';
  };
  const compared = (column: Column, op: Op, to: Literal, factor = 1, addend = 0): string => {
    if (to.type === 'null') return 'NULL';
    if (column.type === 'text' || column.type === 'real') {
      const operand =
        to.type === 'number'
          ? Number(to.digits) / 10 ** to.scale
          : (to as { value: string | number }).value;
      return `(${name(column)} ${op} ${bind(operand)})`;
    }
    if (column.type === 'boolean')
      return `(${name(column)} ${op} ${Number((to as { value: boolean }).value)})`;
    const number =
      to.type === 'number'
        ? q(to.digits, 10n ** BigInt(to.scale))
        : q((to as { value: bigint }).value * (to.type === 'date' ? DAY : 1n));
    const unit: Q = isNumeric(column)
      ? q(1n, 10n ** BigInt(column.scale))
      : q(column.type === 'date' ? DAY : 1n);
    const args = [...unit, factor, addend, ...number].map(String);
    return `(signof(${name(column)}, ${args.map((a) => bind(a)).join(', ')}) ${op} 0)`;
  };
  const negated = (sql: string): string => ('negated' in c && c.negated ? `(NOT ${sql})` : sql);
  switch (c.kind) {
    case 'compare':
      return compared(c.column, c.op, c.to, c.linear?.factor, c.linear?.addend);
    case 'between':
      return negated(
        `(${compared(c.column, '>=', c.low)} AND ${compared(c.column, '<=', c.high)})`,
      );
    case 'in':
      return negated(`(${c.list.map((to) => compared(c.column, '=', to)).join(' OR ')})`);
    case 'same':
      return c.to.type === 'null'
        ? negated(`(${name(c.column)} IS NULL)`)
        : negated(`(${compared(c.column, '=', c.to)} IS TRUE)`);
    case 'isNull':
      return `(${name(c.column)} IS ${c.negated ? 'NOT ' : ''}NULL)`;
    case 'like': {
      const pattern = bind(c.pattern);
      return negated(`(${name(c.column)} LIKE ${pattern} ESCAPE ${bind(c.escape ?? '\\')})`);
    }
    case 'match':
      return held(c.words, (word) => {
        const rule = c.column.tokens === 'ascii' ? 'ascii' : 'unicode';
        return `holds(${name(c.column)}, ${bind(word)}, ${bind(rule)})`;
      });
    case 'bare':
      return name(c.column);
    case 'constant':
      return `(${c.sql})`;
    case 'not':
      return `(NOT ${condition(c.arg, schema, bound)})`;
    case 'test':
      return `(${condition(c.arg, schema, bound)} IS ${c.test.replace('UNKNOWN', 'NULL')})`;
    default:
      return `(${c.args.map((arg) => condition(arg, schema, bound)).join(` ${c.kind} `)})`;
  }
}
