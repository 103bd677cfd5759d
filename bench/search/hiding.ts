/**
 * `sse-padded` and `smooth` on columns of one full segment and on a corpus of documents, in one thread: bytes, time to build,
 * bytes and time of a lookup, every answer compared with the plain list. Times are CPU time of the process, so that other
 * work on the machine shows little.
 *
 * node bench/search/hiding.ts [rows] [lookups]
 */
import { utf8 } from '../../src/bytes/codec.ts';
import { randomBytes } from '../../src/bytes/random.ts';
import { SeededRandom } from '../../src/measure/attacks/seeded-random.ts';
import { keyword, KEYWORD_KIND } from '../../src/search/keyword.ts';
import { buildPadded } from '../../src/search/padded/build.ts';
import { parsePadded } from '../../src/search/padded/eval.ts';
import { openPadded } from '../../src/search/padded/token.ts';
import { rowsOf, type Postings } from '../../src/search/postings.ts';
import type { BuiltRung, KeywordLookup, StoreIndex } from '../../src/search/rung.ts';
import { buildSmooth } from '../../src/search/smooth/build.ts';
import { parseSmooth } from '../../src/search/smooth/eval.ts';
import { openSmooth } from '../../src/search/smooth/token.ts';

const ROWS = Number(process.argv[2] ?? 2 ** 18);
const LOOKUPS = Number(process.argv[3] ?? 40);
/** The corpus of e-mails that the design names: as many, with about as many words. */
const DOCUMENTS = 6046;
const [VOCABULARY, WORDS] = [30_000, 300];

const random = new SeededRandom(1);

interface Rung {
  readonly name: string;
  readonly build: (key: Uint8Array, postings: Postings) => BuiltRung;
  readonly parse: (part: Uint8Array) => StoreIndex;
  readonly open: (key: Uint8Array, state: Uint8Array) => KeywordLookup;
}

const padded = (name: string, base: number): Rung => ({
  name,
  build: (key, postings) => buildPadded(key, postings, { base }),
  parse: parsePadded,
  open: openPadded,
});
const RUNGS: readonly Rung[] = [
  padded('sse-padded, max', 0),
  padded('sse-padded, power', 2),
  { name: 'smooth', build: buildSmooth, parse: parseSmooth, open: openSmooth },
];

function zipf(values: number): () => number {
  const sums: number[] = [];
  let sum = 0;
  for (let v = 1; v <= values; v++) sums.push((sum += 1 / v));
  return () => {
    const at = random.uniform() * sum;
    let [low, high] = [0, values - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Row r has the keywords that draw(r) gives. */
function postings(rows: number, draw: (row: number) => readonly number[]): Postings {
  const lists = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    for (const value of new Set(draw(row))) {
      const list = lists.get(value);
      if (list === undefined) lists.set(value, [row]);
      else list.push(row);
    }
  }
  const starts = new Uint32Array(lists.size + 1);
  const members = new Uint32Array([...lists.values()].reduce((sum, { length }) => sum + length, 0));
  [...lists.values()].forEach((list, i) => {
    members.set(list, starts[i]);
    starts[i + 1] = starts[i]! + list.length;
  });
  const keywords = [...lists.keys()].map((v) => keyword(KEYWORD_KIND.value, utf8(`value ${v}`)));
  return { rows, keywords, starts, members };
}

const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

async function measure(column: string, rung: Rung, of: Postings): Promise<object> {
  const key = randomBytes(32);
  const building = process.cpuUsage();
  const { part, state } = rung.build(key, of);
  const buildMs = cpuMs(building);
  const index = rung.parse(part);
  const opening = process.cpuUsage();
  const lookup = rung.open(key, state);
  const openMs = cpuMs(opening);
  let [up, down, rounds, storeMs] = [0, 0, 0, 0];
  const ask = (queries: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> => {
    const started = process.cpuUsage();
    const replies = queries.map((query) => index.answer!(query)?.slice());
    storeMs += cpuMs(started);
    rounds++;
    for (const query of queries) up += query.length;
    for (const reply of replies) down += reply?.length ?? 0;
    return Promise.resolve(replies);
  };
  const looking = process.cpuUsage();
  for (let n = 0; n < LOOKUPS; n++) {
    const i = random.below(of.keywords.length);
    const [found] = await lookup([of.keywords[i]!], ask);
    if (found!.toArray().join() !== rowsOf(of, i).join()) throw new Error(`${column}: wrong rows`);
  }
  const lookupMs = cpuMs(looking);
  const figures = {
    postings: of.members.length,
    keywords: of.keywords.length,
    bytesPerPosting: part.length / of.members.length,
    stateBytes: state.length,
    postingsPerSecond: (1000 * of.members.length) / buildMs,
    keywordsPerSecond: (1000 * of.keywords.length) / buildMs,
    openMs,
    bytesUp: up / LOOKUPS,
    bytesDown: down / LOOKUPS,
    rounds: rounds / LOOKUPS,
    lookupMs: lookupMs / LOOKUPS,
    storeMs: storeMs / LOOKUPS,
  };
  const rounded = Object.entries(figures).map(([name, value]) => [
    name,
    Number(value.toPrecision(4)),
  ]);
  return { column, index: rung.name, ...(Object.fromEntries(rounded) as object) };
}

const [zipf200, zipf20000, word] = [zipf(200), zipf(20_000), zipf(VOCABULARY)];
const columns: readonly (readonly [string, Postings])[] = [
  ['boolean, 30 % true', postings(ROWS, () => [random.below(10) < 3 ? 1 : 0])],
  ['10 values', postings(ROWS, () => [random.below(10)])],
  ['Zipf, 200 values', postings(ROWS, () => [zipf200()])],
  ['Zipf, 20,000 values', postings(ROWS, () => [zipf20000()])],
  ['unique', postings(ROWS, (row) => [row])],
  ['documents', postings(DOCUMENTS, () => Array.from({ length: WORDS }, word))],
];
for (const [name, of] of columns) {
  for (const rung of RUNGS) console.log(JSON.stringify(await measure(name, rung, of)));
}
