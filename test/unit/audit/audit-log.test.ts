import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cosign } from '../../../src/audit/cosignature.ts';
import { AuditLog } from '../../../src/audit/file/audit-log.ts';
import { LogFolder } from '../../../src/audit/file/log-folder.ts';
import { decodeLeaf } from '../../../src/audit/leaf.ts';
import { readEntries, readHashes } from '../../../src/audit/log-source.ts';
import { COSIGNATURE, noteKeyOfSecret } from '../../../src/bytes/note-key.ts';
import { formatNote, parseNote } from '../../../src/bytes/note.ts';
import { verifyProof } from '../../../src/audit/tlog-proof.ts';
import { commitTo } from '../../../src/audit/detail.ts';
import {
  entryOf,
  LOG_KEY,
  LogFiles,
  LogFolders,
  ORIGIN,
  problemsOf,
  SECRETS,
  utf8,
  verify,
} from '../../support/audit-logs.ts';
import { referenceRoot } from './reference.ts';

const folders = new LogFolders();
afterAll(() => folders[Symbol.dispose]());

const coded = (code: string): Error => expect.objectContaining({ code }) as Error;
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

describe('a log', () => {
  test('is made empty, in an empty or new folder alone', async () => {
    const { path, log } = await folders.log();
    expect(log.head.size).toBe(0);
    expect(await verify(LogFiles.of(path))).toMatchObject({ findings: [], problems: 0 });
    await expect(AuditLog.create(path, ORIGIN, SECRETS)).rejects.toThrow(coded('LOG_EXISTS'));
    await expect(AuditLog.create(folders.next(), 'a b', SECRETS)).rejects.toThrow(
      coded('BYTES_INVALID'),
    );
    await expect(AuditLog.open(folders.next(), SECRETS)).rejects.toThrow(coded('LOG_NOT_FOUND'));
  });

  test('gives each entry its number and a proof that verifies, at every size', async () => {
    const { path, log } = await folders.log();
    const logged: Uint8Array[] = [];
    for (const batch of [1, 1, 2, 3, 250, 1, 30, 300]) {
      const made = await log.append(Array.from({ length: batch }, (_, i) => entryOf(i)));
      for (const { entry, proof } of made) {
        expect(proof.index).toBe(logged.length);
        logged.push(entry);
      }
      for (const { entry, proof } of made) {
        expect(verifyProof(proof, entry, LOG_KEY).size).toBe(logged.length);
      }
      expect(log.head).toMatchObject({ size: logged.length, root: referenceRoot(logged) });
    }
    expect(await problemsOf(LogFiles.of(path))).toEqual([]);
    for (const index of [0, 3, 255, 256, 257, 511, 512, 587]) {
      const { entry, proof } = await log.prove(index);
      expect(entry).toEqual(logged[index]);
      expect(verifyProof(proof, entry, LOG_KEY).size).toBe(588);
    }
    for (const index of [-1, 588, 0.5, NaN]) {
      await expect(log.prove(index)).rejects.toThrow(coded('LOG_INDEX'));
    }
  });

  test('is tiles and bundles as tlog-tiles has them, without partial ones that full ones replace', async () => {
    const { path } = await folders.log(100, 200, 300);
    const folder = await LogFolder.open(path);
    const own = (await folder.paths()).filter((name) => name.startsWith('tile/')).sort();
    expect(own).toEqual([
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/88',
      'tile/1/000.p/1',
      'tile/1/000.p/2',
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/88',
    ]);
    // Who knows an older checkpoint finds what it needs in the full tile.
    const older = { level: 0, index: 0, width: 100 } as const;
    expect(await readHashes(folder, older)).toHaveLength(100);
    expect(decodeLeaf((await readEntries(folder, older))[99]!, 'it').time).toBe(1099);
  });

  test('is opened again where it was left, by several writers in turn', async () => {
    const { path, log } = await folders.log(3);
    const other = await AuditLog.open(path, SECRETS, log.head);
    const writers = [log, other, await AuditLog.open(path, SECRETS)];
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => writers[i % 3]!.append([entryOf(i), entryOf(i)])),
    );
    await other.append([]);
    expect(other.head.size).toBe(123);
    expect(
      await problemsOf(LogFiles.of(path), { heads: [{ where: 'it', head: log.head }] }),
    ).toEqual([]);
    expect(readdirSync(path).filter((name) => /lock|tmp/.test(name))).toEqual([]);
  });

  test('gives back what was logged, to whoever holds its secret', async () => {
    const { log } = await folders.log(4);
    const { kind, time, details, opened } = await log.read(3);
    expect([kind, time]).toEqual(['test.subject', 1003]);
    expect(opened.map((one) => text(one?.content))).toEqual(['what happened 3', 'subject-1 3']);
    for (const [i, one] of opened.entries()) {
      expect(commitTo(one!.salt, one!.content)).toEqual(details[i]!.commitment);
    }
    await expect(log.read(4)).rejects.toThrow(coded('LOG_INDEX'));
  });

  test('refuses a malformed entry, and the others of its batch with it', async () => {
    const { path, log } = await folders.log(2);
    const before = LogFiles.of(path);
    await expect(log.append([entryOf(0), { kind: 'No', time: 0 }])).rejects.toThrow(coded('USAGE'));
    await expect(log.append([{ kind: 'k', time: 1.5 }])).rejects.toThrow(coded('USAGE'));
    expect(LogFiles.of(path)).toEqual(before);
  });

  test('of another key, or damaged at its edge, is not written to', async () => {
    const { path } = await folders.log(5);
    const others = { ...SECRETS, signing: new Uint8Array(32).fill(3) };
    await expect(AuditLog.open(path, others)).rejects.toThrow(coded('LOG_INVALID'));
    for (const name of ['tile/0/000.p/5', 'tile/entries/000.p/5', 'checkpoint']) {
      const files = LogFiles.of(path);
      files.get(name)![20]! ^= 1;
      const copy = folders.next();
      files.store(copy);
      await expect(AuditLog.open(copy, SECRETS), name).rejects.toThrow(coded('LOG_INVALID'));
    }
  });
});

