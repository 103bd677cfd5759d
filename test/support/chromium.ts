import { chromium, type Browser } from 'playwright-core';

/** Chromium without a window: CHROMIUM’s path if it is set, else that of @sparticuz/chromium, which is for Linux. */
export async function launchChromium(): Promise<Browser> {
  const named = process.env['CHROMIUM'];
  if (named !== undefined) return chromium.launch({ executablePath: named });
  const { default: packed } = await import('@sparticuz/chromium');
  return chromium.launch({ executablePath: await packed.executablePath(), args: packed.args });
}
