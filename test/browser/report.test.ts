/** The benchmark’s report in Chromium: accessible, asking for nothing, and without overlaps. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeReport } from '../../src/measure/bench-report/write-report.ts';
import { inventedResult } from '../support/bench-result.ts';
import { launchChromium } from '../../examples/browser/chromium.ts';
import { violationsOf } from './support/axe.ts';
import { VIEWS } from './support/views.ts';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-report-'));
  await writeReport(JSON.stringify(inventedResult(7)), folder);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** What the page asked for, itself included. */
  readonly requests: readonly string[];
  readonly messages: readonly string[];
}

async function open(colorScheme: 'light' | 'dark', width: number): Promise<Opened> {
  // axe is put into the page past its policy, which allows no script.
  const context = await browser.newContext({
    colorScheme,
    bypassCSP: false,
    viewport: { width, height: 900 },
  });
  const page = await context.newPage();
  const requests: string[] = [];
  const messages: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(error.message));
  await page.goto(pathToFileURL(join(folder, 'report.html')).href);
  return { page, requests, messages, [Symbol.asyncDispose]: () => context.close() };
}

describe.each(VIEWS)('%s, %d pixels wide', (scheme, width) => {
  test('axe finds nothing', async () => {
    await using opened = await open(scheme, width);
    const { page } = opened;
    for (const open of [false, true]) {
      await page.locator('details').evaluateAll((all, open) => {
        for (const one of all) (one as HTMLDetailsElement).open = open;
      }, open);
      expect(await violationsOf(page)).toEqual([]);
    }
  });

  test('the page is as wide as the screen, and shows one drawing of each plot', async () => {
    await using opened = await open(scheme, width);
    const { page } = opened;
    const scrolled = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(scrolled).toBeLessThanOrEqual(width);
    const figures = await page.locator('figure').count();
    expect(await page.locator('figure > svg:visible').count()).toBe(figures);
  });

  test('no texts of a plot overlap, and none leaves it', async () => {
    await using opened = await open(scheme, width);
    const problems = await opened.page.locator('figure > svg:visible').evaluateAll((plots) =>
      plots.flatMap((plot) => {
        const frame = plot.getBoundingClientRect();
        const texts = [...plot.querySelectorAll('text')]
          .filter((text) => text.textContent !== '')
          .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
        return texts.flatMap(({ text, box }, i) => {
          const found: string[] = [];
          if (box.left < frame.left - 1 || box.right > frame.right + 1)
            found.push(`${text} leaves`);
          for (const other of texts.slice(i + 1)) {
            const across =
              Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
            const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
            // Line boxes are higher than their letters.
            if (across > 1 && down > 4) found.push(`${text} on ${other.text}`);
          }
          return found.map((one) => `${plot.querySelector('title')!.textContent}: ${one}`);
        });
      }),
    );
    expect(problems).toEqual([]);
  });
});

test('nothing is asked for but the page, and its policy is kept', async () => {
  await using opened = await open('light', 1280);
  await opened.page.locator('details summary').first().click();
  expect(opened.requests).toEqual([opened.page.url()]);
  expect(opened.messages).toEqual([]);
});

test('the keyboard reaches the content, every table and its box', async () => {
  await using opened = await open('light', 360);
  const { page } = opened;
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement!.textContent)).toBe(
    'Skip to the content',
  );
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement!.id)).toBe('content');
  const summary = page.locator('details summary').first();
  await summary.focus();
  await page.keyboard.press('Enter');
  expect(await page.locator('details[open]').count()).toBe(1);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement!.className)).toBe('scroll');
});

test('without colour the families still differ', async () => {
  await using opened = await open('light', 1280);
  const shapes = await opened.page
    .locator('#frontier ~ .legend li path')
    .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')));
  expect(new Set(shapes.slice(0, -3)).size).toBe(shapes.length - 3);
});
