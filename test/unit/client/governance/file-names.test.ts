import { describe, expect, test } from 'vitest';
import { encodeBackup, parseBackup } from '../../../../src/client/local/backup-format.ts';
import {
  isGovernanceFile,
  isGovernanceWhole,
} from '../../../../src/client/governance/file-names.ts';

const WHOLE = [
  'officers.opal',
  'principals.opal',
  'consent.opal',
  'uses.opal',
  'approvals.opal',
  'log/checkpoint',
  'log/key',
].map((name) => `governance/${name}`);

describe('files of a governance', () => {
  test.each([
    ...WHOLE,
    'governance/assessment.opal',
    'governance/incidents.opal',
    'governance/subjects.opal',
    'governance/tools.opal',
    'governance/policy-1.note',
    'governance/policy-120.note',
    'governance/log/tile/0/000',
    'governance/log/tile/entries/x001/x234/067.p/12',
    'governance/log/details/000',
    'governance/log/keys/0f',
    'governance/log/cosigned/1000',
  ])('%s is one', (path) => {
    expect(isGovernanceFile(path)).toBe(true);
  });

  test.each([
    'governance',
    'governance/',
    'governance/writer.lock',
    'governance/gate.lock',
    'governance/consent.opal.0123.tmp',
    'governance/policy-0.note',
    'governance/policy-1.note/x',
    'governance/log/writer.lock',
    'governance/log/tmp-00000000000000000000000000000000',
    'governance/log/tile/0/0',
    'governance/log/tile/../../../vault.opal',
    'governance/../vault.opal',
    'governance/log/details/../../consent.opal',
    'governance\\log\\key',
    '/governance/log/key',
    'governance/log/keys/0F',
    'governance//log/key',
    'governance/log/key\n',
    'other/officers.opal',
    '',
  ])('%j is none', (path) => {
    expect(isGovernanceFile(path)).toBe(false);
  });

  test('are all there or none', () => {
    expect(isGovernanceWhole([])).toBe(true);
    expect(isGovernanceWhole(['vault.opal'])).toBe(true);
    expect(isGovernanceWhole(WHOLE)).toBe(true);
    for (const left of WHOLE) {
      expect(isGovernanceWhole(WHOLE.filter((path) => path !== left))).toBe(false);
    }
    expect(isGovernanceWhole(['governance/policy-1.note'])).toBe(false);
  });
});

describe('a backup', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const files = (names: readonly string[]): Map<string, Uint8Array> =>
    new Map(['heads.opal', 'keys.opal', 'vault.opal', ...names].map((name) => [name, bytes]));

  test('holds a vault without governance, or with a whole one', () => {
    for (const names of [[], WHOLE, [...WHOLE, 'governance/log/tile/0/000.p/3', 'release.opal']]) {
      const made = files(names);
      expect(parseBackup(encodeBackup(made), 'the backup')).toEqual(made);
    }
  });

  test.each([
    [['governance/consent.opal']],
    [[...WHOLE, 'governance/../../evil']],
    [[...WHOLE, 'governance/log/tile/0/000/../../../../../../evil']],
    [['/etc/passwd']],
  ])('with %j is refused', (names) => {
    const made = encodeBackup(files(names));
    expect(() => parseBackup(made, 'the backup')).toThrow(/the backup/);
  });
});
