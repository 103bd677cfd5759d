/**
 * Indexes of the film reviews by the constructions that are parts of their own: bytes a posting, time to build, time of the
 * corpus' own queries, each answer compared with the corpus'.
 * `node bench/search/boolean.ts [mitra documents] [iex documents]` prints JSON. One thread; times include token and evaluation,
 * not a network. The first run of the queries warms up and is not counted.
 */
import os from 'node:os';
import { randomBytes } from '../../src/bytes/random.ts';
import { buildIex } from '../../src/search/iex/build.ts';
import { iexIndex } from '../../src/search/iex/eval.ts';
import type { BooleanQuery } from '../../src/search/iex/first-terms.ts';
import { iexToken } from '../../src/search/iex/token.ts';
import { buildMitra } from '../../src/search/mitra/build.ts';
import { mitraIndex } from '../../src/search/mitra/eval.ts';
import { openMitra } from '../../src/search/mitra/token.ts';
import { filmReviews, type ReviewQuery } from '../../test/support/film-reviews.ts';
import { postingsOf, term } from '../../test/support/postings.ts';
import { digits, spread } from '../samples.ts';

const [mitraDocuments, iexDocuments] = [
  Number(process.argv[2] ?? 2000),
  Number(process.argv[3] ?? 200),
];

/** Wall time, and processor time of this process, which others on the machine lengthen less. */
function timed<T>(run: () => T): { ms: number; cpuMs: number; value: T } {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const value = run();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000, value };
}

function formulaOf({ type, terms }: ReviewQuery): BooleanQuery {
  const [first, ...rest] = terms.map((word) => ({ kind: 'keyword', keyword: term(word) }) as const);
  if (type === 'and_not') {
    return { kind: 'and', args: [first!, ...rest.map((arg) => ({ kind: 'not', arg }) as const)] };
  }
  return { kind: type === 'or' ? 'or' : 'and', args: [first!, ...rest] };
}

function check(query: ReviewQuery, found: Uint32Array): void {
  if (found.join() !== query.docs.join()) throw new Error(`${query.id} has another answer`);
}

async function mitra(count: number): Promise<object> {
  const { documents, queries } = filmReviews(count);
  const postings = postingsOf(documents);
  const key = randomBytes(32);
  const built = timed(() => buildMitra(key, postings));
  const { part, state } = built.value;
  const index = mitraIndex(part);
  const vault = openMitra({ key, state, rows: count, part: 'benchmark' });
  const samples: number[] = [];
  for (let round = 0; round < 4; round++) {
    for (const query of queries) {
      const start = performance.now();
      const rows = await vault.lookup!({ kind: 'match', condition: formulaOf(query) }, (asked) =>
        Promise.resolve(asked.map((each) => index.answer(each))),
      );
      if (round > 0) samples.push(performance.now() - start);
      check(query, rows);
    }
  }
  return {
    documents: count,
    postings: postings.members.length,
    keywords: postings.keywords.length,
    bytesPerPosting: part.length / postings.members.length,
    stateBytesPerKeyword: state.length / postings.keywords.length,
    postingsPerSecond: Math.round(postings.members.length / (built.ms / 1000)),
    postingsPerProcessorSecond: Math.round(postings.members.length / (built.cpuMs / 1000)),
    queryMs: spread(samples),
  };
}

function iex(count: number): object {
  const { documents, queries } = filmReviews(count);
  const postings = postingsOf(documents);
  const key = randomBytes(32);
  const built = timed(() => buildIex(key, postings));
  const { part } = built.value;
  const index = iexIndex(part);
  const samples: number[] = [];
  for (let round = 0; round < 4; round++) {
    for (const query of queries) {
      const answer = timed(() => index.find(iexToken(key, formulaOf(query))).toArray());
      if (round > 0) samples.push(answer.ms);
      check(query, answer.value);
    }
  }
  const pairs = documents.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0);
  return {
    documents: count,
    postings: postings.members.length,
    pairsInDocuments: pairs,
    bytes: part.length,
    bytesPerPosting: part.length / postings.members.length,
    bytesPerPairInDocument: part.length / pairs,
    pairsInDocumentsPerSecond: Math.round(pairs / (built.ms / 1000)),
    pairsInDocumentsPerProcessorSecond: Math.round(pairs / (built.cpuMs / 1000)),
    queryMs: spread(samples),
  };
}

const results = { mitra: await mitra(mitraDocuments), iex: iex(iexDocuments) };
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? digits(value, 4) : value;
const cpu = os.cpus()[0]?.model;
console.log(
  JSON.stringify({ cpu, node: process.version, load: os.loadavg()[0], ...results }, rounded, 2),
);
