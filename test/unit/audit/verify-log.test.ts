import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signCheckpoint } from '../../../src/audit/checkpoint.ts';
import { cosign } from '../../../src/audit/cosignature.ts';
import { decodeBundle, encodeBundle } from '../../../src/audit/entry-bundle.ts';
import { encodeDetails, decodeDetails } from '../../../src/audit/detail-file.ts';
import { leafHash } from '../../../src/audit/merkle.ts';
import { COSIGNATURE, noteKeyOfSecret } from '../../../src/bytes/note-key.ts';
import { formatNote, parseNote } from '../../../src/bytes/note.ts';
import { tileBytes } from '../../../src/audit/tile.ts';
import type { Checkpoint } from '../../../src/audit/checkpoint.ts';
import {
  entryOf,
  LogFiles,
  LogFolders,
  ORIGIN,
  problemsOf,
  utf8,
  verify,
} from '../../support/audit-logs.ts';

const folders = new LogFolders();
afterAll(() => folders[Symbol.dispose]());

const WITNESS = new Uint8Array(32).fill(7);
const witnesses = [noteKeyOfSecret('witness.example/w1', COSIGNATURE, WITNESS)];

/** 5 entries, in appends of 2 and 3; of the first append a witness cosigned the checkpoint. */
let small: LogFiles;
/** 600 entries. */
let large: LogFiles;
let head: Checkpoint;
beforeAll(async () => {
  const { path, log } = await folders.log(2);
  const note = parseNote(LogFiles.of(path).get('checkpoint')!, 'it');
  const line = cosign(note.text, witnesses[0]!.name, WITNESS, 1_700_000_000);
  await log.cosigned(
    utf8(formatNote({ ...note, signatures: [...note.signatures, line] })),
    witnesses,
  );
  await log.append([entryOf(2), entryOf(3, 'subject-1'), entryOf(4)]);
  small = LogFiles.of(path);
  const made = await folders.log(600);
  large = LogFiles.of(made.path);
  head = made.log.head;
});

/** What is wrong with a copy of a log that was changed. */
async function after(files: LogFiles, change: (copy: LogFiles) => void): Promise<string[]> {
  const copy = files.copy();
  change(copy);
  return await problemsOf(copy, { witnesses });
}

