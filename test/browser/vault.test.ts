/** The browser's entry point in Chromium: answers, what holds up the page, and what leaves it. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCanaries, type Haystack } from '../support/canaries.ts';
import { canaryTable } from './support/canary-table.ts';
import type { DrivenGlobal } from './support/driven.ts';
import { type DrivenPages, openPages } from './support/driven-page.ts';
import {
  plainAnswers,
  QUESTIONS,
  readings,
  READINGS_SCHEMA,
  readingsCsv,
} from './support/readings.ts';
import { recordTraffic } from './support/traffic.ts';

// Functions that run in a page declare nothing with `using`: a test's build lowers it to a helper outside of them.
const PASSPHRASE = 'correct horse battery staple';

let pages: DrivenPages;
beforeAll(async () => {
  pages = await openPages();
});
afterAll(() => pages[Symbol.asyncDispose]());

/** A page of a browser profile of its own. */
async function openPage(url: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await pages.browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}vault.html`);
  return { context, page };
}

async function giveFile(page: Page, name: string, text: string): Promise<void> {
  await page.setInputFiles('#file', { name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

describe('a hundred thousand rows', () => {
  const rows = readings(100_000);
  let page: Page;
  let context: BrowserContext;
  beforeAll(async () => {
    ({ context, page } = await openPage(pages.url));
    await giveFile(page, 'readings.csv', readingsCsv(rows));
  });
  afterAll(() => context.close());

  it('are encrypted, and five questions are answered as SQLite does, with the page’s thread free', async () => {
    const asked = {
      passphrase: PASSPHRASE,
      schema: READINGS_SCHEMA,
      sql: QUESTIONS.map(({ sql }) => sql),
    };
    const found = await page.evaluate(async ({ passphrase, schema, sql }) => {
      const { driven } = globalThis as unknown as DrivenGlobal;
      const shares: number[] = [];
      const vault = await driven.createVault('large', { passphrase });
      const report = await vault.ingestFile(driven.file(), {
        schema,
        onProgress: (_, share) => shares.push(share ?? -1),
      });
      const answers = [];
      for (const one of sql) answers.push((await vault.query(one)).rows);
      const { threads, singleThread } = vault;
      await vault.close();
      const held = driven.longTasks.filter((ms) => ms > 200);
      return { report, answers, threads, singleThread, shares, held };
    }, asked);
    expect(found.report.rows).toBe(rows.length);
    // Nothing that the page's own thread did took longer.
    expect(found.held).toEqual([]);
    expect(found.singleThread).toBeNull();
    expect(found.threads).toBeGreaterThan(0);
    expect(found.shares.at(-1)).toBe(1);
    expect(found.answers).toEqual(plainAnswers(rows));
  });

  it('are there when the page is opened again, for who knows the passphrase', async () => {
    await page.reload();
    const found = await page.evaluate(
      async ({ passphrase, sql }) => {
        const { driven } = globalThis as unknown as DrivenGlobal;
        const code = await driven.openVault('large', { passphrase: 'another' }).then(
          () => 'none',
          (error: { code: string }) => error.code,
        );
        const vault = await driven.openVault('large', { passphrase });
        const { rows } = await vault.query(sql);
        const tables = (await vault.tables()).length;
        await vault.close();
        return { code, rows, tables };
      },
      { passphrase: PASSPHRASE, sql: QUESTIONS[0]!.sql },
    );
    expect(found).toEqual({
      code: 'PASSPHRASE_WRONG',
      rows: plainAnswers(rows)[0],
      tables: 1,
    });
  });
});

describe('the page’s own thread', () => {
  it('is seen to be held up where it is', async () => {
    const { context, page } = await openPage(pages.url);
    const tasks = await page.evaluate(async () => {
      const { driven } = globalThis as unknown as DrivenGlobal;
      // In a task of the page's own: what a driver evaluates is none.
      setTimeout(() => {
        const end = performance.now() + 300;
        while (performance.now() < end);
      });
      while (!driven.longTasks.some((ms) => ms > 200))
        await new Promise((resolve) => setTimeout(resolve, 10));
      return driven.longTasks;
    });
    expect(Math.max(...tasks)).toBeGreaterThan(200);
    await context.close();
  });
});

describe('a page that is not cross-origin isolated', () => {
  it('does the same on one thread, and says so', async () => {
    const { context, page } = await openPage(pages.sharedUrl);
    const rows = readings(1000);
    const found = await page.evaluate(
      async ({ passphrase, schema, rows, sql }) => {
        const { driven } = globalThis as unknown as DrivenGlobal;
        const vault = await driven.createVault('one-thread', { passphrase });
        await vault.ingest(schema, rows);
        const answers = [];
        for (const one of sql) answers.push((await vault.query(one)).rows);
        const { threads, singleThread } = vault;
        await vault.close();
        const shared = typeof SharedArrayBuffer !== 'undefined';
        return { answers, threads, singleThread, shared };
      },
      {
        passphrase: PASSPHRASE,
        schema: READINGS_SCHEMA,
        rows,
        sql: QUESTIONS.map(({ sql }) => sql),
      },
    );
    expect(found.shared).toBe(false);
    expect(found.threads).toBe(0);
    expect(found.singleThread).toContain('not cross-origin isolated');
    expect(found.answers).toEqual(plainAnswers(rows));
    await context.close();
  });
});

describe('a vault of a page', () => {
  it('is made, refused twice, stopped, shared between pages by turns, and deleted', async () => {
    const { context, page } = await openPage(pages.url);
    const found = await page.evaluate(
      async ({ passphrase, schema, rows }) => {
        const { driven } = globalThis as unknown as DrivenGlobal;
        const codeOf = (run: Promise<unknown>): Promise<string> =>
          run.then(
            () => 'none',
            (error: { code?: string }) => error.code ?? String(error),
          );
        const codes: Record<string, string> = {};
        codes['no vault'] = await codeOf(driven.openVault('v', { passphrase }));
        codes['a name'] = await codeOf(driven.createVault('a/b', { passphrase }));
        codes['weak'] = await codeOf(driven.createVault('v', { passphrase: '' }));
        const vault = await driven.createVault('v', { passphrase });
        codes['again'] = await codeOf(driven.createVault('v', { passphrase }));
        const controller = new AbortController();
        const stopped = vault.ingest(schema, rows, { signal: controller.signal });
        controller.abort();
        codes['stopped'] = await codeOf(stopped);
        await vault.ingest(schema, rows);
        codes['twice'] = await codeOf(vault.ingest(schema, rows));
        const other = await driven.openVault('v', { passphrase });
        await other.ingest(schema, rows, { append: true });
        const count = (await vault.query('SELECT COUNT(*) FROM readings')).rows;
        const removed = await vault.delete('DELETE FROM readings WHERE level > 0', [], {
          erase: true,
        });
        const left = (await other.query('SELECT COUNT(*) FROM readings')).rows;
        const problems = (await vault.check({ deep: true })).filter(
          ({ level }) => level === 'problem',
        );
        await vault.close();
        await other.close();
        await driven.deleteVault('v');
        codes['deleted'] = await codeOf(driven.openVault('v', { passphrase }));
        return { codes, count, removed: removed.rows, left, problems };
      },
      { passphrase: PASSPHRASE, schema: READINGS_SCHEMA, rows: readings(1000) },
    );
    const above = 2 * readings(1000).filter(({ level }) => level > 0).length;
    expect(found).toEqual({
      codes: {
        'no vault': 'VAULT_NOT_FOUND',
        'a name': 'USAGE',
        weak: 'PASSPHRASE_WEAK',
        again: 'VAULT_EXISTS',
        stopped: 'ABORTED',
        twice: 'TABLE_EXISTS',
        deleted: 'VAULT_NOT_FOUND',
      },
      count: [['2000']],
      removed: above,
      left: [[String(2000 - above)]],
      problems: [],
    });
    await context.close();
  });
});

describe('no plaintext leaves the page', () => {
  const canaries = canaryTable(500);

  it('in what is requested, and what it keeps is sealed', async () => {
    const context = await pages.browser.newContext();
    const sent = recordTraffic(context);
    const page = await context.newPage();
    await page.goto(`${pages.url}vault.html`);
    await giveFile(page, 'rows.csv', canaries.csv);
    const { passphrase, table, column, text, number } = canaries;
    const found = await page.evaluate(
      async (of) => {
        const { driven } = globalThis as unknown as DrivenGlobal;
        const vault = await driven.createVault('kept', { passphrase: of.passphrase });
        await vault.ingestFile(driven.file(), { table: of.table });
        const { rows } = await vault.query(
          `SELECT COUNT(*), SUM(amount) FROM ${of.table} WHERE ${of.column} = $1 AND amount = ${of.number}`,
          [of.text],
        );
        await vault.query(`SELECT ${of.column}, COUNT(*) FROM ${of.table} GROUP BY ${of.column}`);
        await vault.close();
        const kept: [string, string][] = [];
        for (const { name } of await indexedDB.databases()) {
          const database = await new Promise<IDBDatabase>((resolve, reject) => {
            const request = indexedDB.open(name!);
            request.addEventListener('success', () => resolve(request.result));
            request.addEventListener('error', () => reject(new Error('not opened')));
          });
          for (const store of database.objectStoreNames) {
            const [keys, values] = await new Promise<[IDBValidKey[], unknown[]]>((resolve) => {
              const from = database.transaction(store).objectStore(store);
              const [keys, values] = [from.getAllKeys(), from.getAll()];
              from.transaction.addEventListener('complete', () =>
                resolve([keys.result, values.result as unknown[]]),
              );
            });
            for (const [i, value] of values.entries()) {
              const bytes =
                value instanceof Blob
                  ? new Uint8Array(await value.arrayBuffer())
                  : value instanceof Uint8Array
                    ? value
                    : (value as { manifest: Uint8Array }).manifest;
              let binary = '';
              for (const byte of bytes) binary += String.fromCharCode(byte);
              kept.push([`${name} ${store} ${JSON.stringify(keys[i])}`, btoa(binary)]);
            }
          }
          database.close();
        }
        return { rows, kept };
      },
      {
        passphrase: passphrase.text,
        table: table.text,
        column: column.text,
        text: text.text,
        number: String(number.value),
      },
    );
    expect(found.rows).toEqual([['125', String(125n * number.value)]]);
    const kept: Haystack[] = found.kept.flatMap(([name, bytes]) => [
      { name, bytes: Buffer.from(bytes, 'base64') },
      { name: `name of ${name}`, bytes: Buffer.from(name) },
    ]);
    expect(kept.filter(({ name }) => name.includes('parts')).length).toBeGreaterThan(5);
    expect(kept.filter(({ name }) => name.includes('vault.opal')).length).toBeGreaterThan(0);
    expect(findCanaries(kept, canaries.all)).toEqual([]);
    // The page's own files, and nothing else: all from where it came, and without a body.
    expect(sent.length).toBeGreaterThan(6);
    expect(sent.filter(({ name }) => !name.includes(`GET ${pages.url}`))).toEqual([]);
    expect(sent.filter(({ name }) => name.startsWith('the body'))).toEqual([]);
    expect(findCanaries(sent, canaries.all)).toEqual([]);
    await context.close();
  });

  it('and the same search finds what a page does send', async () => {
    const context = await pages.browser.newContext();
    const sent = recordTraffic(context);
    const page = await context.newPage();
    await page.goto(`${pages.url}vault.html`);
    const { text, table } = canaries;
    await page.evaluate(
      async ([body, query]) => {
        await fetch(`/nothing.json?q=${query}`, { method: 'POST', body: body! });
      },
      [text.text, table.text],
    );
    const found = findCanaries(sent, canaries.all).join('\n');
    expect(found).toContain('text cell as utf8 in the body');
    expect(found).toContain('table name as utf8 in the URL');
    await context.close();
  });
});
