import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { Beginnings, storeBroken, storeFull } from '../support/survival.ts';
import { OPERATIONS } from '../support/write-operations.ts';

// As in test/fault/write-faults.test.ts.
vi.mock('../../src/table/manifest.ts', async (original) => ({
  ...(await original<object>()),
  DELTA_ROWS: 40,
}));

let beginnings: Beginnings;
beforeAll(async () => {
  beginnings = await Beginnings.make();
});
afterAll(() => beginnings[Symbol.dispose]());

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

    test.each(['lost', 'kept'] as const)(
      'is gone from any change on, which is %s',
      async (effect) => {
        const { mutation } = await beginnings.callsOf(operation);
        for (let at = 1; at <= mutation; at++) {
          const fault = { on: 'mutation', at, effect, lasting: true, error: storeBroken } as const;
          await beginnings.survive(operation, fault);
        }
      },
    );

    test.each([false, true])('fails to read at any time, and stays away: %s', async (lasting) => {
      const { read } = await beginnings.callsOf(operation);
      for (let at = 1; at <= read; at++) {
        const fault = { on: 'read', at, effect: 'lost', lasting, error: storeBroken } as const;
        await beginnings.survive(operation, fault);
      }
    });
  },
);