describe('verifying a log', () => {
  test('finds nothing wrong with one that is whole, with its secret or without', async () => {
    for (const files of [small, large]) {
      const { findings, problems } = await verify(files, { witnesses });
      expect([problems, findings]).toEqual([0, []]);
      expect(await problemsOf(files, { sealing: undefined })).toEqual([]);
    }
    const { details } = await verify(small, { sealing: undefined });
    expect(details).toEqual({ absent: 0, sealed: 7, open: 0 });
  });

  test('tells every entry, in order', async () => {
    const seen: string[] = [];
    await verify(small, {
      onEntry: (index, { kind }, details) => {
        const texts = details.map((one) =>
          one.kind === 'open' ? new TextDecoder().decode(one.detail.content) : one.kind,
        );
        seen.push(`${index} ${kind} ${texts.join(', ')}`);
      },
    });
    expect(seen).toEqual([
      '0 test.subject what happened 0, subject-0 0',
      '1 test.plain what happened 1',
      '2 test.plain what happened 2',
      '3 test.subject what happened 3, subject-1 3',
      '4 test.plain what happened 4',
    ]);
  });

  test('sees every flip of a byte, in every file, and names the file or what it belies', async () => {
    expect([...small.keys()].sort()).toEqual([
      'checkpoint',
      'cosigned/2',
      'details/000',
      'key',
      expect.stringMatching(/^keys\/../) as string,
      expect.stringMatching(/^keys\/../) as string,
      'tile/0/000.p/2',
      'tile/0/000.p/5',
      'tile/entries/000.p/2',
      'tile/entries/000.p/5',
    ]);
    const copy = small.copy();
    for (const [path, bytes] of copy) {
      for (let i = 0; i < bytes.length; i++) {
        bytes[i]! ^= 1 << (i % 8);
        const found = await problemsOf(copy, { witnesses });
        expect(
          found.some((one) => one.includes(path)),
          `byte ${i} of ${path}: ${found[0]}`,
        ).toBe(true);
        bytes[i]! ^= 1 << (i % 8);
      }
    }
    expect(await problemsOf(copy, { witnesses })).toEqual([]);
  });

  test('without its secret sees every flip of a byte but those in files of keys', async () => {
    const copy = small.copy();
    for (const [path, bytes] of copy) {
      if (path.startsWith('keys/')) continue;
      for (let i = 0; i < bytes.length; i++) {
        bytes[i]! ^= 0x40;
        const found = await problemsOf(copy, { witnesses, sealing: undefined });
        expect(found.length, `byte ${i} of ${path}`).toBeGreaterThan(0);
        bytes[i]! ^= 0x40;
      }
    }
  });

  test('sees every file that is cut short or gone', async () => {
    for (const path of small.keys()) {
      for (const end of [0, 1, small.get(path)!.length - 1]) {
        const found = await after(small, (files) =>
          files.set(path, files.get(path)!.slice(0, end)),
        );
        expect(
          found.some((one) => one.includes(path)),
          path,
        ).toBe(true);
      }
    }
    for (const path of ['tile/0/000', 'tile/0/002.p/88', 'tile/entries/001', 'tile/1/000.p/2']) {
      const found = await after(large, (files) => files.delete(path));
      expect(found[0], path).toBe(`${path}: missing`);
    }
    expect(await after(small, (files) => files.delete('checkpoint'))).toHaveLength(1);
  });

  test('sees entries in another order, with their hashes in order or with them', async () => {
    const path = 'tile/entries/001';
    const swapped = await after(large, (files) => {
      files.set(path, encodeBundle(swap(decodeBundle(files.get(path)!, 256, 'it'), 4, 9)));
    });
    expect(swapped.slice(0, 2)).toEqual([
      `${path}: entry 260 is not the one whose hash tile/0/001 has`,
      `${path}: entry 265 is not the one whose hash tile/0/001 has`,
    ]);
    const hashed = await after(large, (files) => {
      const entries = swap(decodeBundle(files.get(path)!, 256, 'it'), 4, 9);
      files.set(path, encodeBundle(entries));
      files.set('tile/0/001', tileBytes(entries.map(leafHash)));
    });
    expect(hashed).toContain('tile/1/000.p/2: its hash 1 is not the root of tile/0/001');
    expect(hashed).toContain('checkpoint: its root is not that of the log’s 600 entries');
  });

  test('sees an entry that was replaced with all hashes above it', async () => {
    const found = await after(small, (files) => {
      const entries = decodeBundle(files.get('tile/entries/000.p/5')!, 5, 'it');
      entries[4]![3]! ^= 1;
      files.set('tile/entries/000.p/5', encodeBundle(entries));
      files.set('tile/0/000.p/5', tileBytes(entries.map(leafHash)));
    });
    expect(found).toContain('checkpoint: its root is not that of the log’s 5 entries');
  });

  test('sees a checkpoint that another key signed', async () => {
    const other = signCheckpoint({ ...head, origin: ORIGIN }, new Uint8Array(32).fill(9));
    const found = await after(large, (files) => files.set('checkpoint', utf8(other)));
    expect(found).toEqual([`checkpoint: no signature by ${ORIGIN}`]);
  });

  test('sees a detail moved to another entry, added or exchanged', async () => {
    const path = 'details/000';
    const records = decodeDetails(small.get(path)!, path, 0);
    const replaced = (changed: typeof records): Promise<string[]> =>
      after(small, (files) => files.set(path, encodeDetails(changed)));
    const [first, second] = [records[0]!, records[1]!];
    expect(
      await replaced(
        swap(records, 0, 1).map((one, i) => ({
          ...one,
          index: records[i]!.index,
          part: records[i]!.part,
        })),
      ),
    ).toEqual([
      `${path}: detail 0 of entry 0 is not the one that was logged`,
      `${path}: detail 1 of entry 0 is not the one that was logged`,
    ]);
    expect(await replaced([first, second, { ...second, part: 2 }, ...records.slice(2)])).toEqual([
      `${path}: detail 2 of entry 0, which has none of that number`,
    ]);
  });

  test('counts details that are gone, which it cannot tell from shredded ones', async () => {
    const { problems, details } = await verify(
      ((files) => {
        files.delete('details/000');
        return files;
      })(small.copy()),
    );
    expect([problems, details]).toEqual([0, { absent: 7, sealed: 0, open: 0 }]);
  });
});

