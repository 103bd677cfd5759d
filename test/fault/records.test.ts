import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Records } from '../../src/client/records/api.ts';
import { openVault } from '../../src/client/open-vault.ts';
import { decodeFragment, decodeRowsReply, encodeRowsReply } from '../../src/plan/fragment-codec.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { PASSPHRASE, tempVault, type TempVault } from '../support/vaults.ts';
import { keyOf, rowOf, visit, VISITS } from '../support/visit-records.ts';

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

describe('two writers of one vault', () => {
  test('wait for each other, and every record is there; who will not wait is told to try again', async () => {
    await using temp = await tempVault('file');
    await using other = await openVault(temp.vault.path, { passphrase: PASSPHRASE, threads: 0 });
    const [mine, theirs] = [await temp.vault.records(VISITS), await other.records(VISITS)];
    await mine.put(visit(0));
    const patient = { patience: 100_000 };
    await Promise.all([
      ...numbers(0, 6).map((i) => mine.put([visit(i, 1), visit(50, i)], patient)),
      ...numbers(3, 9).map((i) => theirs.put([visit(i, 2), visit(50, i)], patient)),
    ]);
    const rows = [];
    for await (const { number } of mine.stream()) rows.push(Number(number));
    expect(rows.toSorted((a, b) => a - b)).toEqual([...numbers(0, 9), 50]);
    // One that holds the lock until it is told to go on.
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const held = temp.vault.ingest(
      { ...VISITS, table: 'held' },
      (async function* () {
        yield visit(1);
        begun.resolve();
        await go.promise;
      })(),
    );
    await begun.promise;
    await expect(theirs.put(visit(1), { patience: 0 })).rejects.toMatchObject({
      code: 'VAULT_LOCKED',
      retryable: true,
    });
    const aborted = new AbortController();
    const waiting = theirs.put(visit(1), { ...patient, signal: aborted.signal });
    aborted.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await theirs.get(keyOf(0))).toEqual(rowOf(0, 1));
    go.resolve();
    await held;
    expect(await theirs.put(visit(0), { patience: 0 })).toMatchObject({ replaced: 1 });
  });
});

test('ingest refuses a row whose key is taken, in the input or in the table', async () => {
  await using temp = await tempVault('memory');
  const { vault } = temp;
  await expect(vault.ingest(VISITS, [visit(1), visit(2), visit(1, 1)])).rejects.toMatchObject({
    code: 'KEY_TAKEN',
    details: { line: 3 },
  });
  expect(await vault.tables()).toEqual([]);
  await vault.ingest(
    VISITS,
    numbers(0, 30).map((i) => visit(i)),
  );
  const append = { append: true };
  await expect(vault.ingest(VISITS, [visit(40), visit(29, 1)], append)).rejects.toMatchObject({
    code: 'KEY_TAKEN',
    details: { line: 2 },
  });
  await vault.ingest(VISITS, [visit(40)], append);
  expect((await vault.tables())[0]?.rows).toBe(31);
});

describe('a store that lies about rows', () => {
  let temp: TempVault;
  let visits: Records<typeof VISITS>;
  /** What it makes of the rows that it was asked for. */
  let lie: ((rows: Uint32Array) => Uint32Array) | undefined;
  beforeAll(async () => {
    temp = await tempVault('memory', (link) => liar(link));
    visits = await temp.vault.records(VISITS);
    await temp.vault.ingest(
      VISITS,
      numbers(0, 40).map((i) => visit(i)),
    );
    await visits.put(visit(7, 1));
    await visits.delete(keyOf(8));
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  function liar(link: StoreLink): StoreLink {
    return new Proxy(link, {
      get: (target, property, receiver) => {
        if (property !== 'aggregate') {
          const member: unknown = Reflect.get(target, property, receiver);
          return typeof member === 'function' ? member.bind(target) : member;
        }
        return async (...args: Parameters<StoreLink['aggregate']>): Promise<Uint8Array> => {
          const reply = await target.aggregate(...args);
          if (lie === undefined || decodeFragment(args[0]).work.kind !== 'rows') return reply;
          const { segments } = decodeRowsReply(reply);
          return encodeRowsReply({
            segments: segments.map(({ segment, rows }) => ({ segment, rows: lie!(rows) })),
          });
        };
      },
    });
  }

  const every = Uint32Array.from(numbers(0, 40));
  const lies: [string, (rows: Uint32Array) => Uint32Array][] = [
    ['names every row, also of other keys, replaced and deleted', () => every],
    ['names a row twice', (rows) => Uint32Array.from([...rows, ...rows])],
    ['names rows past the end', () => Uint32Array.of(40)],
  ];
  test.each(lies)('%s: nothing is returned, replaced or removed', async (_, told) => {
    lie = undefined;
    const { epoch } = (await temp.vault.tables())[0]!;
    lie = told;
    const code = 'BYTES_INVALID';
    try {
      await expect(visits.get(keyOf(3))).rejects.toMatchObject({ code });
      await expect(visits.find(['number', '=', 3])).rejects.toMatchObject({ code });
      await expect(visits.put(visit(3, 1))).rejects.toMatchObject({ code });
      await expect(visits.delete(keyOf(3))).rejects.toMatchObject({ code });
      await expect(visits.erase('patient 3')).rejects.toMatchObject({ code });
    } finally {
      lie = undefined;
    }
    expect((await temp.vault.tables())[0]!.epoch).toBe(epoch);
    expect(await visits.get(keyOf(3))).toEqual(rowOf(3));
  });

  test('hides a row from a write: two rows have the key, and get says so', async () => {
    lie = () => new Uint32Array(0);
    expect(await visits.put(visit(5, 1))).toMatchObject({ replaced: 0 });
    lie = undefined;
    await expect(visits.get(keyOf(5))).rejects.toMatchObject({ code: 'KEY_NOT_UNIQUE' });
    expect(await visits.delete(keyOf(5))).toMatchObject({ rows: 2 });
    await visits.put(visit(5));
    expect(await visits.get(keyOf(5))).toEqual(rowOf(5));
  });
});
