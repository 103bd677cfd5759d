import type { BrowserVault } from '../../../src/client/browser.ts';
import type { Driven } from '../page/vault.ts';

/** What page/vault.ts leaves in the page, for functions that run there, and what they leave for each other. */
export interface DrivenGlobal {
  driven: Driven;
  vault: BrowserVault;
}
