import { homedir, userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { homeFolder, userName, type UserFacts } from '../../../src/cli/user.ts';

/** As Node has it of a number that no file of users has. */
const nameless = (): never => {
  const error = new Error('A system error occurred: uv_os_get_passwd returned ENOENT');
  throw Object.assign(error, { code: 'ERR_SYSTEM_ERROR', info: { code: 'ENOENT' } });
};
const NOBODY: UserFacts = { userInfo: nameless, homedir: nameless, getuid: () => 54_321 };

describe('the user of this process', () => {
  test('is called as the system calls it', () => {
    expect(userName('--by')).toBe(userInfo().username);
    expect(homeFolder('--cache')).toBe(homedir());
  });

  test('is a number where it has no name', () => {
    expect(userName('--by', NOBODY)).toBe('uid 54321');
    expect(userName('--by', { ...NOBODY, userInfo: () => ({ username: '' }) })).toBe('uid 54321');
    expect(userName('--by', { ...NOBODY, getuid: () => 0 })).toBe('uid 0');
  });

  test('is to be told where it has neither, and where it has no folder', () => {
    const usage = (option: string): unknown =>
      expect.objectContaining({
        code: 'USAGE',
        details: { reason: expect.stringMatching(new RegExp(`^${option}: .* has no `)) },
      });
    expect(() => userName('--by', { ...NOBODY, getuid: undefined })).toThrow(usage('--by'));
    expect(() => homeFolder('--cache', NOBODY)).toThrow(usage('--cache'));
    expect(() => homeFolder('--cache', { ...NOBODY, homedir: () => '' })).toThrow(usage('--cache'));
  });
});