describe('a head that is kept elsewhere', () => {
  test('shows a rollback: on opening, and to a writer that has the log open', async () => {
    const { path, log } = await folders.log(2, 3);
    const old = folders.next();
    LogFiles.of(path).store(old);
    await log.append([entryOf(5)]);
    await expect(AuditLog.open(old, SECRETS, log.head)).rejects.toThrow(
      expect.objectContaining({
        code: 'LOG_ROLLBACK',
        details: { expected: 6, found: 5 },
      }) as Error,
    );
    LogFiles.of(old).store(path);
    await expect(log.append([entryOf(6)])).rejects.toThrow(coded('LOG_ROLLBACK'));
  });

  test('shows a fork, of the same length or longer', async () => {
    const { path, log } = await folders.log(5);
    const other = folders.next();
    LogFiles.of(path).store(other);
    await log.append([entryOf(5)]);
    const fork = await AuditLog.open(other, SECRETS);
    await fork.append([entryOf(99)]);
    await expect(AuditLog.open(other, SECRETS, log.head)).rejects.toThrow(coded('LOG_FORK'));
    await fork.append([entryOf(100)]);
    await expect(AuditLog.open(other, SECRETS, log.head)).rejects.toThrow(coded('LOG_FORK'));
    LogFiles.of(other).store(path);
    await expect(log.append([entryOf(7)])).rejects.toThrow(coded('LOG_FORK'));
  });

  test('of another log is refused', async () => {
    const { path, log } = await folders.log(1);
    const head = { ...log.head, origin: 'another' };
    await expect(AuditLog.open(path, SECRETS, head)).rejects.toThrow(coded('LOG_INVALID'));
  });
});

describe('shredding a subject', () => {
  test('leaves no byte of its details and of its key, and a log that verifies', async () => {
    const { path, log } = await folders.log(200, 200);
    const before = LogFiles.of(path);
    const { key, details } = await secretsOf(log);
    const proof = await log.prove(0);
    expect(await log.shred('subject-0')).toBe(45);
    expect(await log.shred('subject-0')).toBe(0);
    const after = LogFiles.of(path);
    expect(anyHolds(before, details)).toBe(true);
    expect(anyHolds(after, [...details, key])).toBe(false);
    expect(anyHolds(after, [utf8('subject-0')])).toBe(false);
    const { problems, findings, details: counts } = await verify(after);
    expect([problems, findings]).toEqual([0, []]);
    expect(counts).toEqual({ absent: 45, sealed: 0, open: 400 + 134 - 45 });
    expect(verifyProof(proof.proof, proof.entry, LOG_KEY).size).toBe(400);
    const { opened } = await log.read(0);
    expect(opened.map((one) => one && text(one.content))).toEqual(['what happened 0', undefined]);
    expect(text((await log.read(3)).opened[1]?.content)).toBe('subject-1 3');
  });

  test('and logging of it again begins with another key', async () => {
    const { path, log } = await folders.log(1);
    const first = await secretsOf(log);
    await log.shred('subject-0');
    await log.append([entryOf(1, 'subject-0')]);
    const second = await secretsOf(log, 1);
    expect(second.key).not.toEqual(first.key);
    expect(anyHolds(LogFiles.of(path), first.details)).toBe(false);
    expect(await problemsOf(LogFiles.of(path))).toEqual([]);
  });

  /** The records, as they lie in the file, of what the log tells of subject-0; and its key, from the inside. */
  async function secretsOf(
    log: AuditLog,
    from = 0,
  ): Promise<{ key: Uint8Array; details: Uint8Array[] }> {
    const { KeyFiles } = await import('../../../src/audit/file/key-files.ts');
    const { readDetails } = await import('../../../src/audit/file/detail-files.ts');
    const { sealingKeys } = await import('../../../src/audit/subject-keys.ts');
    const folder = (log as unknown as { folder: LogFolder }).folder;
    const found = await new KeyFiles(folder, sealingKeys(SECRETS.sealing)).find('subject-0');
    const bundles = await Promise.all([0, 1].map((bundle) => readDetails(folder, bundle)));
    const own = bundles.flat().filter(({ ref }) => text(ref) === text(found!.ref));
    return {
      key: found!.key,
      details: own.filter(({ index }) => index >= from).flatMap(({ ref, sealed }) => [ref, sealed]),
    };
  }
});

