import { describe } from 'vitest';
import { describeWithRedis } from './redis.ts';

/** The stores every query suite runs against. */
export const STORES = ['memory', 'file', 'http', 'cluster'] as const;
export type StoreKind = (typeof STORES)[number];

/** `npm run test:slow` asks every store everything. */
export const EVERYTHING: boolean = process.env['OPALINE_EVERY_VECTOR'] !== undefined;
const REMOTE: readonly StoreKind[] = ['http', 'cluster'];

/** What one store is to be asked. */
export interface StoreSuite {
  readonly kind: StoreKind;
  /** All cases, or every third of them for stores where the same code answers over a slower way. */
  pick<T>(cases: readonly T[]): T[];
}

/** Describe a suite for every store, or for some. */
export function eachStore(
  name: string,
  tests: (suite: StoreSuite) => void,
  stores: readonly StoreKind[] = STORES,
): void {
  for (const kind of stores) {
    const every = EVERYTHING || !REMOTE.includes(kind) ? 1 : 3;
    const suite: StoreSuite = { kind, pick: (cases) => cases.filter((_, i) => i % every === 0) };
    const register = kind === 'cluster' ? describeWithRedis : describe;
    register(`${name}, ${kind} store`, () => tests(suite));
  }
}
