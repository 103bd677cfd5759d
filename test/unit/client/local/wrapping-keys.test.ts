import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { randomBytes, randomId } from '../../../../src/bytes/random.ts';
import { fileAt } from '../../../../src/client/local/atomic-file.ts';
import { WrappingKeys } from '../../../../src/client/local/wrapping-keys.ts';

let folder: string;
let wraps: WrappingKeys;
const key = randomBytes(32);
const table = randomId();
const load = (): Promise<WrappingKeys> => WrappingKeys.load(fileAt(join(folder, 'keys.opal')), key);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'opaline-wraps-'));
  wraps = await WrappingKeys.create(fileAt(join(folder, 'keys.opal')), key);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a table’s wrapping keys', () => {
  test('are there before they are used, for every process', async () => {
    const other = await load();
    const first = await wraps.create(table);
    expect(await other.find(table, first.id)).toEqual(first.key);
    expect(other.tables()).toEqual([table]);
    expect(await other.find(table, randomId())).toBeUndefined();
    expect(await other.find(randomId(), first.id)).toBeUndefined();
  });

  test('are replaced by a new one each time, used or not', async () => {
    const first = await wraps.create(table);
    const second = await wraps.successor(table);
    // The erasure that wanted it may have failed, and the store have seen what it wraps.
    const third = await (await load()).successor(table);
    expect(new Set([first, second, third].map(({ id }) => id)).size).toBe(3);
    await wraps.settle(table, third.id);
    const after = await load();
    expect(await after.find(table, first.id)).toBeUndefined();
    expect(await after.find(table, second.id)).toBeUndefined();
    expect(await after.find(table, third.id)).toEqual(third.key);
  });

  test('are kept while a publication under them may still come', async () => {
    const first = await wraps.create(table);
    const second = await wraps.successor(table);
    await wraps.settle(table, first.id);
    expect(await (await load()).find(table, second.id)).toEqual(second.key);
    expect(await (await load()).find(table, first.id)).toEqual(first.key);
  });

  test('stay where the one in use is unknown', async () => {
    const first = await wraps.create(table);
    await wraps.settle(table, randomId());
    await wraps.settle(randomId(), first.id);
    expect(await (await load()).find(table, first.id)).toEqual(first.key);
  });
});
