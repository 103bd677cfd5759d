/** A vault of a page whose store is a service on another origin: answers, refusals, and all that leaves the page. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCanaries, type Haystack } from '../support/canaries.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { startService, type TestService } from '../support/service.ts';
import { canaryTable } from './support/canary-table.ts';
import type { DrivenGlobal } from './support/driven.ts';
import { type DrivenPages, openPages } from './support/driven-page.ts';

/** More than an append holds: a segment with columns and an index. */
const ROWS = 6000;
const canaries = canaryTable(ROWS);

let pages: DrivenPages;
let service: TestService;
let proxy: TestProxy;
let token: string;
beforeAll(async () => {
  pages = await openPages();
  service = await startService({ allowOrigins: [new URL(pages.connectedUrl).origin] });
  token = await service.tokens.add('page', ['read', 'write'], null);
  proxy = await startProxy(() => service.address);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await pages[Symbol.asyncDispose]();
});

async function openPage(url: string): Promise<Page> {
  const context = await pages.browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}vault.html`);
  return page;
}

/** What `createVault` says to a store: a code, or "made". */
async function codeOf(page: Page, store: string, storeToken: string): Promise<string> {
  return await page.evaluate(
    async (options) => {
      const { driven } = globalThis as unknown as DrivenGlobal;
      try {
        const vault = await driven.createVault('refused', { ...options, keep: 'memory' });
        await vault.close();
        return 'made';
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
    },
    { store, storeToken, passphrase: 'correct horse battery staple' },
  );
}

describe('a store over HTTP', () => {
  it('answers a page, which sends it no plaintext, and is found again with its token', async () => {
    const page = await openPage(pages.connectedUrl);
    await page.setInputFiles('#file', {
      name: 'rows.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(canaries.csv),
    });
    const { passphrase, table, column, text, number } = canaries;
    const found = await page.evaluate(
      async ({ store, storeToken, ...of }) => {
        const { driven } = globalThis as unknown as DrivenGlobal;
        const secret = { passphrase: of.passphrase };
        const made = await driven.createVault('remote', { ...secret, store, storeToken });
        const report = await made.ingestFile(driven.file(), { table: of.table });
        await made.close();
        const vault = await driven.openVault('remote', secret);
        const { rows } = await vault.query(
          `SELECT COUNT(*), SUM(amount) FROM ${of.table} WHERE ${of.column} = $1 AND amount = ${of.number}`,
          [of.text],
        );
        const one = await vault.query(
          `SELECT ${of.column} FROM ${of.table} WHERE amount = ${of.number} AND id < 3`,
        );
        await vault.close();
        const kept = (await indexedDB.databases()).map(({ name }) => name);
        return { rows, one: one.rows, report, kept };
      },
      {
        store: proxy.address,
        storeToken: token,
        passphrase: passphrase.text,
        table: table.text,
        column: column.text,
        text: text.text,
        number: String(number.value),
      },
    );
    expect(found.report.rows).toBe(ROWS);
    expect(found.rows).toEqual([['1500', String(1500n * number.value)]]);
    expect(found.one).toEqual([[text.text]]);
    // The ciphertexts are there and not here.
    expect(found.kept).toEqual(['opaline/vault/remote']);
    const crossed = proxy.seen.flatMap(
      ({ method, path, request, response, headers }): Haystack[] => [
        { name: `${method} ${path}`, bytes: Buffer.from(`${path}\n${headers}`) },
        { name: `${method} ${path} request`, bytes: request },
        { name: `${method} ${path} response`, bytes: response },
      ],
    );
    const sent = proxy.seen.reduce((sum, { request }) => sum + request.length, 0);
    expect(sent).toBeGreaterThanOrEqual(found.report.bytesUp);
    expect(sent).toBeGreaterThan(100_000);
    expect(proxy.seen.some(({ method }) => method === 'OPTIONS')).toBe(true);
    expect(findCanaries(crossed, canaries.all)).toEqual([]);
    await page.context().close();
  });

  it('and the same search finds what crosses it', async () => {
    const page = await openPage(pages.connectedUrl);
    const from = proxy.seen.length;
    await page.evaluate(
      async ([url, body]) => {
        await fetch(url!, { method: 'POST', body: body! });
      },
      [`${proxy.address}/v1/fetch`, canaries.text.text],
    );
    const crossed = proxy.seen.slice(from).map(({ path, request }) => ({
      name: path,
      bytes: request,
    }));
    const found = findCanaries(crossed, canaries.all);
    expect(found.join()).toContain('text cell');
    await page.context().close();
  });

  it('refuses a page without its token', async () => {
    const page = await openPage(pages.connectedUrl);
    expect(await codeOf(page, service.address, token)).toBe('made');
    expect(await codeOf(page, service.address, '')).toBe('STORE_UNAUTHORIZED');
    expect(await codeOf(page, 'ftp://127.0.0.1', '')).toBe('USAGE');
    await page.context().close();
  });

  it('is out of reach of a page of another origin, whatever token it has', async () => {
    const page = await openPage(pages.connectedUrl);
    await using other = await startService({ allowOrigins: ['https://app.example'] });
    const known = await other.tokens.add('page', ['read', 'write'], null);
    expect(await codeOf(page, other.address, known)).toBe('STORE_UNREACHABLE');
    await page.context().close();
  });
});