describe('a head that is known', () => {
  const at = (known: Checkpoint, files: LogFiles): Promise<string[]> =>
    problemsOf(files, { heads: [{ where: 'receipt', head: known }] });

  test('is continued by the log it is of', async () => {
    expect(await at(head, large)).toEqual([]);
    const { checkpoint } = await verify(small);
    expect(await at({ ...checkpoint!, size: 0 }, small)).toEqual([]);
    for (const size of [1, 256, 257]) {
      const { log } = await folders.log(size);
      // Details have random salts, so another log of the same events is another log.
      expect(await at(log.head, large)).toEqual([
        `receipt: a fork: the first ${size} entries of the log are not those of the head`,
      ]);
    }
  });

  test('shows a rollback, a fork and another log', async () => {
    const { checkpoint } = await verify(small);
    const grown = { ...checkpoint!, size: 6 };
    expect(await at(grown, small)).toEqual([
      'receipt: rolled back: the head has 6 entries, and the log 5',
    ]);
    const forked = { ...checkpoint!, root: new Uint8Array(32) };
    expect(await at(forked, small)).toEqual([
      'receipt: a fork: the first 5 entries of the log are not those of the head',
    ]);
    expect(await at({ ...checkpoint!, origin: 'other' }, small)).toEqual([
      'receipt: a head of another log, other',
    ]);
  });
});

describe('what is beside the log', () => {
  test('is told and is no problem: an interrupted append, files of others', async () => {
    const { path, log } = await folders.log(5);
    const before = LogFiles.of(path);
    await log.append(Array.from({ length: 300 }, (_, i) => entryOf(i)));
    const grown = LogFiles.of(path);
    for (const [name, bytes] of before) grown.set(name, bytes);
    grown.set('notes.txt', utf8('mine'));
    grown.set(`tmp-${'0'.repeat(32)}`, utf8('half'));
    const { problems, findings } = await verify(grown);
    expect(problems).toBe(0);
    const told = findings.map(({ where, text }) => `${where}: ${text}`);
    expect(told.some((one) => one.startsWith('tile/0/000: goes beyond the checkpoint'))).toBe(true);
    expect(told).toContain('notes.txt: not a file of an audit log');
    expect(told.some((one) => one.startsWith('tmp-'))).toBe(true);
  });

  test('an older partial tile that is no beginning of the newer is a fork', async () => {
    const other = LogFiles.of((await folders.log(2)).path);
    const found = await after(small, (files) => {
      for (const path of ['tile/0/000.p/2', 'tile/entries/000.p/2'])
        files.set(path, other.get(path)!);
    });
    expect(found).toEqual([
      'tile/0/000.p/2: not the beginning of tile/0/000.p/5',
      'tile/entries/000.p/2: not the beginning of tile/entries/000.p/5',
    ]);
  });

  test('findings of a log that was overwritten are told up to a number', async () => {
    const found = await verify(
      ((files) => {
        for (const path of ['tile/0/000', 'tile/0/001']) files.set(path, new Uint8Array(8192));
        for (let i = 0; i < 1200; i++) files.set(`odd-${i}`, new Uint8Array(0));
        return files;
      })(large.copy()),
    );
    expect(found.findings).toHaveLength(1001);
    expect(found.findings.at(-1)).toMatchObject({
      level: 'problem',
      text: expect.stringMatching(/^\d+ more$/) as string,
    });
    expect(found.problems).toBeGreaterThan(500);
  });
});

function swap<T>(items: readonly T[], a: number, b: number): T[] {
  return items.map((item, i) => (i === a ? items[b]! : i === b ? items[a]! : item));
}
