/** Suites of the project in Chromium: the very files that Node runs, on the browser's bytes, threads and stores. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Outcome } from './page/outcome.ts';
import { type DrivenPages, openPages } from './support/driven-page.ts';

let pages: DrivenPages;
beforeAll(async () => {
  pages = await openPages();
});
afterAll(() => pages[Symbol.asyncDispose]());

/** Suite, and the fewest tests it has. */
const SUITES: readonly (readonly [string, number])[] = [
  ['backend', 16],
  ['files', 20],
  ['pool', 3],
  ['ring', 110],
  ['engine', 64],
  ['product-engine', 9],
  ['rungs', 60],
  ['plan', 469],
  ['grouping', 12],
  ['sqlite-range', 260],
  ['products', 12],
];

it.each(SUITES)('%s', async (suite, fewest) => {
  const page = await pages.browser.newPage();
  await page.goto(`${pages.url}?suite=${suite}`);
  const outcomes = await page.evaluate(
    async () => await (globalThis as unknown as { outcomes: Promise<readonly Outcome[]> }).outcomes,
  );
  expect(outcomes.filter(({ state }) => state === 'fail')).toEqual([]);
  expect(outcomes.filter(({ state }) => state === 'pass').length).toBeGreaterThanOrEqual(fewest);
  await page.close();
});
