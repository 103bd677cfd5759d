import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, ensureFreshBuild } from './fresh-build.ts';
import { runnableBlocks } from './runnable-blocks.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-readme-'));
const bin = join(folder, '.bin');
const ENV = {
  ...process.env,
  NO_COLOR: '1',
  OPALINE_PASSPHRASE: 'a passphrase that the reader types',
  PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
};

beforeAll(() => {
  ensureFreshBuild();
  // What `npx opaline` and `import 'opaline/client'` mean beside an installed package.
  mkdirSync(bin);
  const cli = join(ROOT, 'src/cli/bin.mjs');
  const npx = `#!/bin/sh\n[ "$1" = opaline ] || exit 127\nshift\nexec '${process.execPath}' '${cli}' "$@"\n`;
  writeFileSync(join(bin, 'npx'), npx, { mode: 0o755 });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/opaline'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('README.md', () => {
  const blocks = runnableBlocks(readFileSync(join(ROOT, 'README.md'), 'utf8'));

  test('has something to run in both languages', () => {
    expect(new Set(blocks.map((block) => block.language))).toEqual(new Set(['sh', 'ts']));
  });

  test.each(blocks.map((block) => [`${block.language} at line ${block.line}`, block] as const))(
    '%s',
    (_, { language, code, output }) => {
      const file = join(folder, language === 'sh' ? 'block.sh' : 'block.ts');
      writeFileSync(file, code);
      const [command, args] =
        language === 'sh' ? ['sh', ['-eu', file]] : [process.execPath, [file]];
      const printed = execFileSync(command, args, { cwd: folder, env: ENV, encoding: 'utf8' });
      if (output !== undefined) expect(stable(printed)).toBe(stable(output));
    },
  );
});

describe('examples', () => {
  const examples = readdirSync(join(ROOT, 'examples')).filter((name) => /^\d+-.*\.ts$/.test(name));

  test.each(examples)('%s', (name) => {
    const args = [
      join(ROOT, 'examples', name),
      ...(name === '01-flights.ts' ? ['--rows', '3000'] : []),
    ];
    const printed = execFileSync(process.execPath, args, { encoding: 'utf8', env: ENV });
    if (name === '01-flights.ts') expect(printed.trimEnd()).toMatch(/4\/4 equal$/);
  });
});

/** What a run prints, without what differs from run to run: times, and paths of this machine. */
function stable(text: string): string {
  return text
    .replaceAll(folder, '')
    .replaceAll('\r\n', '\n')
    .replace(/\d+(\.\d+)? (ms|s)\b/g, '… $2')
    .trim();
}
