/** The draft of a notice in Chromium: accessible, asking for nothing, as wide as the screen. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../../examples/browser/chromium.ts';
import { noticePage } from '../../src/cli/incident/page.ts';
import { AUDIENCES, noticeOf } from '../../src/policy/incident/notice.ts';
import { HOSTILE } from '../support/assessment.ts';
import { incident, NOTICE_FACTS } from '../unit/policy/incident/support.ts';
import { violationsOf } from './support/axe.ts';
import { VIEWS } from './support/views.ts';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-notice-'));
  const facts = { ...NOTICE_FACTS, incident: incident({ reason: HOSTILE.repeat(5) }) };
  for (const to of AUDIENCES) {
    await writeFile(join(folder, `${to}.html`), noticePage(noticeOf(facts, to)));
  }
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

describe.each(VIEWS)('%s, %d pixels wide', (colorScheme, width) => {
  test.each(AUDIENCES)(
    'for %s, axe finds nothing, nothing is asked for, and it fits',
    async (to) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      await using _ = { [Symbol.asyncDispose]: () => context.close() };
      const page = await context.newPage();
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(join(folder, `${to}.html`)).href);
      expect(requests).toEqual([page.url()]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        width,
      );
      expect(await violationsOf(page)).toEqual([]);
    },
  );
});
