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
import { describeWithRedis, hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { runnableBlocks } from './runnable-blocks.ts';
import { openTerminal, portLike, type Terminal } from './terminal.ts';

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
  const terminals: Terminal[] = [];
  let redis: TestRedis | undefined;
  /** What the README calls by the usual ports, where these may be taken. */
  let here: (text: string) => string;
  beforeAll(async () => {
    const port = String(await portLike(8787));
    if (hasRedis) redis = await startRedis();
    here = (code) =>
      code
        .replaceAll('8787', port)
        .replaceAll('redis://127.0.0.1:6379', redis?.url ?? '')
        .replace(/(opaline serve \S+)/, port === '8787' ? '$1' : `$1 --port ${port}`);
  });
  afterAll(async () => {
    for (const terminal of terminals) await terminal.end();
    await redis?.[Symbol.asyncDispose]();
  });

  test('has something to run in both languages, and in several terminals', () => {
    expect(new Set(blocks.map((block) => block.language))).toEqual(new Set(['sh', 'ts']));
    expect(blocks.filter(({ kind }) => kind === 'terminal')).toHaveLength(3);
  });

  for (const block of blocks) {
    const { kind, language, code, output } = block;
    const name = `${language} at line ${block.line}`;
    if (kind === 'runnable') {
      test(name, () => {
        const file = join(folder, language === 'sh' ? 'block.sh' : 'block.ts');
        writeFileSync(file, here(code));
        const [command, args] =
          language === 'sh' ? ['sh', ['-eu', file]] : [process.execPath, [file]];
        const printed = execFileSync(command, args, { cwd: folder, env: ENV, encoding: 'utf8' });
        if (output !== undefined) expect(stable(printed)).toBe(stable(here(output)));
      });
    } else {
      const run = (): void => {
        test(name, async () => {
          // A second service takes the place of the first.
          if (code.includes('opaline serve')) await terminals.pop()?.end();
          terminals.push(await openTerminal(here(code), { cwd: folder, env: ENV }));
        });
      };
      if (block.redis) describeWithRedis('with Redis', run);
      else run();
    }
  }
});

describe('examples', () => {
  const examples = readdirSync(join(ROOT, 'examples')).filter((name) => /^\d+-.*\.ts$/.test(name));
  /** .ci/run runs each by its name as well, and that once is enough there. */
  const run = process.env['CI'] === 'true' ? examples.slice(0, 1) : examples;

  /** Of an example, on a machine that does much else. */
  const PATIENCE = 300_000;

  test.each(run)(
    '%s',
    (name) => {
      const args = [
        join(ROOT, 'examples', name),
        ...(name === '01-flights.ts' ? ['--rows', '3000'] : []),
      ];
      const printed = execFileSync(process.execPath, args, { encoding: 'utf8', env: ENV });
      if (name === '01-flights.ts') expect(printed.trimEnd()).toMatch(/4\/4 equal$/);
    },
    PATIENCE,
  );

  test('are all in their README', () => {
    const readme = readFileSync(join(ROOT, 'examples/README.md'), 'utf8');
    for (const name of examples) expect(readme).toContain(`](${name})`);
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
