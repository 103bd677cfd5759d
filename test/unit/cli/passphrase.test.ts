import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { readPassphrase } from '../../../src/cli/passphrase.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-passphrase-'));
const signal = new AbortController().signal;

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  delete process.env['OPALINE_PASSPHRASE'];
});

function file(content: string | Uint8Array): string {
  const path = join(folder, 'passphrase');
  writeFileSync(path, content);
  return path;
}

test.each([
  ['one', 'one'],
  ['one\n', 'one'],
  ['one\r\n', 'one'],
  ['one\n\n', 'one\n'],
  [' ünï \n', ' ünï '],
])('the file %j holds %j', async (content, expected) => {
  expect(await readPassphrase({ passphraseFile: file(content) }, signal)).toBe(expected);
});

test('the file comes before the variable, the variable before anything else', async () => {
  process.env['OPALINE_PASSPHRASE'] = 'from the variable';
  expect(await readPassphrase({}, signal)).toBe('from the variable');
  expect(await readPassphrase({ passphraseFile: file('from the file') }, signal)).toBe(
    'from the file',
  );
});

test('an empty one is refused, wherever it comes from', async () => {
  process.env['OPALINE_PASSPHRASE'] = '';
  await expect(readPassphrase({}, signal)).rejects.toMatchObject({ code: 'PASSPHRASE_WEAK' });
  await expect(readPassphrase({ passphraseFile: file('\n') }, signal)).rejects.toMatchObject({
    code: 'PASSPHRASE_WEAK',
  });
});

test('a file that is not text is refused: two such files could mean one passphrase', async () => {
  const path = file(new Uint8Array([0xff, 0xfe, 0x41]));
  await expect(readPassphrase({ passphraseFile: path }, signal)).rejects.toMatchObject({
    code: 'PASSPHRASE_WEAK',
  });
});

test('a file that is not there', async () => {
  const missing = readPassphrase({ passphraseFile: join(folder, 'missing') }, signal);
  await expect(missing).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
});

test.skipIf(process.stdin.isTTY)('without file, variable and terminal it is required', async () => {
  await expect(readPassphrase({}, signal)).rejects.toMatchObject({ code: 'PASSPHRASE_REQUIRED' });
});
