import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { fileAt } from '../../../../src/client/local/atomic-file.ts';
import { ReleaseState } from '../../../../src/client/local/release-state.ts';
import { OpalineError } from '../../../../src/errors/opaline-error.ts';

let folder: string;
const key = randomBytes(32);
const path = (): string => join(folder, 'release.opal');
const open = (): ReleaseState => new ReleaseState(fileAt(path()), key);
const frozen = expect.objectContaining({ code: 'RELEASES_FROZEN' });
const corrupt = expect.objectContaining({ code: 'VAULT_CORRUPT' });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opaline-release-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the state of a vault’s releases', () => {
  test('is neither verified nor frozen where there is none, as of an older vault', async () => {
    const state = open();
    expect(await state.isVerified()).toBe(false);
    expect(await state.frozenSince()).toBeUndefined();
    await state.requireOpen();
    await state.lift();
    expect(() => readFileSync(path())).toThrow(/ENOENT/);
  });

  test('is what any process made of it, for every other', async () => {
    const [one, two] = [open(), open()];
    await one.verify();
    expect(await two.isVerified()).toBe(true);
    await two.freeze();
    const since = await one.frozenSince();
    expect(since).toBeInstanceOf(Date);
    await expect(one.requireOpen()).rejects.toEqual(frozen);
    // The first freeze counts.
    await one.freeze();
    expect(await open().frozenSince()).toEqual(since);
    await one.lift();
    await two.requireOpen();
    expect(await two.isVerified()).toBe(true);
  });

  test('holds in the process that could not write it', async () => {
    const full = new OpalineError('STORE_IO', { operation: 'a test', reason: 'ENOSPC' });
    let fails = true;
    const file = fileAt(path());
    const state = new ReleaseState(
      {
        ...file,
        replace: (bytes) => (fails ? Promise.reject(full) : file.replace(bytes)),
      },
      key,
    );
    await state.freeze();
    await expect(state.requireOpen()).rejects.toEqual(frozen);
    expect(await open().frozenSince()).toBeUndefined();
    fails = false;
    await state.freeze();
    expect(await open().frozenSince()).toBeInstanceOf(Date);
    await open().lift();
    await state.requireOpen();
  });

  test('is refused where the file was altered, is another’s or cannot be read', async () => {
    await open().freeze();
    const bytes = readFileSync(path());
    for (let at = 0; at < bytes.length; at += 5) {
      writeFileSync(path(), bytes.with(at, bytes[at]! ^ 1));
      await expect(open().requireOpen()).rejects.toThrow(OpalineError);
    }
    writeFileSync(path(), bytes);
    await expect(new ReleaseState(fileAt(path()), randomBytes(32)).isVerified()).rejects.toEqual(
      corrupt,
    );
    const denied = Object.assign(new Error('no'), { code: 'EACCES' });
    const unread = { ...fileAt(path()), read: () => Promise.reject(denied) };
    await expect(new ReleaseState(unread, key).requireOpen()).rejects.toEqual(corrupt);
  });
});
