import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cosign } from '../../../src/audit/cosignature.ts';
import { AuditLog } from '../../../src/audit/file/audit-log.ts';
import { parseProof, verifyProof } from '../../../src/audit/tlog-proof.ts';
import { COSIGNATURE, formatKey, noteKeyOfSecret } from '../../../src/bytes/note-key.ts';
import { formatNote, parseNote } from '../../../src/bytes/note.ts';
import {
  entryOf,
  LOG_KEY,
  LogFiles,
  LogFolders,
  ORIGIN,
  SECRETS,
  utf8,
} from '../../support/audit-logs.ts';
import { opaline } from './run.ts';

const folders = new LogFolders();
afterAll(() => folders[Symbol.dispose]());

const WITNESS = new Uint8Array(32).fill(7);
const witness = noteKeyOfSecret('witness.example/w1', COSIGNATURE, WITNESS);
const KEY = formatKey(LOG_KEY);
let log: AuditLog;
let path: string;
beforeAll(async () => {
  ({ log, path } = await folders.log(3, 4));
  const note = parseNote(new Uint8Array(readFileSync(join(path, 'checkpoint'))), 'it');
  const line = cosign(note.text, witness.name, WITNESS, 1_700_000_000);
  const cosigned = formatNote({ ...note, signatures: [...note.signatures, line] });
  await log.cosigned(utf8(cosigned), [witness]);
  await log.shred('subject-0');
});

const audit = (command: string, ...rest: string[]) => opaline(['audit', command, ...rest]);

/** A copy of the log, changed. */
function changed(change: (files: LogFiles) => void): string {
  const files = LogFiles.of(path);
  change(files);
  const copy = folders.next();
  files.store(copy);
  return copy;
}

describe('audit verify', () => {
  test('of a whole log says so, and whose key it took', async () => {
    const own = await audit('verify', path);
    expect(own).toMatchObject({ code: 0 });
    expect(own.stdout).toMatch(
      new RegExp(
        `^ok       ${ORIGIN}: 7 entries, root [^ ]+; 9 details as they were logged, 1 gone\\n$`,
      ),
    );
    expect(own.stderr).toMatch(/^The key is the one beside the log[^\n]*\n$/);
    const told = await audit('verify', path, '--key', KEY, '--witness', formatKey(witness));
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toMatch(/; cosigned by witness\.example\/w1 at 7\n$/);
  });

  test('of an altered log names what and where, on stdout, and fails in one line', async () => {
    const copy = changed((files) => {
      files.get('tile/entries/000.p/7')![9]! ^= 1;
    });
    const { code, stdout, stderr } = await audit('verify', copy, '--key', KEY);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^problem {2}tile\/entries\/000\.p\/7: entry 0 is not the one whose hash/,
    );
    expect(stderr).toMatch(/^opaline: CHECK_FAILED: [^\n]+\n$/);
    const { stdout: json } = await audit('verify', copy, '--key', KEY, '--format', 'json');
    const { findings, entries } = JSON.parse(json) as { findings: object[]; entries: number };
    expect([entries, findings[0]]).toEqual([
      7,
      expect.objectContaining({ level: 'problem', where: 'tile/entries/000.p/7' }),
    ]);
  });

  test('with a head from elsewhere sees a rollback and a fork', async () => {
    const head = join(folders.base, 'head');
    const proof = join(folders.base, 'entry.tlog-proof');
    const rolledBack = changed(() => undefined);
    const forked = changed(() => undefined);
    await log.append([entryOf(7)]);
    writeFileSync(head, readFileSync(join(path, 'checkpoint')));
    writeFileSync(proof, (await audit('prove', path, '7')).stdout);
    await (await AuditLog.open(forked, SECRETS)).append([entryOf(50), entryOf(51)]);
    for (const file of [head, proof]) {
      expect((await audit('verify', path, '--key', KEY, '--head', file)).code).toBe(0);
      const old = await audit('verify', rolledBack, '--key', KEY, '--head', file);
      expect([old.code, old.stdout]).toEqual([
        1,
        `problem  ${file}: rolled back: the head has 8 entries, and the log 7\n`,
      ]);
      const other = await audit('verify', forked, '--key', KEY, '--head', file);
      expect([other.code, other.stdout]).toEqual([
        1,
        `problem  ${file}: a fork: the first 8 entries of the log are not those of the head\n`,
      ]);
    }
  });

  test.each<[string, () => string[], number, string]>([
    ['no log', () => [folders.next()], 1, 'LOG_NOT_FOUND'],
    ['a key that is none', () => [path, '--key', 'x'], 1, 'BYTES_INVALID'],
    [
      'a head that is not there',
      () => [path, '--head', join(folders.base, 'none')],
      1,
      'INPUT_NOT_FOUND',
    ],
    ['an unknown format', () => [path, '--format', 'xml'], 2, 'USAGE'],
  ])('of %s fails in one line', async (_, args, code, error) => {
    const result = await audit('verify', ...args());
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`opaline: ${error}: [^\\n]+\\n$`));
  });
});

describe('audit prove', () => {
  test('prints a proof that verifies for the entry', async () => {
    const { code, stdout } = await audit('prove', path, '2', '--key', KEY);
    expect(code).toBe(0);
    const proof = parseProof(utf8(stdout));
    const { entry } = await log.prove(2);
    expect(proof.index).toBe(2);
    expect(verifyProof(proof, entry, LOG_KEY).origin).toBe(ORIGIN);
  });

  test('of an entry that is not there, or in a damaged log, prints nothing', async () => {
    const beyond = await audit('prove', path, '99', '--key', KEY);
    expect(beyond).toMatchObject({ code: 1, stdout: '' });
    expect(beyond.stderr).toMatch(/^opaline: LOG_INDEX: /);
    const copy = changed((files) => {
      for (const [name, bytes] of files) if (name.startsWith('tile/0/')) bytes[40]! ^= 1;
    });
    const damaged = await audit('prove', copy, '0', '--key', KEY);
    expect(damaged).toMatchObject({ code: 1, stdout: '' });
    expect(damaged.stderr).toMatch(/^opaline: LOG_INVALID: /);
  });
});

describe('audit report', () => {
  const report = (format: string) => audit('report', path, '--key', KEY, '--format', format);

  test('counts entries by kind, and says what a log cannot show', async () => {
    const { code, stdout } = await report('text');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^The log opaline\.example\/log of \d entries verifies\.\n/);
    expect(stdout).toMatch(/test\.plain +\d +1970-01-01T00:00:01\.001Z/);
    expect(stdout).toContain(
      'what a log cannot show\n  that everything that happened was logged\n',
    );
  });

  test('is JSON and Markdown too', async () => {
    const { kinds, cannotShow } = JSON.parse((await report('json')).stdout) as {
      kinds: { kind: string; entries: number }[];
      cannotShow: string[];
    };
    expect(kinds.map(({ kind }) => kind)).toEqual(['test.plain', 'test.subject']);
    expect(cannotShow.length).toBe(4);
    const { stdout } = await report('markdown');
    expect(stdout).toMatch(/^# Audit log opaline\.example\/log\n/);
    expect(stdout).toMatch(/\n\| test\.subject \| \d \| 1970-/);
  });
});
