/**
 * Film reviews as documents: every query of an independent program, through the public API. A review is one
 * row; what a query answers are the numbers of its rows.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { isOpalineError } from '../../src/errors/opaline-error.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { vectorPath } from '../support/vectors.ts';

interface Review {
  readonly id: number;
  readonly label: string;
  readonly text: string;
}

interface Query {
  readonly id: string;
  readonly type: 'single' | 'single_absent' | 'and' | 'or' | 'and_not';
  readonly terms: readonly string[];
  readonly docs: readonly number[];
}

function corpus<T>(name: string): T[] {
  const text = gunzipSync(readFileSync(vectorPath(`corpora/movie-reviews/${name}.jsonl.gz`)));
  return text
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

const reviews = corpus<Review>('docs');
const queries = corpus<Query>('queries');

const SCHEMA = {
  version: 1,
  table: 'reviews',
  columns: {
    id: { type: 'integer' },
    label: { type: 'text' },
    text: { type: 'document', tokens: 'ascii' },
  },
};

/** The expression of MATCH that a query means. */
function expressionOf({ type, terms }: Query): string {
  const [first, ...others] = terms;
  switch (type) {
    case 'single':
    case 'single_absent':
    case 'and':
      return terms.join(' AND ');
    case 'or':
      return terms.join(' OR ');
    case 'and_not':
      return `${first} AND ${others.map((term) => `NOT ${term}`).join(' AND ')}`;
    default:
      return type satisfies never;
  }
}

async function answer(vault: Vault, expression: string): Promise<number[]> {
  const { rows } = await vault.query('SELECT id FROM reviews WHERE MATCH(text, $1) ORDER BY id', [
    expression,
  ]);
  return rows.map(([id]) => Number(id));
}

/** Terms that were written to be in no document as they stand, and are no keyword of the token rule. */
const isKeyword = (term: string): boolean => /^[a-z0-9]{2,40}$/.test(term);

it('the vectors are whole', () => {
  expect([reviews.length, queries.length]).toEqual([2000, 350]);
});

describe.each(['memory', 'file', 'http'] as const)('%s store', (kind) => {
  let temp: TempVault;
  beforeAll(async () => {
    temp = await tempVault(kind);
    const rows = reviews.map(({ id, label, text }) => ({ id, label, text }));
    await temp.vault.ingest(SCHEMA, rows);
  }, 300_000);
  afterAll(() => temp[Symbol.asyncDispose]());

  const asked = kind === 'http' ? queries.filter((_, i) => i % 10 === 0) : queries;
  it('answers every query', async () => {
    for (const query of asked) {
      const [term = ''] = query.terms;
      if (query.type === 'single_absent' && !isKeyword(term)) {
        // Not normalised, it is in no list; MATCH normalises, so what it means may be.
        const found = await answer(temp.vault, term).catch((error: unknown) => {
          if (isOpalineError(error, 'MATCH_INVALID')) return [];
          throw error;
        });
        expect(found, query.id).toEqual(plainAnswer(term));
        continue;
      }
      expect(await answer(temp.vault, expressionOf(query)), query.id).toEqual(query.docs);
    }
  }, 600_000);

  it('counts and groups by what documents hold', async () => {
    const { docs } = queries.find(({ id }) => id.endsWith('o001'))!;
    const { rows } = await temp.vault.query(
      `SELECT label, COUNT(*) FROM reviews
       WHERE MATCH(text, 'behavior OR granted') GROUP BY label ORDER BY label`,
    );
    const of = (label: string): string =>
      String(docs.filter((id) => reviews[id]!.label === label).length);
    expect(rows).toEqual([
      ['neg', of('neg')],
      ['pos', of('pos')],
    ]);
  });
});

/** Documents that hold each of the words of a text, by the corpus' own token rule. */
function plainAnswer(text: string): number[] {
  const words = (of: string): string[] =>
    (
      of
        .normalize('NFKC')
        .toLowerCase()
        .match(/[a-z0-9]+/g) ?? []
    ).filter((word) => word.length >= 2 && word.length <= 40);
  const wanted = words(text);
  if (wanted.length === 0) return [];
  return reviews.flatMap((review) => {
    const held = new Set(words(review.text));
    return wanted.every((word) => held.has(word)) ? [review.id] : [];
  });
}
