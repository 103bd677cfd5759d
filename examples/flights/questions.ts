import type { Cell } from 'opaline/client';
import { fraction, squareRoot } from './exact.ts';
import type { PlainRow } from './plain.ts';

/** A question in SQL, and how plaintext SQLite, which has no exact mean or deviation, answers it. */
export interface Question {
  readonly title: string;
  readonly sql: string;
  readonly plainSql: string;
  readonly finish: (row: PlainRow) => Cell[];
}

const int = (row: PlainRow, name: string): bigint => BigInt(row[name] as bigint);
const text = (row: PlainRow, name: string): string => String(row[name]);
const mean = (row: PlainRow): string => fraction(int(row, 'sum'), int(row, 'n'));

export const QUESTIONS: readonly Question[] = [
  {
    title: 'How late are departures from JFK on average?',
    sql: `SELECT AVG(delay) FROM flights WHERE origin = 'JFK'`,
    plainSql: `SELECT SUM(delay) AS sum, COUNT(delay) AS n FROM flights WHERE origin = 'JFK'`,
    finish: (row) => [mean(row)],
  },
  {
    title: 'The busiest airports: flights, mean delay, standard deviation',
    sql: `SELECT origin, COUNT(*) AS flights, AVG(delay) AS mean, STDDEV_SAMP(delay) AS deviation
FROM flights GROUP BY origin ORDER BY flights DESC, origin LIMIT 6`,
    plainSql: `SELECT origin, COUNT(*) AS flights, SUM(delay) AS sum, SUM(delay * delay) AS sum2,
  COUNT(delay) AS n FROM flights GROUP BY origin ORDER BY flights DESC, origin LIMIT 6`,
    finish: (row) => {
      const [n, sum] = [int(row, 'n'), int(row, 'sum')];
      const deviation = squareRoot(n * int(row, 'sum2') - sum * sum, n * (n - 1n));
      return [text(row, 'origin'), text(row, 'flights'), mean(row), deviation];
    },
  },
  {
    title: 'The latest coast-to-coast flights out of New York',
    sql: `SELECT date, origin, destination, distance, delay FROM flights
WHERE distance BETWEEN 2000 AND 2600 AND origin IN ('EWR', 'JFK', 'LGA')
ORDER BY delay DESC, date, origin, destination LIMIT 6`,
    plainSql: `SELECT date, origin, destination, distance, delay FROM flights
WHERE distance BETWEEN 2000 AND 2600 AND origin IN ('EWR', 'JFK', 'LGA')
ORDER BY delay DESC, date, origin, destination LIMIT 6`,
    finish: (row) =>
      ['date', 'origin', 'destination', 'distance', 'delay'].map((name) => text(row, name)),
  },
  {
    title: 'Do longer flights run later? Covariance and slope',
    sql: `SELECT COVAR_SAMP(delay, distance) AS covariance, REGR_SLOPE(delay, distance) AS slope
FROM flights`,
    plainSql: `SELECT COUNT(*) AS n, SUM(delay) AS sy, SUM(distance) AS sx,
  SUM(delay * distance) AS sxy, SUM(distance * distance) AS sxx FROM flights`,
    finish: (row) => {
      const [n, sx, sy] = [int(row, 'n'), int(row, 'sx'), int(row, 'sy')];
      const joint = n * int(row, 'sxy') - sx * sy;
      const spread = n * int(row, 'sxx') - sx * sx;
      return [fraction(joint, n * (n - 1n)), fraction(joint, spread)];
    },
  },
];
