/**
 * `pir` with both schemes, in one thread: how fast a store works through a table, then for a column of unique values and
 * for a corpus of documents bytes, time to build, and bytes and time of a lookup, every answer compared with the plain
 * list. Speeds are the best of many runs; other times are CPU time of the process, so that other work on the machine shows little.
 *
 * node bench/search/pir.ts [rows] [lookups]
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { utf8 } from '../../src/bytes/codec.ts';
import { randomPermutation } from '../../src/bytes/permutation.ts';
import { randomBytes } from '../../src/bytes/random.ts';
import { createByteMatrixProduct } from '../../src/ring/simd/byte-matrix.ts';
import { keyword, KEYWORD_KIND } from '../../src/search/keyword.ts';
import { answerBfv, bfvWorkspace } from '../../src/search/pir/bfv/eval.ts';
import { allocateBfv } from '../../src/search/pir/bfv/format.ts';
import { bfvQueryBytes } from '../../src/search/pir/bfv/layout.ts';
import { bucketsOf, heightOf } from '../../src/search/pir/bfv/parameters.ts';
import { buildPir } from '../../src/search/pir/build.ts';
import { parsePir } from '../../src/search/pir/eval.ts';
import type { PirScheme } from '../../src/search/pir/records.ts';
import { decodeState } from '../../src/search/pir/state.ts';
import { openPir } from '../../src/search/pir/token.ts';
import { rowsOf, type Postings } from '../../src/search/postings.ts';

const ROWS = Number(process.argv[2] ?? 2 ** 18);
const LOOKUPS = Number(process.argv[3] ?? 20);
const CORPUS = new URL('../../test/vectors/corpora/movie-reviews/docs.jsonl.gz', import.meta.url);
const SCHEMES: readonly PirScheme[] = ['lwe', 'bfv'];

const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

const print = (figures: Readonly<Record<string, string | number>>): void => {
  const rounded = Object.entries(figures).map(([name, value]) => [
    name,
    typeof value === 'number' ? Number(value.toPrecision(4)) : value,
  ]);
  console.log(JSON.stringify(Object.fromEntries(rounded)));
};

/** GB of table a second, of the best of many runs. */
function speed(bytes: number, run: () => void): number {
  let best = Infinity;
  for (let i = 0; i < 60; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return bytes / best / 1e6;
}

function kernels(): void {
  const multiply = createByteMatrixProduct();
  for (const [rows, columns, queries] of [
    [512, 8192, 1],
    [8192, 8192, 1],
    [8192, 8192, 2],
    [4096, 16_384, 1],
  ] as const) {
    const matrix = { rows, columns, bytes: randomBytes(rows * columns) };
    const vectors = Array.from(
      { length: queries },
      () => new Uint32Array(randomBytes(4 * columns).buffer),
    );
    const gigabytes = speed(rows * columns * queries, () => void multiply(matrix, vectors));
    print({ what: 'lwe, table times query', rows, columns, queries, 'GB/s': gigabytes });
  }
  const workspace = bfvWorkspace();
  for (const dimensions of [
    { words: 32, groups: 19, blocks: 12 },
    { words: 32, groups: 64, blocks: 64 },
  ]) {
    const { table } = allocateBfv(1, dimensions);
    const query = new Uint8Array(bfvQueryBytes(dimensions));
    const bytes = bucketsOf(dimensions) * heightOf(dimensions);
    const gigabytes = speed(bytes, () => void answerBfv(table, query, workspace));
    print({ what: 'bfv, an answer, packing included', ...dimensions, 'GB/s': gigabytes });
  }
}

async function measure(column: string, of: Postings, scheme: PirScheme): Promise<void> {
  const key = randomBytes(32);
  const building = process.cpuUsage();
  const { part, state } = buildPir(key, of, scheme);
  const buildMs = cpuMs(building);
  const index = parsePir(part, { what: 'a part' });
  const lookup = openPir(key, state);
  let [up, down, storeMs] = [0, 0, 0];
  const ask = (queries: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> => {
    const started = process.cpuUsage();
    const replies = queries.map((query) => index.answer!(query)?.slice());
    storeMs += cpuMs(started);
    for (const query of queries) up += query.length;
    for (const reply of replies) down += reply?.length ?? 0;
    return Promise.resolve(replies);
  };
  const first = process.cpuUsage();
  await lookup([of.keywords[0]!], ask);
  const firstMs = cpuMs(first);
  const firstDown = down;
  [up, down, storeMs] = [0, 0, 0];
  const looking = process.cpuUsage();
  for (let n = 0; n < LOOKUPS; n++) {
    const i = Math.floor((n * of.keywords.length) / LOOKUPS);
    const [found] = await lookup([of.keywords[i]!], ask);
    if (found!.toArray().join() !== rowsOf(of, i).join()) throw new Error(`${column}: wrong rows`);
  }
  const lookupMs = cpuMs(looking) / LOOKUPS;
  print({
    column,
    scheme,
    layout: JSON.stringify(decodeState(state).layout),
    postings: of.members.length,
    keywords: of.keywords.length,
    partBytes: part.length,
    stateBytes: state.length,
    bytesPerPosting: part.length / of.members.length,
    buildMs,
    firstMs,
    firstBytesDown: firstDown,
    bytesUp: up / LOOKUPS,
    bytesDown: down / LOOKUPS,
    lookupMs,
    storeMs: storeMs / LOOKUPS,
  });
}

function unique(rows: number): Postings {
  return {
    rows,
    keywords: Array.from({ length: rows }, (_, i) => keyword(KEYWORD_KIND.value, utf8(`id ${i}`))),
    starts: Uint32Array.from({ length: rows + 1 }, (_, i) => i),
    members: randomPermutation(rows),
  };
}

function reviews(): Postings {
  const lines = gunzipSync(readFileSync(CORPUS)).toString().trim().split('\n');
  const lists = new Map<string, number[]>();
  lines.forEach((line, row) => {
    const { text } = JSON.parse(line) as { text: string };
    const tokens =
      text
        .normalize('NFKC')
        .toLowerCase()
        .match(/[a-z0-9]+/g) ?? [];
    for (const token of new Set(tokens)) {
      if (token.length < 2 || token.length > 40) continue;
      const list = lists.get(token);
      if (list === undefined) lists.set(token, [row]);
      else list.push(row);
    }
  });
  const starts = new Uint32Array(lists.size + 1);
  [...lists.values()].forEach(({ length }, i) => {
    starts[i + 1] = starts[i]! + length;
  });
  const keywords = [...lists.keys()].map((token) => keyword(KEYWORD_KIND.token, utf8(token)));
  const members = Uint32Array.from([...lists.values()].flat());
  return { rows: lines.length, keywords, starts, members };
}

kernels();
for (const [column, of] of [
  [`${ROWS} rows, each of its own value`, unique(ROWS)],
  ['2,000 film reviews, every word', reviews()],
] as const) {
  for (const scheme of SCHEMES) await measure(column, of, scheme);
}
