import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpalineError } from '../../../src/errors/opaline-error.ts';
import { PartCache } from '../../../src/store/backends/part-cache.ts';

const TABLE = 'a'.repeat(32);
const part = (n: number): string => n.toString(16).padStart(32, '0');

describe('the cache of a remote store’s parts', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'opaline-cache-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const bytes = (n: number, length = 1000): Uint8Array => new Uint8Array(length).fill(n);
  const files = (): string[] => readdirSync(join(folder, TABLE)).sort();

  it('brings a part once, whoever asks and how often', async () => {
    let loads = 0;
    const load = async (): Promise<Uint8Array> => (loads++, bytes(7));
    const cache = new PartCache(folder, 1 << 20);
    const both = await Promise.all([1, 2].map(() => cache.read(TABLE, part(1), load)));
    expect(both).toEqual([bytes(7), bytes(7)]);
    expect(await cache.size(TABLE, part(1), load)).toBe(1000);
    expect(await cache.read(TABLE, part(1), load, 990, 20)).toEqual(bytes(7, 10));
    expect(await cache.read(TABLE, part(1), load, 2000, 20)).toEqual(bytes(7, 0));
    // Another process, another start.
    expect(await new PartCache(folder, 1 << 20).read(TABLE, part(1), load)).toEqual(bytes(7));
    expect(loads).toBe(1);
  });

  it('stays within its limit: what was used longest ago goes first', async () => {
    const cache = new PartCache(folder, 3500);
    for (const n of [1, 2, 3]) {
      await cache.read(TABLE, part(n), async () => bytes(n));
      utimesSync(join(folder, TABLE, part(n)), n, n);
    }
    await cache.touch(TABLE, part(1));
    await cache.read(TABLE, part(4), async () => bytes(4));
    expect(files()).toEqual([part(1), part(3), part(4)]);
    let again = false;
    expect(await cache.read(TABLE, part(2), async () => ((again = true), bytes(2)))).toEqual(
      bytes(2),
    );
    expect(again).toBe(true);
  });

  it('holds a part larger than the limit while it is used', async () => {
    const cache = new PartCache(folder, 10);
    expect(await cache.read(TABLE, part(1), async () => bytes(1))).toEqual(bytes(1));
    expect(await cache.read(TABLE, part(2), async () => bytes(2))).toEqual(bytes(2));
    expect(files()).toEqual([part(2)]);
  });

  it('keeps nothing of what failed, and tries anew', async () => {
    const cache = new PartCache(folder, 1 << 20);
    const failing = async (): Promise<Uint8Array> => {
      throw new OpalineError('PART_MISSING', { part: part(1) });
    };
    await expect(cache.read(TABLE, part(1), failing)).rejects.toMatchObject({
      code: 'PART_MISSING',
    });
    expect(await cache.read(TABLE, part(1), async () => bytes(5))).toEqual(bytes(5));
  });

  it('removes what a killed process left half-written, once it is old', async () => {
    mkdirSync(join(folder, TABLE));
    for (const name of ['old.tmp', 'new.tmp']) writeFileSync(join(folder, TABLE, name), 'x');
    utimesSync(join(folder, TABLE, 'old.tmp'), 1, 1);
    await new PartCache(folder, 1 << 20).read(TABLE, part(1), async () => bytes(1));
    expect(files()).toEqual([part(1), 'new.tmp']);
  });

  it('says what is wrong with its folder', async () => {
    writeFileSync(join(folder, 'file'), '');
    const cache = new PartCache(join(folder, 'file'), 1 << 20);
    await expect(cache.read(TABLE, part(1), async () => bytes(1))).rejects.toMatchObject({
      code: 'STORE_IO',
      message: expect.stringMatching(/cache of parts.*(ENOTDIR|EEXIST)/),
    });
  });
});
