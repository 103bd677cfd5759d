import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { Beginnings, storeBroken, storeFull } from '../support/survival.ts';
import { OPERATIONS } from '../support/write-operations.ts';

// A delta that a few rows fill, so that hundreds of tables can be made. The format's limit stays.
vi.mock('../../src/table/manifest.ts', async (original) => ({
  ...(await original<object>()),
  DELTA_ROWS: 40,
}));

let beginnings: Beginnings;
beforeAll(async () => {
  beginnings = await Beginnings.make();
});
afterAll(() => beginnings[Symbol.dispose]());

/** The slow tests do the same with reads that fail, and with a store that stays away. */
describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
  '%s is survived when the store',
  (_, operation) => {
    test('is full at any change', async () => {
      const { mutation } = await beginnings.callsOf(operation);
      for (let at = 1; at <= mutation; at++) {
        const fault = { on: 'mutation', at, effect: 'lost', error: storeFull } as const;
        await beginnings.survive(operation, fault);
      }
    });

    test('makes any change and says that it failed', async () => {
      const { mutation } = await beginnings.callsOf(operation);
      for (let at = 1; at <= mutation; at++) {
        const fault = { on: 'mutation', at, effect: 'kept', error: storeBroken } as const;
        await beginnings.survive(operation, fault);
      }
    });
  },
);
