import { describe, expect, test } from 'vitest';
import { isCustodyLogFile, isCustodyLogWhole } from '../../../src/client/custody/log-files.ts';
import { encodeBackup, parseBackup } from '../../../src/client/local/backup-format.ts';
import { VAULT_FILES } from '../../../src/client/local/vault-files.ts';

const ALWAYS = ['custody-log/checkpoint', 'custody-log/key'];

describe('files of a log of requests', () => {
  test.each([
    ...ALWAYS,
    'custody-log/tile/0/000',
    'custody-log/tile/entries/x001/x234/067.p/12',
    'custody-log/details/000',
    'custody-log/keys/0f',
  ])('%s is one', (path) => {
    expect(isCustodyLogFile(path)).toBe(true);
  });

  test.each([
    'custody-log',
    'custody-log/',
    'custody-log/writer.lock',
    'custody-log/tmp-00000000000000000000000000000000',
    'custody-log/../vault.opal',
    'custody-log/tile/../key',
    'custody-log//key',
    'other/custody-log/key',
    'custody-log\\key',
    'checkpoint',
    '',
  ])('%j is none', (path) => {
    expect(isCustodyLogFile(path)).toBe(false);
  });

  test('are in a backup all or none, and nothing else is', () => {
    expect(isCustodyLogWhole([])).toBe(true);
    expect(isCustodyLogWhole(ALWAYS)).toBe(true);
    const backupOf = (names: readonly string[]): (() => Map<string, Uint8Array>) => {
      const files = new Map([...VAULT_FILES, ...names].map((name) => [name, Uint8Array.of(1)]));
      return () => parseBackup(encodeBackup(files), 'a backup');
    };
    for (const names of [[], ALWAYS, [...ALWAYS, 'custody-log/tile/0/000.p/1']]) {
      expect([...backupOf(names)().keys()]).toEqual([...VAULT_FILES, ...names]);
    }
    const refused = expect.objectContaining({ code: 'BYTES_INVALID' });
    for (const names of [
      ALWAYS.slice(1),
      ['custody-log/tile/0/000'],
      [...ALWAYS, 'custody-log/writer.lock'],
    ]) {
      expect(backupOf(names)).toThrow(refused);
    }
  });
});
