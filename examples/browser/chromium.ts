import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver } from 'playwright-core';

/** A Chromium without a window, from a package of npm's: nothing has to be installed beside it. */
export async function launchChromium(): Promise<Browser> {
  return await driver.launch({
    executablePath: await chromium.executablePath(),
    headless: true,
    args: ['--no-sandbox', '--disable-background-networking'],
  });
}
