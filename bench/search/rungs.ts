import { randomBytes } from '../../src/bytes/random.ts';
import { keyword, KEYWORD_KIND } from '../../src/search/keyword.ts';
import { buildOre } from '../../src/search/ore/build.ts';
import { openOreIndex } from '../../src/search/ore/eval.ts';
import { rangeCodes } from '../../src/search/ore/range.ts';
import { decodeOreState } from '../../src/search/ore/state.ts';
import { rangeToken } from '../../src/search/ore/token.ts';
import { buildTags } from '../../src/search/tag/build.ts';
import { shortestTag } from '../../src/search/tag/bits.ts';
import { openTagIndex } from '../../src/search/tag/eval.ts';
import { openTagReply, tagQuery } from '../../src/search/tag/token.ts';
import { canonicalBytes } from '../../src/table/canonical.ts';

/**
 * `tag` and `ore` on one full segment, in one thread: bytes and builds a row, and lookups. Figures are CPU
 * time of the thread, so that other work on the machine shows little. Values are uniform, which costs ore the most: no two
 * rows share the keys of their last blocks.
 *
 * node bench/search/rungs.ts [rows]
 */
const ROWS = Number(process.argv[2] ?? 2 ** 18);
const SHORT = 20;

interface Line {
  readonly index: string;
  readonly column: string;
  readonly bytesPerRow: number;
  readonly buildRowsPerSecond: number;
  readonly parseMs: number;
  readonly queryMs: number;
  readonly openMs?: number;
  readonly found: number;
}

/** CPU time of this thread by one run, over so many that its clock's coarse steps do not show. */
function timed<T>(run: () => T, times = 1): { ms: number; result: T } {
  let result = run();
  const start = process.threadCpuUsage();
  for (let i = 0; i < times; i++) result = run();
  const { user, system } = process.threadCpuUsage(start);
  return { ms: (user + system) / 1000 / times, result };
}

/** Distinct values below `below`, and the place of each row's. */
function column(below: number): { values: number[]; codes: Int32Array } {
  const cells = Array.from(new Uint32Array(randomBytes(4 * ROWS).buffer), (word) =>
    Math.floor((word / 2 ** 32) * below),
  );
  const values = [...new Set(cells)].toSorted((a, b) => a - b);
  const place = new Map(values.map((value, i) => [value, i]));
  return { values, codes: Int32Array.from(cells, (cell) => place.get(cell)!) };
}

function oreLine(name: string, below: number): Line {
  const { values, codes } = column(below);
  const type = 'integer' as const;
  const canonical = values.map((value) => canonicalBytes(value, type));
  const key = randomBytes(32);
  const built = timed(() => buildOre(key, { type, rows: ROWS, values: canonical, codes }));
  const { part, state } = built.result;
  const index = timed(() => openOreIndex(part), SHORT);
  const end = (share: number): { value: Uint8Array; inclusive: boolean } => ({
    value: canonical[Math.floor(share * (canonical.length - 1))]!,
    inclusive: true,
  });
  const numbered = decodeOreState(state);
  const token = rangeToken(key, numbered, rangeCodes(numbered, end(0.4), end(0.5))!);
  const query = timed(() => index.result.find!(token), SHORT);
  return {
    index: 'ore',
    column: name,
    bytesPerRow: part.length / ROWS,
    buildRowsPerSecond: (1000 * ROWS) / built.ms,
    parseMs: index.ms,
    queryMs: query.ms,
    found: query.result.count,
  };
}

function tagLine(name: string, below: number, bits: number): Line {
  const { values, codes } = column(below);
  const lists = values.map((): number[] => []);
  codes.forEach((code, row) => lists[code]!.push(row));
  const starts = new Uint32Array(values.length + 1);
  lists.forEach((list, i) => {
    starts[i + 1] = starts[i]! + list.length;
  });
  const keywords = values.map((value) =>
    keyword(KEYWORD_KIND.value, canonicalBytes(value, 'integer')),
  );
  const key = randomBytes(32);
  const postings = { rows: ROWS, keywords, starts, members: Uint32Array.from(lists.flat()) };
  const built = timed(() => buildTags(key, postings, bits));
  const { part, state } = built.result;
  const index = timed(() => openTagIndex(part), SHORT);
  const asked = keywords[keywords.length >>> 1]!;
  const query = timed(() => index.result.answer!(tagQuery(key, state, asked))!, 10 * SHORT);
  const opened = timed(() => openTagReply(key, state, asked, query.result), 10 * SHORT);
  return {
    index: `tag, ${bits} bits`,
    column: name,
    bytesPerRow: part.length / ROWS,
    buildRowsPerSecond: (1000 * ROWS) / built.ms,
    parseMs: index.ms,
    queryMs: query.ms,
    openMs: opened.ms,
    found: opened.result.length,
  };
}

const lines = [
  tagLine('50,000 values', 50_000, shortestTag(ROWS)),
  tagLine('50,000 values', 50_000, shortestTag(ROWS) + 4),
  oreLine('8 bits', 200),
  oreLine('16 bits', 60_000),
  oreLine('32 bits', 4e9),
  oreLine('48 bits', 2e14),
];
console.log(JSON.stringify({ rows: ROWS, lines }, null, 2));
