import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from '../../src/bytes/random.ts';
import { createVault, openVaultThrough } from '../../src/client/vault.ts';
import { buildIndex } from '../../src/search/sse/build.ts';
import { lookupPosting } from '../../src/search/sse/eval.ts';
import { parseIndex } from '../../src/search/sse/format.ts';
import { valueToken } from '../../src/search/sse/token.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { cost, type Line, type SuiteResult } from '../report.ts';
import { digits, spread, timed } from '../samples.ts';
import { evenColumn } from './columns.ts';
import { limit, quantile } from './figures.ts';

const SEGMENT_ROWS = 2 ** 18;
/** Of a segment; every value has 16 rows in each. */
const VALUES = 2 ** 14;
const PASSPHRASE = 'correct horse battery staple';
const P50_MS = 1;
const P99_MS = 5;

/** The rows with one value: by the index alone, then all of a query through the public API. */
export async function exactMatch(
  segments: number,
  queries: number,
  progress: (text: string) => void,
): Promise<Pick<SuiteResult, 'lines' | 'samples'> & { text: string }> {
  const rows = segments * SEGMENT_ROWS;
  const index = indexLookups(segments, queries);
  progress(`  a table of ${rows} rows`);
  const api = await apiQueries(segments, queries);
  return {
    lines: [
      ...lines(`${rows} rows: exact match, tokens to row ids`, 'indexes of all segments', index),
      ...lines(
        `${rows} rows: exact match through the API`,
        'SELECT COUNT(*) … WHERE x = $1, planned, run and answered',
        api.whole,
        `of which in calls over the store link: ${digits(quantile(api.link, 0.5), 3)} ms, ${digits(quantile(api.link, 0.99), 3)} ms at p99`,
      ),
    ],
    text: [
      `exact match, ${rows} rows, of ${queries} queries`,
      ...[index, api.whole].map((ms, i) => {
        const [p50, p99] = [0.5, 0.99].map((share) => digits(quantile(ms, share), 3));
        return `${i === 0 ? 'tokens to row ids' : 'through the API  '}  ${p50} ms at p50, ${p99} ms at p99`;
      }),
    ].join('\n'),
    samples: {
      [`exact match, ${rows} rows, index alone (ms)`]: spread(index),
      [`exact match, ${rows} rows, API (ms)`]: spread(api.whole),
      [`exact match, ${rows} rows, API, in the store link (ms)`]: spread(api.link),
    },
  };
}

function lines(what: string, who: string, ms: readonly number[], note?: string): Line[] {
  const one = (name: string, share: number, most: number): Line =>
    cost({
      what: `${what}, ${name}`,
      ours: { who: `${who}; of ${ms.length}`, value: quantile(ms, share), unit: 'ms' },
      peer: limit(most, 'ms'),
      wanted: 1,
      ...(note === undefined ? {} : { note }),
    });
  return [one('p50', 0.5, P50_MS), one('p99', 0.99, P99_MS)];
}

/** Values in an order that comes to none twice before it has come to all. */
const asked = (query: number): number => (query * 7919) % VALUES;

function indexLookups(segments: number, queries: number): number[] {
  const column = evenColumn(SEGMENT_ROWS, VALUES, { equality: true, range: false });
  const built = Array.from({ length: segments }, () => {
    const key = randomBytes(32);
    return { key, index: parseIndex(buildIndex(key, SEGMENT_ROWS, [column]).part) };
  });
  const samples: number[] = [];
  for (let query = 0; query < 2 * queries; query++) {
    const value = column.values[asked(query)]!;
    const begun = performance.now();
    let found = 0;
    for (const { key, index } of built) {
      found += lookupPosting(index, valueToken(key, column.id, value)).toArray().length;
    }
    const ms = performance.now() - begun;
    if (found !== segments * (SEGMENT_ROWS / VALUES)) throw new Error('an index has other rows');
    // The first half warms up.
    if (query >= queries) samples.push(ms);
  }
  return samples;
}

/** Milliseconds of each query. */
interface ApiTimes {
  readonly whole: readonly number[];
  readonly link: readonly number[];
}

async function apiQueries(segments: number, queries: number): Promise<ApiTimes> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-'));
  try {
    const path = join(folder, 'vault');
    const { codes } = evenColumn(SEGMENT_ROWS, VALUES, { equality: true, range: false });
    const schema = { version: 1, table: 'events', columns: { x: { type: 'text' } } } as const;
    const name = (value: number): string => `value ${value}`;
    function* table(): Generator<{ x: string }> {
      for (let segment = 0; segment < segments; segment++) {
        for (const code of codes) yield { x: name(code) };
      }
    }
    {
      await using vault = await createVault(path, {
        store: join(folder, 'store'),
        passphrase: PASSPHRASE,
        threads: 1,
      });
      await vault.ingest(schema, table());
    }
    let linkMs = 0;
    const open = { passphrase: PASSPHRASE, threads: 1 };
    await using vault = await openVaultThrough(path, open, (store) =>
      timedLink(store, (ms) => (linkMs += ms)),
    );
    const wanted = String(segments * (SEGMENT_ROWS / VALUES));
    const [whole, link]: [number[], number[]] = [[], []];
    for (let query = 0; query < 2 * queries; query++) {
      linkMs = 0;
      const value = name(asked(query));
      const [{ rows }, ms] = await timed(() =>
        vault.query('SELECT COUNT(*) FROM events WHERE x = $1', [value]),
      );
      if (rows[0]?.[0] !== wanted) throw new Error(`${value} is in other rows`);
      if (query < queries) continue;
      whole.push(ms);
      link.push(linkMs);
    }
    return { whole, link };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A link whose calls tell how long each took, the store's work included. */
function timedLink(store: StoreLink, took: (ms: number) => void): StoreLink {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        const begun = performance.now();
        try {
          return await Reflect.apply(member, target, args);
        } finally {
          took(performance.now() - begun);
        }
      };
    },
  });
}
