/**
 * Opaline in a browser: the page in examples/browser is built with Vite, served on loopback, and driven in a
 * Chromium without a window. It encrypts the weather of Seattle, three questions are asked, and every answer is
 * compared with plaintext SQLite. `node examples/10-browser.ts --serve` serves the page for a browser of yours.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { buildPage } from './browser/build.ts';
import { launchChromium } from './browser/chromium.ts';
import { SAMPLES } from './browser/samples.ts';
import { serveFolder } from './browser/serve.ts';

const { values } = parseArgs({
  options: {
    serve: { type: 'boolean', default: false },
    port: { type: 'string', default: '8080' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'opaline-page-'));
try {
  console.log('Building the page …');
  await buildPage(folder);
  if (values.serve) await serve(Number(values.port));
  else process.exitCode = (await drive()) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function serve(port: number): Promise<void> {
  await using served = await serveFolder(folder, { port });
  console.log(`${served.url} until Ctrl-C`);
  await new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));
}

/** True when every answer is SQLite's. */
async function drive(): Promise<boolean> {
  await using served = await serveFolder(folder);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(served.url);
    console.log(await page.textContent('#threads'));
    await page.fill('#passphrase', 'correct horse battery staple');
    await page.click('#encrypt button[type=submit]');
    await settled(page);
    console.log(await page.textContent('#encrypted'));
    using plain = weatherTable(await readFile(join(folder, 'seattle-weather.csv'), 'utf8'));
    let equal = 0;
    const samples = SAMPLES.get('seattle_weather')!;
    for (const { title, sql } of samples) {
      await page.fill('#sql', sql);
      await page.click('#ask button[type=submit]');
      await settled(page);
      const answer = await answerOf(page);
      const expected = plain
        .prepare(sql)
        .all()
        .map((row) => Object.values(row));
      const same =
        answer.length === expected.length && answer.every((row, i) => sameRow(row, expected[i]!));
      if (same) equal++;
      console.log(
        `\n${title}\n\n${indent(sql)}\n\n${indent(answer.map((row) => row.join('  ')).join('\n'))}`,
      );
      console.log(`   ${await page.textContent('#status')}\n   equal: ${same ? 'yes' : 'NO'}`);
    }
    console.log(`\n${equal}/${samples.length} equal`);
    return equal === samples.length;
  } finally {
    await browser.close();
  }
}

/** Wait until the page is at nothing any more. @throws with the page's own words where it refused */
async function settled(page: Page): Promise<void> {
  await page.waitForSelector('body:not([aria-busy])', { timeout: 120_000 });
  const wrong = await page.$('.wrong');
  if (wrong !== null) throw new Error((await wrong.textContent()) ?? 'it failed');
}

async function answerOf(page: Page): Promise<string[][]> {
  return await page.$$eval('#answer tbody tr', (rows) =>
    rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')),
  );
}

/** SQLite computes in doubles, so numbers that are not whole are compared to 12 digits. */
function sameRow(answer: readonly string[], expected: readonly unknown[]): boolean {
  return answer.every((cell, i) => {
    const other = expected[i];
    if (typeof other !== 'number') return cell === String(other);
    return Math.abs(Number(cell) - other) <= 1e-12 * Math.abs(other);
  });
}

function weatherTable(csv: string): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(
    'CREATE TABLE seattle_weather (date TEXT, precipitation REAL, temp_max REAL, temp_min REAL, wind REAL, weather TEXT)',
  );
  const insert = database.prepare('INSERT INTO seattle_weather VALUES (?, ?, ?, ?, ?, ?)');
  for (const line of csv.trim().split(/\r?\n/).slice(1)) {
    const [date, precipitation, max, min, wind, weather] = line.split(',');
    insert.run(date!, Number(precipitation), Number(max), Number(min), Number(wind), weather!);
  }
  return database;
}

function indent(text: string): string {
  return text.replace(/^/gm, '   ');
}
