import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ASK = fileURLToPath(new URL('./ask.mjs', import.meta.url));
/** util-linux's script(1) runs a program on a real terminal of its own. */
const hasScript = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux');

/** What the terminal showed after each of the answers was typed at its prompt. */
function onTerminal(args: string, answers: readonly string[]): Promise<string> {
  const command = `'${process.execPath}' '${ASK}' ${args}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, OPALINE_PASSPHRASE: undefined },
  });
  let screen = '';
  let typed = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString('utf8');
    const prompts = screen.split(/(?:Passphrase|again): /).length - 1;
    while (typed < Math.min(prompts, answers.length)) child.stdin.write(answers[typed++]!);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(screen));
  });
}

describe.skipIf(!hasScript)('the prompt on a terminal', () => {
  test('reads a line without showing it', async () => {
    const screen = await onTerminal('', ['sesame öffne\r']);
    expect(screen.replaceAll('\r', '')).toBe('Passphrase: \nunderstood "sesame öffne"\n');
  });

  test('rubbing out removes a whole character, Ctrl-U the line', async () => {
    expect(await onTerminal('', ['wrong\u0015abc😀\u007f\u007fd\r'])).toContain('understood "abd"');
  });

  test('init asks twice and refuses two that differ', async () => {
    expect(await onTerminal('confirm', ['one\r', 'one\r'])).toContain('understood "one"');
    expect(await onTerminal('confirm', ['one\r', 'two\r'])).toContain('refused PASSPHRASE_WEAK');
  });

  test('both lines pasted at once are both read', async () => {
    expect(await onTerminal('confirm', ['one\rone\r'])).toContain('understood "one"');
  });

  test.each([
    ['an empty line', '\r', 'PASSPHRASE_WEAK'],
    ['Ctrl-C', 'half\u0003', 'ABORTED'],
    ['Ctrl-D at the start', '\u0004', 'ABORTED'],
  ])('%s', async (_, keys, code) => {
    expect(await onTerminal('', [keys])).toContain(`refused ${code}`);
  });
});
