import { afterAll, describe, expect, test } from 'vitest';
import { followLog } from '../../../src/audit/follow.ts';
import { AuditLog } from '../../../src/audit/file/audit-log.ts';
import { signCheckpoint } from '../../../src/audit/checkpoint.ts';
import type { LogSource } from '../../../src/audit/log-source.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../../src/bytes/note-key.ts';
import {
  entryOf,
  LOG_KEY,
  LogFiles,
  LogFolders,
  ORIGIN,
  SECRETS,
  utf8,
} from '../../support/audit-logs.ts';

const folders = new LogFolders();
afterAll(() => folders[Symbol.dispose]());

const follow = (source: LogSource, last?: Parameters<typeof followLog>[2]) =>
  followLog(source, LOG_KEY, last);

/** The files of logs of these sizes, each the one before it with more. */
async function grown(...sizes: readonly number[]): Promise<LogFiles[]> {
  const { path, log } = await folders.log(sizes[0]!);
  const all = [LogFiles.of(path)];
  let at = sizes[0]!;
  for (const size of sizes.slice(1)) {
    await log.append(Array.from({ length: size - at }, (_, i) => entryOf(at + i)));
    all.push(LogFiles.of(path));
    at = size;
  }
  return all;
}

describe('a log that is followed', () => {
  // Within a bundle, to its end, over it, over two, and without anything new.
  const sizes = [0, 1, 5, 256, 256, 257, 600, 1100];

  test('continues what was seen, and every new entry is told once', async () => {
    let last: Parameters<typeof followLog>[2];
    let seen = 0;
    for (const [i, files] of (await grown(...sizes)).entries()) {
      const told: number[] = [];
      const { head, added } = await followLog(files, LOG_KEY, last, (index, { kind }) => {
        expect(kind).toMatch(/^test\./);
        told.push(index);
      });
      expect(head.size).toBe(sizes[i]);
      expect(told).toEqual(Array.from({ length: added }, (_, n) => seen + n));
      seen += added;
      last = head;
    }
    expect(seen).toBe(1100);
  });

  test('from any size to any later one', async () => {
    const all = await grown(...sizes);
    const heads = await Promise.all(all.map(async (files) => (await follow(files)).head));
    for (const [i, last] of heads.entries()) {
      for (const files of all.slice(i)) await follow(files, last);
      for (const files of all.slice(0, i)) {
        const older = follow(files, last);
        const equal = (await follow(files)).head.size === last.size;
        if (equal) await older;
        else await expect(older).rejects.toMatchObject({ code: 'LOG_ROLLBACK' });
      }
    }
  });

  test('that was rolled back, and went on, is a fork', async () => {
    for (const [from, to] of [
      [3, 7],
      [250, 300],
      [256, 260],
    ] as const) {
      const [before, after] = await grown(from, to);
      const { head } = await follow(after!);
      const path = folders.next();
      before!.store(path);
      const log = await AuditLog.open(path, SECRETS);
      await log.append(Array.from({ length: to - from }, (_, i) => entryOf(5000 + i)));
      const same = follow(LogFiles.of(path), head);
      await expect(same).rejects.toMatchObject({ code: 'LOG_FORK', details: { size: to } });
      await log.append([entryOf(6000)]);
      const longer = follow(LogFiles.of(path), head);
      await expect(longer).rejects.toMatchObject({ code: 'LOG_FORK', details: { size: to } });
    }
  });

  test('whose files were altered is invalid, and not another log', async () => {
    const [before, after] = await grown(5, 300);
    const { head } = await follow(before!);
    for (const path of [...after!.keys()].filter((name) =>
      /^(tile\/entries|checkpoint)/.test(name),
    )) {
      const files = after!.copy();
      const bytes = files.get(path)!;
      // An older partial bundle is no part of what the checkpoint stands for.
      if (/\.p\/[0-9]+$/.test(path) && !path.endsWith('.p/44')) continue;
      bytes[bytes.length - 3]! ^= 1;
      await expect(follow(files, head), path).rejects.toMatchObject({ code: 'LOG_INVALID' });
    }
    const tiles = after!.copy();
    tiles.get('tile/0/000')![1]! ^= 1;
    await expect(follow(tiles, head)).rejects.toMatchObject({ code: 'LOG_INVALID' });
    for (const path of ['checkpoint', 'tile/0/000', 'tile/entries/000', 'tile/entries/001.p/44']) {
      const files = after!.copy();
      expect(files.delete(path)).toBe(true);
      await expect(follow(files, head), path).rejects.toMatchObject({ code: 'LOG_INVALID' });
    }
  });

  test('whose checkpoint another key signed is invalid', async () => {
    const [files] = await grown(3);
    const { head } = await follow(files!);
    const other = new Uint8Array(32).fill(9);
    files!.set('checkpoint', utf8(signCheckpoint(head, other)));
    await expect(follow(files!, head)).rejects.toMatchObject({ code: 'LOG_INVALID' });
    const key = noteKeyOfSecret(ORIGIN, NOTE_SIGNATURE, other);
    expect((await followLog(files!, key, head)).added).toBe(0);
  });

  test('two heads of one size, both signed, are a fork whatever the files are', async () => {
    const [files] = await grown(3);
    const { head } = await follow(files!);
    const root = new Uint8Array(32).fill(1);
    files!.set('checkpoint', utf8(signCheckpoint({ ...head, root }, SECRETS.signing)));
    await expect(follow(files!, head)).rejects.toMatchObject({ code: 'LOG_FORK' });
  });

  test('that is written while it is read is read again', async () => {
    const [before, after] = await grown(250, 300);
    const { head } = await follow(before!);
    let reads = 0;
    // The checkpoint is the older one at the first look, and its tiles are gone by then.
    const source: LogSource = {
      paths: () => after!.paths(),
      read: (path) => {
        if (path === 'checkpoint' && reads++ === 0) return before!.read(path);
        return after!.read(path);
      },
    };
    const found = await follow(source, head);
    expect([250, 300]).toContain(found.head.size);
    const gone: LogSource = {
      paths: () => after!.paths(),
      read: (path) => {
        if (path === 'checkpoint' && reads++ === 2) return before!.read(path);
        return path.endsWith('.p/250') ? Promise.resolve(undefined) : after!.read(path);
      },
    };
    reads = 2;
    expect((await follow(gone, undefined)).added).toBeGreaterThanOrEqual(250);
  });
});
