import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { opaline, run } from './run.ts';

const BIN = fileURLToPath(new URL('../../../src/cli/bin.mjs', import.meta.url));
/** A Node too old for Opaline, where the machine has one. */
const OLD = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path));
const oldVersion = OLD === undefined ? '' : (await run(OLD, ['--version'], {})).stdout;
const isOld = /^v(1\d|20|21)\./.test(oldVersion);

const folder = mkdtempSync(join(tmpdir(), 'opaline-bin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the entry', () => {
  test('--version prints the package’s version', async () => {
    const result = await run(process.execPath, [BIN, '--version'], {});
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.skipIf(!isOld)('an old Node hands over to the one in node_modules', async () => {
    const result = await run(OLD!, [BIN, '--version'], {});
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const failed = await run(OLD!, [BIN, 'nonsense'], {});
    expect(failed.code).toBe(2);
  });

  // A Node in a folder above the temporary one would be found, as it should be.
  const above = existsSync(join(tmpdir(), 'node_modules'));
  test.skipIf(!isOld || above)('an old Node alone is told what to run', async () => {
    const alone = join(folder, 'alone', 'src', 'cli');
    mkdirSync(alone, { recursive: true });
    copyFileSync(BIN, join(alone, 'bin.mjs'));
    const result = await run(OLD!, [join(alone, 'bin.mjs'), '--version'], {});
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^opaline: USAGE: .*needs 22\.15 or newer.*\n$/);
  });

  test('files that do not load are told in one line', async () => {
    const broken = join(folder, 'broken', 'src', 'cli');
    mkdirSync(broken, { recursive: true });
    copyFileSync(BIN, join(broken, 'bin.mjs'));
    const { code, stderr } = await run(process.execPath, [join(broken, 'bin.mjs')], {});
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'opaline: INTERNAL: the program’s own files do not load: ERR_MODULE_NOT_FOUND\n',
    });
  });

  test.skipIf(!isOld)('a bundled Node that is old too does not start itself forever', async () => {
    const root = join(folder, 'loop');
    mkdirSync(join(root, 'src', 'cli'), { recursive: true });
    mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
    copyFileSync(BIN, join(root, 'src', 'cli', 'bin.mjs'));
    symlinkSync(OLD!, join(root, 'node_modules', '.bin', 'node'));
    const result = await run(OLD!, [join(root, 'src', 'cli', 'bin.mjs'), '--version'], {});
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('needs 22.15');
  });
});

const COMMANDS = [
  'init',
  'ingest',
  'query',
  'regress',
  'anova',
  'explain',
  'score',
  'tables',
  'delete',
  'compact',
  'rotate',
  'reindex',
  'verify',
  'passwd',
  'backup',
  'restore',
  'doctor',
  'inspect',
  'attack',
  'policy',
  'principal',
  'tool',
  'consent',
  'approve',
  'gate',
  'assess',
  'incident',
  'audit',
  'release',
  'bench',
  'custody',
  'custodian',
  'serve',
  'store-token',
  'worker',
];

describe('usage', () => {
  test('--help lists the commands of this version and no other', async () => {
    const { code, stdout, stderr } = await opaline(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map((match) => match[1]);
    expect(commands).toEqual([...COMMANDS, 'help']);
  });

  test.each(COMMANDS)('%s --help', async (name) => {
    const { code, stdout } = await opaline([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: opaline ${name} `));
  });

  test.each<[string, string[], RegExp]>([
    ['no command', [], /^Usage: opaline/],
    ['a command that is none', ['accident', './v'], /unknown command 'accident'/],
    ['an unknown option', ['query', './v', 'SELECT 1', '--nope'], /unknown option '--nope'/],
    ['a missing argument', ['query'], /missing required argument/],
    ['init without --store', ['init', './v'], /--store/],
    ['a format that is none', ['query', './v', 'SELECT 1', '--format', 'xml'], /xml/],
    ['neither statement nor file', ['query', './v'], /--file/],
    ['statement and file', ['query', './v', 'SELECT 1', '--file', '-'], /not both/],
    ['--param with --file', ['query', './v', '--file', '-', '--param', '1'], /--param/],
    ['csv with --file', ['query', './v', '--file', '-', '--format', 'csv'], /JSON lines/],
    ['too many arguments', ['tables', './v', 'more'], /too many arguments/],
  ])('%s: exit 2, one line on stderr, nothing on stdout', async (_, args, message) => {
    const { code, stdout, stderr } = await opaline(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    if (args.length > 0) expect(stderr).toMatch(/^opaline: USAGE: [^\n]+\n$/);
  });
});
