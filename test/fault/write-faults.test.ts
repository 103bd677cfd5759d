import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { randomId } from '../../src/bytes/random.ts';
import { signManifest } from '../../src/table/manifest.ts';
import { FaultyBackend } from '../support/faulty-backend.ts';
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

/** The slow tests do the same with every kind of write, with reads that fail and a store that stays away. */
const QUICK = [
  'the first ingest',
  'an append to the delta',
  'a DELETE',
  'an erasure',
  'a rotation',
];
const operations = OPERATIONS.filter(({ name }) => QUICK.includes(name));

describe.each(operations.map((operation) => [operation.name, operation] as const))(
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

describe('and the store that judges does see', () => {
  const [table, part] = [randomId(), randomId()];
  const entry = { id: part, bytes: 1, digest: new Uint8Array(32) };
  const manifest = (epoch: number): Uint8Array =>
    signManifest(
      {
        table,
        epoch,
        owner: new Uint8Array(32),
        segments: [],
        delta: [{ id: part, rows: 1, birthEpoch: 1, records: entry }],
        sealed: new Uint8Array(0),
      },
      new Uint8Array(32),
    );

  test('a manifest before its parts, a part written twice or removed, and an epoch left out', async () => {
    const backend = new FaultyBackend();
    const bytes = Uint8Array.of(1);
    const writing = backend.write(table, part, bytes);
    await backend.publish(table, 1, manifest(1));
    await writing;
    expect(backend.violations).toEqual([`epoch 1 names part ${part} before it is stored`]);
    await backend.publish(table, 2, manifest(2));
    expect(backend.violations.length).toBe(1);
    await backend.write(table, part, bytes);
    await expect(backend.publish(table, 4, manifest(4))).rejects.toThrow();
    await backend.remove(table, [part]);
    expect(backend.violations.slice(1)).toEqual([
      `part ${part} is written twice`,
      'epoch 4 is published as 4 after 2',
      `part ${part} is removed, and the head names it`,
    ]);
  });

  test('what is stored and named nowhere, after a failure of either effect', async () => {
    for (const effect of ['lost', 'kept'] as const) {
      const backend = new FaultyBackend();
      backend.plan({ on: 'mutation', at: 1, effect, error: storeFull });
      await expect(backend.write(table, part, Uint8Array.of(1))).rejects.toMatchObject({
        code: 'STORE_FULL',
      });
      expect(await backend.orphans()).toEqual(effect === 'kept' ? [part] : []);
    }
  });
});
