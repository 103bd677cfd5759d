import type { ScorePreview } from '../../gate/gate.ts';
import { packedBytes } from '../../table/column-part.ts';
import type { Explanation } from '../api.ts';
import { describeFilter, tableLine } from '../explain.ts';

/** A score plan in words and numbers, for the owner. */
export function explainScores({ prepared, leakage }: ScorePreview): Explanation {
  const { plan, table, parameters, uses, polynomials, limbs, error, grid } = prepared;
  const { n, dataPrimes, scaleBits } = parameters;
  const { segments } = table.manifest;
  const chunks = segments.reduce((sum, { rows }) => sum + Math.ceil((2 * rows) / n), 0);
  const chunkBytes = (count: number): number =>
    count * packedBytes({ n, primes: dataPrimes.slice(0, limbs) });
  const { polynomial } = plan;
  const columns = plan.terms.map(({ column }) => column).join(', ');
  const pending = table.rows - table.segmentRows;
  const rowBytes = (count: number): number => Math.ceil(chunkBytes(count) / (n / 2));
  return {
    plan: [
      tableLine(table),
      `  filter  ${describeFilter(plan.filter)}`,
      `  score   each row by ${columns}, by the store (CKKS, n ${n}, scale 2^${scaleBits}): ` +
        `${polynomials} polynomials of ${limbs} limbs for ${n / 2} rows`,
      ...(polynomial === undefined
        ? plan.link === 'logistic'
          ? ['  link    logistic, here, of the decrypted z']
          : []
        : [
            '  link    logistic, by the store: a polynomial of degree 3 around ' +
              `${polynomial.middle}, off by at most ${short(polynomial.error)}`,
          ]),
      ...(pending === 0 ? [] : ['  delta   small appends: opened and scored here']),
      ...(plan.top === undefined ? [] : [`  top     ${plan.top} of the highest scores, here`]),
      ...(plan.select.length === 0
        ? []
        : [`  fetch   sealed records, opened here: ${plan.select.join(', ')}`]),
      `  finish  here: rounded to multiples of 2^${Math.log2(grid)}, off by at most ${short(error)}`,
    ],
    verdict: 'answerable',
    leakage,
    notes: [
      `What the store sends grows with the rows: ${rowBytes(polynomials)} bytes for each, in chunks of ${n / 2}.`,
      'The store reads the model’s weights.',
      'Scores are for the owner alone: the error of an approximate decryption tells of the key.',
      ...(plan.link === 'logistic' ? [sigmoidNote(polynomial !== undefined, rowBytes)] : []),
      ...(plan.select.length > 0 && plan.top === undefined
        ? [
            'The record of every row is fetched for its columns; "top" fetches few, an empty "select" none.',
          ]
        : []),
    ],
    cost: {
      rounds: 1 + uses.roundsBefore + (plan.select.length > 0 ? 1 : 0),
      tokens: uses.tokens,
      segments: segments.length,
      replyBytes: chunks * chunkBytes(polynomials) + table.segmentRows,
    },
    groupings: [],
    bounds: [],
  };
}

function sigmoidNote(byStore: boolean, rowBytes: (polynomials: number) => number): string {
  return byStore
    ? `The owner could apply the link to z: exactly, for about ${rowBytes(2)} bytes a row.`
    : `The store could evaluate a polynomial for the link, for about ${rowBytes(4)} bytes a row and its error.`;
}

const short = (value: number): string => value.toPrecision(2);
