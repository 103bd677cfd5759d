import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from '../../src/bytes/random.ts';
import { createVault, openVaultThrough } from '../../src/client/open-vault.ts';
import { buildIndex } from '../../src/search/sse/build.ts';
import { lookupPosting } from '../../src/search/sse/eval.ts';
import { parseIndex } from '../../src/search/sse/format.ts';
import { valueToken } from '../../src/search/sse/token.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { canonicalBytes } from '../../src/table/canonical.ts';
import { cost, type Line, type SuiteResult } from '../report.ts';
import { digits, spread, timed } from '../samples.ts';
import { departures, textColumn } from './departures.ts';
import { limit, quantile } from './figures.ts';

const SEGMENT_ROWS = 2 ** 18;
/** A prime: the texts asked for are from all over the file. */
const STRIDE = 7919;
const PASSPHRASE = 'correct horse battery staple';
const P50_MS = 1;
const P99_MS = 5;

/** The flights of one minute and airport: by the index alone, then all of a query through the public API. */
export async function exactMatch(
  rows: number,
  queries: number,
  progress: (text: string) => void,
): Promise<Pick<SuiteResult, 'lines' | 'samples'> & { text: string }> {
  const texts = await departures(rows);
  const asked = askedFor(texts, 2 * queries);
  const index = indexLookups(texts, asked);
  progress(`  a table of ${rows} flights`);
  const api = await apiQueries(texts, asked);
  return {
    lines: [
      ...lines(`${rows} flights: exact match, tokens to row ids`, 'indexes of all segments', index),
      ...lines(
        `${rows} flights: exact match through the API`,
        'SELECT COUNT(*) … WHERE x = $1, planned, run and answered',
        api.whole,
        `of which in calls over the store link: ${digits(quantile(api.link, 0.5), 3)} ms, ${digits(quantile(api.link, 0.99), 3)} ms at p99`,
      ),
    ],
    text: [
      `exact match, ${rows} flights, of ${queries} queries`,
      ...[index, api.whole].map((ms, i) => {
        const [p50, p99] = [0.5, 0.99].map((share) => digits(quantile(ms, share), 3));
        return `${i === 0 ? 'tokens to row ids' : 'through the API  '}  ${p50} ms at p50, ${p99} ms at p99`;
      }),
    ].join('\n'),
    samples: {
      [`exact match, ${rows} flights, index alone (ms)`]: spread(index),
      [`exact match, ${rows} flights, API (ms)`]: spread(api.whole),
      [`exact match, ${rows} flights, API, in the store link (ms)`]: spread(api.link),
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

interface Asked {
  readonly text: string;
  /** Rows that have it. */
  readonly rows: number;
}

/** Texts that are there, each once. */
function askedFor(texts: readonly string[], count: number): readonly Asked[] {
  const rows = new Map<string, number>();
  for (const text of texts) rows.set(text, (rows.get(text) ?? 0) + 1);
  const asked = new Map<string, Asked>();
  for (let i = 0; asked.size < count; i++) {
    const text = texts[(i * STRIDE) % texts.length]!;
    asked.set(text, { text, rows: rows.get(text)! });
  }
  return [...asked.values()];
}

function indexLookups(texts: readonly string[], asked: readonly Asked[]): number[] {
  const built: { key: Uint8Array; index: ReturnType<typeof parseIndex> }[] = [];
  for (let from = 0; from < texts.length; from += SEGMENT_ROWS) {
    const segment = texts.slice(from, from + SEGMENT_ROWS);
    const key = randomBytes(32);
    const { part } = buildIndex(key, segment.length, [textColumn(segment)]);
    built.push({ key, index: parseIndex(part) });
  }
  const samples: number[] = [];
  for (const [query, { text, rows }] of asked.entries()) {
    const value = canonicalBytes(text, 'text');
    const begun = performance.now();
    let found = 0;
    for (const { key, index } of built) {
      found += lookupPosting(index, valueToken(key, 0, value)).toArray().length;
    }
    const ms = performance.now() - begun;
    if (found !== rows) throw new Error('an index has other rows');
    // The first half warms up.
    if (query >= asked.length / 2) samples.push(ms);
  }
  return samples;
}

/** Milliseconds of each query. */
interface ApiTimes {
  readonly whole: readonly number[];
  readonly link: readonly number[];
}

async function apiQueries(texts: readonly string[], asked: readonly Asked[]): Promise<ApiTimes> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-'));
  try {
    const path = join(folder, 'vault');
    const schema = { version: 1, table: 'events', columns: { x: { type: 'text' } } } as const;
    function* table(): Generator<{ x: string }> {
      for (const x of texts) yield { x };
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
    const [whole, link]: [number[], number[]] = [[], []];
    for (const [query, { text, rows: wanted }] of asked.entries()) {
      linkMs = 0;
      const [{ rows }, ms] = await timed(() =>
        vault.query('SELECT COUNT(*) FROM events WHERE x = $1', [text]),
      );
      if (rows[0]?.[0] !== String(wanted)) throw new Error(`${text} is in other rows`);
      if (query < asked.length / 2) continue;
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
