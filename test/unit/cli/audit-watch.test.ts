import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AuditLog } from '../../../src/audit/file/audit-log.ts';
import { formatKey } from '../../../src/bytes/note-key.ts';
import {
  entryOf,
  LOG_KEY,
  LogFiles,
  LogFolders,
  ORIGIN,
  SECRETS,
} from '../../support/audit-logs.ts';
import { opaline, type Run, type RunOptions } from './run.ts';

const folders = new LogFolders();
afterAll(() => folders[Symbol.dispose]());

const KEY = formatKey(LOG_KEY);
const watch = (args: readonly string[], options?: RunOptions): Promise<Run> =>
  opaline(['audit', 'watch', ...args, '--key', KEY], options);

describe('audit watch', () => {
  const state = join(folders.base, 'seen');

  test('tells what is new since the time before, which it keeps', async () => {
    const { path, log } = await folders.log(3);
    const once = (): Promise<Run> => watch([path, '--once', '--state', state]);
    const first = await once();
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(
      new RegExp(`^[0-9T:.Z-]+  ${ORIGIN}: 3 entries, 3 new: test.plain 2, test.subject 1\\n$`),
    );
    expect(first.stderr).toMatch(/^Nothing was seen before[^\n]*\n$/);
    expect(readFileSync(state)).toEqual(readFileSync(join(path, 'checkpoint')));
    const rolledBack = folders.next();
    LogFiles.of(path).store(rolledBack);
    await log.append([entryOf(3), entryOf(4)]);
    const second = await once();
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toMatch(/: 5 entries, 2 new: test\.plain 2\n$/);
    const json = await watch([path, '--once', '--state', state, '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      origin: ORIGIN,
      entries: 5,
      added: 0,
      kinds: {},
    });
    const kept = readFileSync(state);

    const older = await watch([rolledBack, '--once', '--state', state]);
    expect(older).toMatchObject({ code: 1, stdout: '' });
    expect(older.stderr).toMatch(/^opaline: LOG_ROLLBACK: [^\n]*3 entries, and 5[^\n]*\n$/);

    const forked = await AuditLog.open(rolledBack, SECRETS);
    await forked.append([entryOf(50), entryOf(51), entryOf(52)]);
    const other = await watch([rolledBack, '--once', '--state', state]);
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toMatch(/^opaline: LOG_FORK: /);
    // What was seen stays what it was.
    expect(readFileSync(state)).toEqual(kept);

    await log.append([entryOf(5)]);
    const altered = folders.next();
    const files = LogFiles.of(path);
    files.get('tile/entries/000.p/6')![40]! ^= 1;
    files.store(altered);
    const tampered = await watch([altered, '--once', '--state', state]);
    expect(tampered).toMatchObject({ code: 1, stdout: '' });
    expect(tampered.stderr).toMatch(/^opaline: LOG_INVALID: /);
  });

  test('looks again until it is interrupted, and ends well', async () => {
    const { path, log } = await folders.log(1);
    const seen = join(folders.base, 'seen-again');
    let appended: Promise<unknown> | undefined;
    const { code, stdout } = await watch([path, '--interval', '1', '--state', seen], {
      interruptWhen: () => {
        if (!existsSync(seen)) return false;
        appended ??= log.append([entryOf(1)]);
        return readFileSync(seen, 'utf8').split('\n')[1] === '2';
      },
    });
    await appended;
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /1 entries, 1 new: test\.subject 1\n.*: 2 entries, 1 new: test\.plain 1\n$/,
    );
  });

  test.each<[string, () => string[], number, string]>([
    ['no log', () => [folders.next(), '--once'], 1, 'LOG_NOT_FOUND'],
    ['no seconds at all', () => [folders.base, '--interval', '0'], 2, 'USAGE'],
    [
      'a state that the log’s key did not sign',
      () => {
        const file = join(folders.base, 'none');
        writeFileSync(file, 'nothing');
        return [join(folders.base, '0'), '--once', '--state', file];
      },
      1,
      'LOG_INVALID',
    ],
  ])('of %s fails in one line', async (_, args, code, error) => {
    const result = await watch(args());
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^opaline: ${error}: [^\\n]+\\n$`));
  });
});
