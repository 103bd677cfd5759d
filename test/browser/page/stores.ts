/** The browser's twin of test/support/stores.ts. */
import { describe } from 'vitest';
import type { StoreSuite } from '../../support/stores.ts';

export const STORES = ['memory', 'file'] as const;
export const EVERYTHING = false;

const NAMES = { memory: 'memory', file: 'indexeddb' };

/** Describe a suite for both stores of a browser; what Node keeps in a folder is in IndexedDB here. */
export function eachStore(name: string, tests: (suite: StoreSuite) => void): void {
  for (const kind of STORES) {
    describe(`${name}, ${NAMES[kind]} store`, () => tests({ kind, pick: (cases) => [...cases] }));
  }
}
