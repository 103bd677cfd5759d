import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { createVault } from '../../src/client/open-vault.ts';
import type { Vault } from '../../src/client/api.ts';
import type { DrivenGlobal } from '../../test/browser/support/driven.ts';
import { openPages } from '../../test/browser/support/driven-page.ts';
import {
  plainAnswers,
  QUESTIONS,
  readings,
  READINGS_SCHEMA,
  readingsCsv,
} from '../../test/browser/support/readings.ts';
import { rate, type SuiteResult } from '../report.ts';
import { spread, takeTurns } from '../samples.ts';

export interface BrowserOptions {
  readonly rows: number;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

const PASSPHRASE = 'correct horse battery staple';
/** Of Node's speed. */
const WANTED = 0.5;

/** Encryption and queries in Chromium against Node, on the same rows in the same run, both with two threads. */
export async function browserSuite({
  rows: count,
  rounds,
  progress,
}: BrowserOptions): Promise<SuiteResult> {
  const rows = readings(count);
  const csv = readingsCsv(rows);
  const expected = JSON.stringify(plainAnswers(rows));
  const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-browser-'));
  try {
    progress('  pages');
    await using pages = await openPages();
    const page = await pages.browser.newPage();
    await page.goto(`${pages.url}vault.html`);
    await page.setInputFiles('#file', {
      name: 'readings.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(csv),
    });
    const file = join(folder, 'readings.csv');
    await writeFile(file, csv);
    progress(`  encrypting ${count} rows`);
    const encrypt = await encryptions(page, folder, file, rounds);
    progress('  queries');
    await using node = await nodeVault(join(folder, 'queried'));
    await node.ingestFile(file, { schema: READINGS_SCHEMA });
    await startQueried(page);
    if (JSON.stringify(await askNode(node)) !== expected) throw new Error('Node answers otherwise');
    if (JSON.stringify(await askPage(page)) !== expected)
      throw new Error('Chromium answers otherwise');
    const query = await takeTurns(
      [
        { name: 'node', run: () => askNode(node) },
        { name: 'chromium', run: () => askPage(page) },
      ],
      3 * rounds,
    );
    const version = pages.browser.version();
    const line = (
      what: string,
      unit: string,
      amount: number,
      samples: ReadonlyMap<string, number[]>,
    ): SuiteResult['lines'][number] => {
      const [ours, peer] = [spread(samples.get('chromium')!), spread(samples.get('node')!)];
      const perSecond = (ms: number): number => (1000 * amount) / ms;
      return rate({
        what,
        ours: {
          who: `Chromium ${version}, IndexedDB, 2 workers`,
          value: perSecond(ours.p0),
          unit,
          median: perSecond(ours.p50),
        },
        peer: {
          who: `Node ${process.versions.node}, a folder, 2 threads`,
          value: perSecond(peer.p0),
          unit,
          median: perSecond(peer.p50),
        },
        wanted: WANTED,
      });
    };
    return {
      lines: [
        line(`encrypting ${count} rows of a CSV file`, 'rows/s', count, encrypt),
        line(`${QUESTIONS.length} queries of ${count} rows`, 'queries/s', QUESTIONS.length, query),
      ],
      details: { rows: count, chromium: version },
      samples: {
        'Chromium, encryption (ms)': spread(encrypt.get('chromium')!),
        'Node, encryption (ms)': spread(encrypt.get('node')!),
        'Chromium, all queries (ms)': spread(query.get('chromium')!),
        'Node, all queries (ms)': spread(query.get('node')!),
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of `ingestFile` alone: vaults are made and closed outside of it. */
async function encryptions(
  page: Page,
  folder: string,
  file: string,
  rounds: number,
): Promise<Map<string, number[]>> {
  const samples = new Map<string, number[]>([
    ['node', []],
    ['chromium', []],
  ]);
  // The first of each loads what it needs; it is not counted.
  for (let round = 0; round <= rounds; round++) {
    const turns = [
      async () => {
        await using vault = await nodeVault(join(folder, `vault-${round}`));
        return ['node', (await vault.ingestFile(file, { schema: READINGS_SCHEMA })).ms] as const;
      },
      async () => ['chromium', await encryptInPage(page)] as const,
    ];
    if (Math.random() < 0.5) turns.reverse();
    for (const turn of turns) {
      const [who, ms] = await turn();
      if (round > 0) samples.get(who)!.push(ms);
    }
  }
  return samples;
}

function nodeVault(path: string): Promise<Vault> {
  return createVault(path, { store: `${path}-store`, passphrase: PASSPHRASE, threads: 2 });
}

async function encryptInPage(page: Page): Promise<number> {
  return await page.evaluate(
    async ({ passphrase, schema }) => {
      const { driven } = globalThis as unknown as DrivenGlobal;
      const vault = await driven.createVault('timed', { passphrase, threads: 2 });
      const { ms } = await vault.ingestFile(driven.file(), { schema });
      await vault.close();
      await driven.deleteVault('timed');
      return ms;
    },
    { passphrase: PASSPHRASE, schema: READINGS_SCHEMA },
  );
}

async function startQueried(page: Page): Promise<void> {
  await page.evaluate(
    async ({ passphrase, schema }) => {
      const scope = globalThis as unknown as DrivenGlobal;
      scope.vault = await scope.driven.createVault('queried', { passphrase, threads: 2 });
      await scope.vault.ingestFile(scope.driven.file(), { schema });
    },
    { passphrase: PASSPHRASE, schema: READINGS_SCHEMA },
  );
}

async function askNode(vault: Vault): Promise<unknown[]> {
  const answers = [];
  for (const { sql } of QUESTIONS) answers.push((await vault.query(sql)).rows);
  return answers;
}

async function askPage(page: Page): Promise<unknown[]> {
  return await page.evaluate(
    async (questions) => {
      const { vault } = globalThis as unknown as DrivenGlobal;
      const answers = [];
      for (const sql of questions) answers.push((await vault.query(sql)).rows);
      return answers;
    },
    QUESTIONS.map(({ sql }) => sql),
  );
}
