import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface ReviewQuery {
  readonly id: string;
  /** Of AND NOT the first term is wanted, the others are not. */
  readonly type: 'single' | 'single_absent' | 'and' | 'or' | 'and_not';
  readonly terms: readonly string[];
  /** Numbers of the documents that answer it, ascending. */
  readonly docs: readonly number[];
}

export interface Reviews {
  /** Distinct tokens of each document. */
  readonly documents: readonly (readonly string[])[];
  readonly queries: readonly ReviewQuery[];
}

const FOLDER = new URL('../vectors/corpora/movie-reviews/', import.meta.url);

/** The first `count` film reviews, and every query with its answers among those. */
export function filmReviews(count: number): Reviews {
  const documents = lines<{ text: string }>('docs.jsonl.gz')
    .slice(0, count)
    .map(({ text }) => [...new Set(tokensOf(text))]);
  const queries = lines<ReviewQuery>('queries.jsonl.gz').map((query) => ({
    ...query,
    docs: query.docs.filter((doc) => doc < count),
  }));
  return { documents, queries };
}

/** The corpus' own rule (test/vectors/README.md). */
function tokensOf(text: string): string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return words.filter(({ length }) => length >= 2 && length <= 40);
}

function lines<T>(file: string): T[] {
  const text = gunzipSync(readFileSync(new URL(file, FOLDER))).toString('utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}
