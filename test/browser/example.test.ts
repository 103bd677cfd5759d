/** The page of examples/browser, as a stranger meets it: its states, its errors, what axe and narrow screens find. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPage } from '../../examples/browser/build.ts';
import { launchChromium } from '../../examples/browser/chromium.ts';
import { serveFolder, type ServedFolder } from '../../examples/browser/serve.ts';
import { violationsOf } from './support/axe.ts';
import { VIEWS } from './support/views.ts';

const PASSPHRASE = 'correct horse battery staple';

let folder: string;
let served: ServedFolder;
let browser: Browser;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-example-'));
  await buildPage(folder);
  served = await serveFolder(folder);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await served[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** What the console and uncaught errors said. */
  readonly messages: readonly string[];
}

async function open(colorScheme: 'light' | 'dark' = 'light', width = 1280): Promise<Opened> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const messages: string[] = [];
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(error.message));
  await page.goto(served.url);
  return { page, messages, [Symbol.asyncDispose]: () => context.close() };
}

/** Press a button, wait until the page is at nothing, and read what it says at `place`. */
async function press(page: Page, button: string, place: string): Promise<string> {
  await page.click(button);
  await page.waitForSelector('body:not([aria-busy])', { timeout: 120_000 });
  return (await page.textContent(place)) ?? '';
}

const ENCRYPT = '#encrypt button[type=submit]';
const ASK = '#ask button[type=submit]';

async function expectSound(page: Page, width: number): Promise<void> {
  expect(await violationsOf(page)).toEqual([]);
  const scrolled = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(scrolled).toBeLessThanOrEqual(width);
}

describe.each(VIEWS)('%s, %d pixels wide', (scheme, width) => {
  it('every state is accessible and fits, and nothing is complained of', async () => {
    await using opened = await open(scheme, width);
    const { page, messages } = opened;
    await expectSound(page, width);
    await page.check('input[value=file]');
    await page.fill('#passphrase', PASSPHRASE);
    expect(await press(page, ENCRYPT, '#encrypted.wrong')).toContain('No file is chosen');
    await expectSound(page, width);
    await page.check('input[value=weather]');
    expect(await press(page, ENCRYPT, '#encrypted:not(.wrong)')).toContain('Encrypted 1,461 rows');
    expect(await press(page, ASK, '#status:not(.wrong)')).toContain('Answered in');
    expect(await page.locator('#answer tbody tr').count()).toBe(5);
    await expectSound(page, width);
    expect(await press(page, '#explain', '#status:not(.wrong)')).not.toBe('');
    await expectSound(page, width);
    expect(messages).toEqual([]);
  });
});

describe('a stranger', () => {
  it('sees that encryption goes on, and how far it is once that is known', async () => {
    await using opened = await open();
    const { page } = opened;
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i},${i % 7}`);
    await page.setInputFiles('#file', {
      name: 'rows.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`id,day\n${lines.join('\n')}\n`),
    });
    expect(await page.isChecked('input[value=file]')).toBe(true);
    await page.fill('#passphrase', PASSPHRASE);
    // Every state of the bar, as it changes.
    await page.evaluate(() => {
      const bar = document.querySelector<HTMLProgressElement>('#progress')!;
      const seen: string[] = [];
      new MutationObserver(() => {
        seen.push(bar.hidden ? 'hidden' : (bar.getAttribute('value') ?? 'going on'));
      }).observe(bar, { attributes: true });
      Object.assign(globalThis, { seen });
    });
    await press(page, ENCRYPT, '#encrypted:not(.wrong)');
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
    expect(seen).toContain('going on');
    expect(seen).toContain('1');
    expect(seen.at(-1)).toBe('hidden');
    expect(await page.inputValue('#sql')).toContain('COUNT(*)');
    await press(page, ASK, '#status:not(.wrong)');
    expect(await page.textContent('#answer tbody td')).toBe('20000');
    expect(await page.textContent('#caption')).toBe('1 row');
  });

  it('is told what is wrong in words of the page', async () => {
    await using opened = await open();
    const { page } = opened;
    expect(await page.isDisabled(ASK)).toBe(true);
    // The browser asks for the passphrase itself, and nothing is begun.
    await page.click('#open');
    expect(await page.textContent('#encrypted')).toBe('');
    await page.fill('#passphrase', PASSPHRASE);
    expect(await press(page, '#open', '#encrypted.wrong')).toContain('keeps no table');
    await page.setInputFiles('#file', {
      name: 'rows.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF'),
    });
    expect(await press(page, ENCRYPT, '#encrypted.wrong')).toContain('must end in .csv');
    await page.setInputFiles('#file', {
      name: 'rows.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('a,b\n1,2\n3,4,5\n'),
    });
    expect(await press(page, ENCRYPT, '#encrypted.wrong')).toContain('line 3');
    expect(await page.isDisabled(ASK)).toBe(true);
    await page.check('input[value=weather]');
    await press(page, ENCRYPT, '#encrypted:not(.wrong)');
    await page.fill('#sql', 'SELECT nothing FROM seattle_weather');
    expect(await press(page, ASK, '#status.wrong')).toContain('nothing');
    await page.fill('#sql', 'SELECT COUNT(*) FROM seattle_weather');
    expect(await press(page, ASK, '#status:not(.wrong)')).toContain('Answered in');
  });

  it('finds again what the browser keeps, after a reload, and can delete it', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.check('input[value=indexeddb]');
    await page.fill('#passphrase', PASSPHRASE);
    await press(page, ENCRYPT, '#encrypted:not(.wrong)');
    await page.reload();
    await page.check('input[value=indexeddb]');
    await page.fill('#passphrase', PASSPHRASE);
    expect(await press(page, ENCRYPT, '#encrypted.wrong')).toContain('open it, or delete it first');
    await page.fill('#passphrase', 'another passphrase');
    expect(await press(page, '#open', '#encrypted.wrong')).toContain('is not the one');
    await page.fill('#passphrase', PASSPHRASE);
    await press(page, '#open', '#encrypted:not(.wrong)');
    expect(await press(page, ASK, '#status:not(.wrong)')).toContain('Answered in');
    page.once('dialog', (dialog) => void dialog.dismiss());
    await page.click('#discard');
    expect(await press(page, ASK, '#status:not(.wrong)')).toContain('Answered in');
    page.once('dialog', (dialog) => void dialog.accept());
    expect(await press(page, '#discard', '#encrypted:not(.wrong)')).toContain('Deleted');
    expect(await press(page, '#open', '#encrypted.wrong')).toContain('keeps no table');
  });
});
