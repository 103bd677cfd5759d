import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flightsData } from '../../../../src/measure/bench/data.ts';
import { histogramOf } from '../../../../src/measure/bench/histogram.ts';
import { questionsOf, WORKLOADS } from '../../../../src/measure/bench/questions.ts';
import type { LabTable, Question } from '../../../../src/measure/bench/scheme.ts';
import { errorOf, truthOf } from '../../../../src/measure/bench/truth.ts';
import { tableOf } from './support.ts';

/** The same by SQLite. */
function bySqlite({ rows, columns }: LabTable, question: Question): unknown[] {
  const db = new DatabaseSync(':memory:');
  const names = Object.keys(columns);
  db.exec(`CREATE TABLE t (${names.map((name) => `"${name}"`).join()})`);
  const insert = db.prepare(`INSERT INTO t VALUES (${names.map(() => '?').join()})`);
  for (let row = 0; row < rows; row++) {
    insert.run(
      ...names.map((name) => {
        const column = columns[name]!;
        // As a double it would be another text.
        if (column.kind === 'integer') return BigInt(column.values[row]!);
        return column.kind === 'text' ? column.values[column.codes[row]!]! : column.texts[row]!;
      }),
    );
  }
  const all = (sql: string, ...parameters: (string | number)[]): unknown[] =>
    db
      .prepare(sql)
      .all(...parameters)
      .map((row) => Object.values(row)[0]);
  const where = (column: string): string => `CAST("${column}" AS TEXT) = ?`;
  const found = ((): unknown[] => {
    switch (question.workload) {
      case 'sum':
        return all(`SELECT SUM("${question.column}") FROM t`);
      case 'filtered-average':
        return all(
          `SELECT AVG("${question.column}") FROM t WHERE ${where(question.where.column)}`,
          question.where.value,
        );
      case 'group-by':
        return all(
          `SELECT SUM("${question.column}") FROM t GROUP BY "${question.group}" ORDER BY "${question.group}"`,
        );
      case 'exact-lookup':
      case 'private-lookup':
        return all(
          `SELECT COUNT(*) FROM t WHERE ${where(question.where.column)}`,
          question.where.value,
        );
      case 'range':
        return all(
          `SELECT COUNT(*) FROM t WHERE "${question.column}" BETWEEN ? AND ?`,
          question.from,
          question.to,
        );
      case 'keyword':
        return all(
          `SELECT COUNT(*) FROM t WHERE ' ' || "${question.column}" || ' ' LIKE ?`,
          `% ${question.word} %`,
        );
      case 'conjunction': {
        const [a, b] = question.where;
        return all(
          `SELECT COUNT(*) FROM t WHERE ${where(a.column)} AND ${where(b.column)}`,
          a.value,
          b.value,
        );
      }
      case 'correlation': {
        const [x, y] = [`"${question.x}"`, `"${question.y}"`];
        return all(
          `SELECT (COUNT(*)*SUM(${x}*${y}) - SUM(${x})*SUM(${y})) / SQRT(1.0 * (COUNT(*)*SUM(${x}*${x}) - SUM(${x})*SUM(${x}))) / SQRT(1.0 * (COUNT(*)*SUM(${y}*${y}) - SUM(${y})*SUM(${y}))) FROM t`,
        );
      }
    }
  })();
  db.close();
  return found;
}

describe('the lab’s own table', () => {
  test('has a question of every workload, each answered as SQLite does', async () => {
    const table = await (await flightsData()).table(3000);
    const questions = questionsOf(table);
    expect(questions.map(({ workload }) => workload)).toEqual(WORKLOADS);
    for (const question of questions) {
      const truth = truthOf(question, table);
      const other = bySqlite(table, question);
      expect(truth).toHaveLength(other.length);
      truth.forEach((value, i) => expect(Number(value)).toBeCloseTo(Number(other[i]), 9));
    }
    // A question that finds nothing, or everything, is none.
    for (const question of questions) {
      const [first] = truthOf(question, table);
      expect(Number(first)).not.toBe(0);
      if (question.workload === 'range') {
        expect(Number(first)).toBeGreaterThan(0.05 * table.rows);
        expect(Number(first)).toBeLessThan(0.3 * table.rows);
      }
    }
  });

  test('is the same every time, and its key is a key', async () => {
    const [one, other] = [await flightsData(), await flightsData()];
    const [a, b] = [await one.table(2000), await other.table(2000)];
    expect(a.columns).toEqual(b.columns);
    expect(histogramOf(a, 'key').values).toHaveLength(2000);
  });
});

test('tables of any integers and texts are answered as SQLite does', () => {
  const row = fc.record({
    x: fc.integer({ min: -50, max: 50 }),
    y: fc.integer({ min: -(2 ** 20), max: 2 ** 20 }),
    a: fc.constantFrom('red', 'green', 'blue'),
    b: fc.constantFrom('p', 'q', 'r', 's', 't'),
    note: fc.array(fc.constantFrom('one', 'two', 'three', 'four'), { minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 12, maxLength: 60 }), (rows) => {
      const table = tableOf({
        numbers: { x: rows.map(({ x }) => x), y: rows.map(({ y }) => y) },
        texts: { a: rows.map(({ a }) => a), b: rows.map(({ b }) => b) },
        documents: { note: rows.map(({ note }) => note.join(' ')) },
      });
      for (const question of questionsOf(table)) {
        const [truth, other] = [truthOf(question, table), bySqlite(table, question)];
        expect(truth).toHaveLength(other.length);
        truth.forEach((value, i) => {
          if (other[i] !== null) expect(Number(value)).toBeCloseTo(Number(other[i]), 6);
        });
      }
    }),
    { numRuns: 50 },
  );
});

test('errorOf: 0 for the same, relative otherwise, undefined for another shape', () => {
  expect(errorOf(['5'], ['5'])).toBe(0);
  expect(errorOf(['5.0'], ['5'])).toBe(0);
  expect(errorOf(['0.1000000000000000000000000001'], [0.1])).toBe(0);
  expect(errorOf([0.1 * (1 + 2 ** -40)], [0.1])).toBeCloseTo(2 ** -40, 15);
  expect(errorOf([101, '7'], ['100', '7'])).toBeCloseTo(0.01, 12);
  expect(errorOf([0.5], [0])).toBe(0.5);
  expect(errorOf(['5'], ['5', '6'])).toBeUndefined();
  expect(errorOf(['many'], ['5'])).toBeUndefined();
  expect(errorOf([Number.NaN], ['5'])).toBeUndefined();
});
