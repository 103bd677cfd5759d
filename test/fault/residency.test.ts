import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolder } from '../../src/client/local/vault-folder.ts';
import { createVault } from '../../src/client/open-vault.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { liveHandles } from '../../src/engine/seal/handles.ts';
import type { ArenaStatistics } from '../../src/run/arena/resident-arena.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { threadPool } from '../../src/run/pool.node.ts';
import { FileBackend } from '../../src/store/backends/file.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';

/** Enough for threads, in segments of equal and of other sizes. */
const BATCHES = [41_000, 41_000, 22_000];
const ROWS = BATCHES.reduce((a, b) => a + b);
const x = (id: number): number => ((id * 2_654_435_761) % 2_000_003) - 1_000_000;
const g = (id: number): string => `g${(id * 40_503) % 13}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-residency-'));
  const options = { store: join(folder, 'store'), passphrase: PASSPHRASE, threads: 2 };
  await using vault = await createVault(join(folder, 'vault'), {
    ...options,
    passphraseCost: LEAST_COST,
  });
  const schema = {
    version: 1,
    table: 't',
    columns: { x: { type: 'integer', range: ['-1000000', '1000003'] }, g: { type: 'text' } },
  };
  let from = 0;
  for (const count of BATCHES) {
    const first = from;
    const rows = Array.from({ length: count }, (_, i) => ({ x: x(first + i), g: g(first + i) }));
    await vault.ingest(schema, rows, { append: first > 0 });
    from += count;
  }
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Opened extends AsyncDisposable {
  readonly vault: LocalVault;
  readonly link: EmbeddedLink;
}

/** The same table through a link of its own: its memory, its threads. */
async function open(threads: number, bytes?: number): Promise<Opened> {
  const backend = new FileBackend(join(folder, 'store'));
  const link = new EmbeddedLink(backend, {
    ...(bytes !== undefined && { bytes }),
    ...(threads > 0 && {
      threads,
      pool: (arena) => Promise.resolve(threadPool(backend.descriptor, threads, arena)),
    }),
  });
  const vault = new LocalVault(await openFolder(join(folder, 'vault'), PASSPHRASE), link, 0);
  return { vault, link, [Symbol.asyncDispose]: () => vault.close() };
}

const GROUPS = 'SELECT g, COUNT(*), SUM(x), AVG(x) FROM t GROUP BY g ORDER BY g LIMIT 2';
const FILTERED = "SELECT SUM(x) FROM t WHERE g = 'g3'";

const total = (of: (id: number) => boolean = () => true): string => {
  let sum = 0;
  for (let id = 0; id < ROWS; id++) if (of(id)) sum += x(id);
  return String(sum);
};

/** Statistics once every thread has given back what it held. */
async function atRest(link: EmbeddedLink): Promise<ArenaStatistics> {
  for (let tries = 0; tries < 400; tries++) {
    const now = link.statistics();
    if (now.pins === 0 && now.waiting === 0) return now;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return link.statistics();
}

/** The largest parts are the columns' . */
function columnParts(): string[] {
  const store = join(folder, 'store');
  return readdirSync(store, { recursive: true, encoding: 'utf8' })
    .map((name) => join(store, name))
    .filter(
      (path) => statSync(path).isFile() && readFileSync(path).toString('latin1', 4, 8) === 'COLR',
    );
}

describe.each([0, 2])('with %i threads', (threads) => {
  it('twenty queries leave memory and handles where the first left them', async () => {
    await using opened = await open(threads);
    const { vault, link } = opened;
    const round = async (): Promise<void> => {
      expect((await vault.query(FILTERED)).rows).toEqual([[total((id) => g(id) === 'g3')]]);
      expect((await vault.query('SELECT SUM(x) FROM t')).rows).toEqual([[total()]]);
      expect((await vault.query(GROUPS)).rows).toHaveLength(2);
    };
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await round();
    await round();
    const before = await atRest(link);
    const handles = liveHandles();
    collect();
    const rss = process.memoryUsage.rss();
    for (let i = 0; i < 7; i++) await round();
    expect(await atRest(link)).toEqual(before);
    expect(before.scratchBytes).toBe(0);
    expect(liveHandles()).toBe(handles);
    collect();
    // Slack for the heaps of the threads and what V8 keeps of freed memory.
    expect(process.memoryUsage.rss() - rss).toBeLessThan(64 << 20);
  });

  it('an arena smaller than the table gives the same answers, and keeps to its size', async () => {
    await using opened = await open(threads, 6 << 20);
    const { vault, link } = opened;
    const answers = await Promise.all(
      [FILTERED, GROUPS, 'SELECT SUM(x), VAR_POP(x) FROM t', FILTERED].map((sql) =>
        vault.query(sql),
      ),
    );
    expect(answers[0]!.rows).toEqual([[total((id) => g(id) === 'g3')]]);
    expect(answers[3]!.rows).toEqual(answers[0]!.rows);
    expect(answers[2]!.rows[0]![0]).toBe(total());
    const after = await atRest(link);
    expect(after.evictions).toBeGreaterThan(0);
    expect(after.residentBytes).toBeLessThanOrEqual(6 << 20);
    expect(after).toMatchObject({ pins: 0, waiting: 0, scratchBytes: 0 });
  });

  it('an arena smaller than a column is told so, and nothing is left held', async () => {
    await using opened = await open(threads, 1 << 20);
    await expect(opened.vault.query(GROUPS)).rejects.toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      details: { limit: 1 << 20 },
    });
    expect(await atRest(opened.link)).toMatchObject({ pins: 0, waiting: 0 });
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['altered', (bytes) => ((bytes[bytes.length >>> 1]! ^= 1), bytes)],
    ['cut short', (bytes) => bytes.subarray(0, bytes.length - 4096)],
    ['emptied', () => Buffer.alloc(0)],
  ])('a column that was %s is refused, and read anew once it is mended', async (_, damage) => {
    await using opened = await open(threads);
    const { vault, link } = opened;
    const intact = new Map(columnParts().map((path) => [path, readFileSync(path)]));
    try {
      for (const [path, bytes] of intact) writeFileSync(path, damage(Buffer.from(bytes)));
      const asked = await Promise.allSettled([GROUPS, FILTERED].map((sql) => vault.query(sql)));
      for (const answer of asked) {
        expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'PART_CORRUPT' } });
      }
      const { pins, waiting, scratchBytes } = await atRest(link);
      expect({ pins, waiting, scratchBytes }).toEqual({ pins: 0, waiting: 0, scratchBytes: 0 });
    } finally {
      for (const [path, bytes] of intact) writeFileSync(path, bytes);
    }
    expect((await vault.query('SELECT SUM(x) FROM t')).rows).toEqual([[total()]]);
  });

  it('a column of another shape is refused', async () => {
    await using opened = await open(threads);
    const sizes = columnParts().sort((a, b) => statSync(a).size - statSync(b).size);
    const [small, large] = [sizes[0]!, sizes.at(-1)!];
    const bytes = readFileSync(large);
    try {
      writeFileSync(large, readFileSync(small));
      await expect(opened.vault.query('SELECT SUM(x), VAR_POP(x) FROM t')).rejects.toMatchObject({
        code: 'PART_CORRUPT',
      });
    } finally {
      writeFileSync(large, bytes);
    }
    expect(await atRest(opened.link)).toMatchObject({ pins: 0 });
  });

  it('a query that is cancelled holds nothing, and others go on', async () => {
    await using opened = await open(threads, 12 << 20);
    const { vault, link } = opened;
    for (let i = 0; i < 4; i++) {
      const controller = new AbortController();
      const cancelled = vault.query(GROUPS, [], {
        signal: controller.signal,
        // Early, late, and in the middle of a segment.
        onProgress: (done) => {
          if (done > i % 2) controller.abort();
        },
      });
      const other = vault.query(FILTERED);
      if (i === 3) setTimeout(() => controller.abort(), 5);
      await expect(cancelled).rejects.toMatchObject({ code: 'ABORTED' });
      expect((await other).rows).toEqual([[total((id) => g(id) === 'g3')]]);
    }
    expect(await atRest(link)).toMatchObject({ pins: 0, waiting: 0 });
    expect((await vault.query('SELECT SUM(x) FROM t')).rows).toEqual([[total()]]);
  });
});

it('queries at the same time bring each column in once', async () => {
  await using opened = await open(2);
  const { vault, link } = opened;
  await Promise.all(Array.from({ length: 6 }, () => vault.query(FILTERED)));
  const once = await atRest(link);
  expect(once.fills).toBe(once.extents);
  // An index and a column of each segment.
  expect(once.extents).toBe(2 * BATCHES.length);
});
