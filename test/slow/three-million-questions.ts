import type { SQLOutputValue } from 'node:sqlite';
import { fraction, squareRoot } from '../../examples/flights/exact.ts';
import type { Cell } from '../../src/client/api.ts';

type PlainRow = Readonly<Record<string, SQLOutputValue>>;

/** A question, and how plaintext SQLite, which has no exact mean or deviation, answers it. */
export interface Question {
  readonly title: string;
  readonly sql: string;
  readonly plainSql: string;
  readonly finish: (row: PlainRow) => Cell[];
}

const int = (row: PlainRow, name: string): bigint => BigInt(row[name] as bigint);
const text = (row: PlainRow, name: string): string => String(row[name]);

const COUNT_AND_SUMS = 'COUNT(*) AS n, SUM(delay) AS y, SUM(distance) AS x';
const SUMMER = `date >= '2001-06-21' AND date < '2001-09-23'`;

export const QUESTIONS: readonly Question[] = [
  {
    title: 'totals and means',
    sql: 'SELECT COUNT(*), SUM(delay), SUM(distance), AVG(delay) FROM flights',
    plainSql: `SELECT ${COUNT_AND_SUMS} FROM flights`,
    finish: (row) => [
      text(row, 'n'),
      text(row, 'y'),
      text(row, 'x'),
      fraction(int(row, 'y'), int(row, 'n')),
    ],
  },
  {
    title: 'a sum over the tenth of the rows that are late',
    sql: 'SELECT COUNT(*), SUM(distance), AVG(distance) FROM flights WHERE delay > 30',
    plainSql: `SELECT ${COUNT_AND_SUMS} FROM flights WHERE delay > 30`,
    finish: (row) => [text(row, 'n'), text(row, 'x'), fraction(int(row, 'x'), int(row, 'n'))],
  },
  {
    title: 'sums of 64 groups',
    sql: `SELECT origin, COUNT(*), SUM(delay), AVG(distance) FROM flights
GROUP BY origin ORDER BY origin`,
    plainSql: `SELECT origin, ${COUNT_AND_SUMS} FROM flights GROUP BY origin ORDER BY origin`,
    finish: (row) => [
      text(row, 'origin'),
      text(row, 'n'),
      text(row, 'y'),
      fraction(int(row, 'x'), int(row, 'n')),
    ],
  },
  {
    title: 'a range of dates at one airport',
    sql: `SELECT COUNT(*), SUM(delay) FROM flights WHERE ${SUMMER} AND origin = 'JFK'`,
    plainSql: `SELECT ${COUNT_AND_SUMS} FROM flights WHERE ${SUMMER} AND origin = 'JFK'`,
    finish: (row) => [text(row, 'n'), text(row, 'y')],
  },
  {
    title: 'correlation and variance',
    sql: 'SELECT CORR(delay, distance), VAR_SAMP(delay) FROM flights',
    plainSql: `SELECT ${COUNT_AND_SUMS}, SUM(delay * distance) AS xy, SUM(delay * delay) AS yy,
  SUM(distance * distance) AS xx FROM flights`,
    finish: (row) => {
      const [n, x, y] = [int(row, 'n'), int(row, 'x'), int(row, 'y')];
      const joint = n * int(row, 'xy') - x * y;
      const [ofX, ofY] = [n * int(row, 'xx') - x * x, n * int(row, 'yy') - y * y];
      const size = squareRoot(joint * joint, ofX * ofY);
      return [joint < 0n ? `-${size}` : size, fraction(ofY, n * (n - 1n))];
    },
  },
];
