/** The report of an assessment in Chromium: accessible, asking for nothing, as wide as the screen. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../../examples/browser/chromium.ts';
import { assessmentPage } from '../../src/cli/assessment/page.ts';
import { inventedAssessment } from '../support/assessment.ts';
import { violationsOf } from './support/axe.ts';
import { VIEWS } from './support/views.ts';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-assessment-'));
  const broken = ['sensitive-hidden', 'parameters-secure', 'keys-apart'] as const;
  await writeFile(join(folder, 'report.html'), assessmentPage(inventedAssessment(broken)));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

describe.each(VIEWS)('%s, %d pixels wide', (colorScheme, width) => {
  test('axe finds nothing, nothing is asked for, and the page fits the screen', async () => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    await using _ = { [Symbol.asyncDispose]: () => context.close() };
    const page = await context.newPage();
    const requests: string[] = [];
    const messages: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(error.message));
    await page.goto(pathToFileURL(join(folder, 'report.html')).href);
    expect(requests).toEqual([page.url()]);
    expect(messages).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      width,
    );
    for (const open of [false, true]) {
      await page.locator('details').evaluateAll((all, open) => {
        for (const one of all) (one as HTMLDetailsElement).open = open;
      }, open);
      expect(await violationsOf(page)).toEqual([]);
    }
    expect(await page.getByRole('img').count()).toBe(12);
  });
});

test('the keyboard reaches the content and every table', async () => {
  const page = await browser.newPage({ viewport: { width: 360, height: 900 } });
  await page.goto(pathToFileURL(join(folder, 'report.html')).href);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement!.id)).toBe('content');
  const names = await page
    .locator('.scroll')
    .evaluateAll((all) => all.map((one) => `${(one as HTMLElement).tabIndex} ${one.ariaLabel}`));
  expect(names.every((name) => /^0 ./.test(name))).toBe(true);
  expect(new Set(names).size).toBe(names.length);
});