function anyHolds(files: LogFiles, parts: readonly Uint8Array[]): boolean {
  return [...files.values()].some((bytes) =>
    parts.some((part) => Buffer.from(bytes).includes(Buffer.from(part))),
  );
}

describe('a witness', () => {
  const secret = new Uint8Array(32).fill(7);
  const witness = noteKeyOfSecret('witness.example/w1', COSIGNATURE, secret);
  const cosigned = (path: string, seconds = 1_700_000_000): Uint8Array => {
    const note = parseNote(new Uint8Array(readFileSync(join(path, 'checkpoint'))), 'it');
    const line = cosign(note.text, witness.name, secret, seconds);
    return utf8(formatNote({ ...note, signatures: [...note.signatures, line] }));
  };

  test('cosigns a checkpoint, which is kept, and seen in a verification', async () => {
    const { path, log } = await folders.log(3);
    const note = cosigned(path);
    await log.append([entryOf(3)]);
    await log.cosigned(note, [witness]);
    await log.cosigned(cosigned(path, 1_700_000_100), [witness]);
    const { problems, witnessed } = await verify(LogFiles.of(path), { witnesses: [witness] });
    expect(problems).toBe(0);
    expect(witnessed).toEqual([
      { name: witness.name, size: 3, seconds: 1_700_000_000 },
      { name: witness.name, size: 4, seconds: 1_700_000_100 },
    ]);
    const second = noteKeyOfSecret('witness.example/w2', COSIGNATURE, new Uint8Array(32).fill(8));
    const parsed = parseNote(note, 'it');
    const line = cosign(parsed.text, second.name, new Uint8Array(32).fill(8), 5);
    await log.cosigned(utf8(formatNote({ ...parsed, signatures: [...parsed.signatures, line] })), [
      second,
    ]);
    const both = await verify(LogFiles.of(path), { witnesses: [witness, second] });
    expect(both.witnessed.filter(({ size }) => size === 3).map(({ name }) => name)).toEqual([
      witness.name,
      second.name,
    ]);
  });

  test('that nobody knows, or that cosigned another log or future, is refused', async () => {
    const { path, log } = await folders.log(3);
    await expect(log.cosigned(cosigned(path), [])).rejects.toThrow(/no witness that is known/);
    const altered = cosigned(path);
    altered[altered.length - 10]! ^= 1;
    await expect(log.cosigned(altered, [witness])).rejects.toThrow(coded('BYTES_INVALID'));
    const other = folders.next();
    LogFiles.of(path).store(other);
    await (await AuditLog.open(other, SECRETS)).append([entryOf(50)]);
    await expect(log.cosigned(cosigned(other), [witness])).rejects.toThrow(coded('LOG_ROLLBACK'));
    await log.append([entryOf(4)]);
    await expect(log.cosigned(cosigned(other), [witness])).rejects.toThrow(coded('LOG_FORK'));
    expect(existsSync(join(path, 'cosigned'))).toBe(false);
  });

  test('shows a rollback by the checkpoint that is kept', async () => {
    const { path, log } = await folders.log(3);
    const old = readFileSync(join(path, 'checkpoint'));
    await log.append([entryOf(4)]);
    await log.cosigned(cosigned(path), [witness]);
    writeFileSync(join(path, 'checkpoint'), old);
    expect(await problemsOf(LogFiles.of(path))).toEqual([
      'cosigned/4: rolled back: the head has 4 entries, and the log 3',
    ]);
  });
});
