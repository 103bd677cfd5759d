import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../../examples/browser/chromium.ts';
import { serveFolder, type ServedFolder } from '../../../examples/browser/serve.ts';
import { buildTestPages } from './build-page.ts';

export interface DrivenPages extends AsyncDisposable {
  readonly browser: Browser;
  /** Cross-origin isolated. */
  readonly url: string;
  /** The same pages without the headers that isolate. */
  readonly sharedUrl: string;
  /** The same pages under a policy that lets them reach other ports of this machine. */
  readonly connectedUrl: string;
}

/** The test pages, built and served, and a Chromium to open them in. */
export async function openPages(): Promise<DrivenPages> {
  const folder = mkdtempSync(join(tmpdir(), 'opaline-pages-'));
  const served: ServedFolder[] = [];
  try {
    await buildTestPages(folder);
    const vectors = fileURLToPath(new URL('../../vectors/', import.meta.url));
    for (const name of ['sql', 'parquet']) {
      cpSync(join(vectors, name), join(folder, 'vectors', name), { recursive: true });
    }
    for (const how of [{}, { isolated: false }, { connect: ['http://127.0.0.1:*'] }]) {
      served.push(await serveFolder(folder, how));
    }
    const browser = await launchChromium();
    return {
      browser,
      url: served[0]!.url,
      sharedUrl: served[1]!.url,
      connectedUrl: served[2]!.url,
      [Symbol.asyncDispose]: async () => {
        await browser.close();
        for (const one of served) await one[Symbol.asyncDispose]();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    for (const one of served) await one[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
