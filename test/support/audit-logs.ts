import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AuditLog, type LogEntry, type LogSecrets } from '../../src/audit/file/audit-log.ts';
import type { LogSource } from '../../src/audit/log-source.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret, type NoteKey } from '../../src/bytes/note-key.ts';
import { sealingKeys } from '../../src/audit/subject-keys.ts';
import {
  verifyLog,
  type LogVerdict,
  type VerifyOptions,
} from '../../src/audit/verify/verify-log.ts';

export const ORIGIN = 'opaline.example/log';
export const SECRETS: LogSecrets = {
  signing: new Uint8Array(32).fill(1),
  sealing: new Uint8Array(32).fill(2),
};
export const LOG_KEY: NoteKey = noteKeyOfSecret(ORIGIN, NOTE_SIGNATURE, SECRETS.signing);

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An entry with a detail about nobody and, where a subject is named, one about that subject. */
export function entryOf(number: number, subject?: string): LogEntry {
  const own = { content: utf8(`what happened ${number}`) };
  const theirs = subject === undefined ? [] : [{ subject, content: utf8(`${subject} ${number}`) }];
  return {
    kind: `test.${subject === undefined ? 'plain' : 'subject'}`,
    time: 1000 + number,
    details: [own, ...theirs],
  };
}

/** A folder for logs, removed on disposal. */
export class LogFolders implements Disposable {
  readonly base: string = mkdtempSync(join(tmpdir(), 'opaline-log-'));
  private made = 0;

  /** The path of a folder that does not exist yet. */
  next(): string {
    return join(this.base, String(this.made++));
  }

  /** A log with entries appended in batches of these sizes; every third is about a subject of three. */
  async log(...batches: readonly number[]): Promise<{ path: string; log: AuditLog }> {
    const path = this.next();
    const log = await AuditLog.create(path, ORIGIN, SECRETS);
    let number = 0;
    for (const batch of batches) {
      const entries = Array.from({ length: batch }, () => {
        const at = number++;
        return entryOf(at, at % 3 === 0 ? `subject-${(at / 3) % 3}` : undefined);
      });
      await log.append(entries);
    }
    return { path, log };
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** A log's files in memory, to be changed. */
export class LogFiles extends Map<string, Uint8Array> implements LogSource {
  static of(path: string): LogFiles {
    const files = new LogFiles();
    for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const whole = join(entry.parentPath, entry.name);
      files.set(whole.slice(path.length + 1), new Uint8Array(readFileSync(whole)));
    }
    return files;
  }

  copy(): LogFiles {
    const files = new LogFiles();
    for (const [path, bytes] of this) files.set(path, bytes.slice());
    return files;
  }

  /** Write the files to a new folder. */
  store(folder: string): void {
    for (const [path, bytes] of this) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.get(path));
  }

  paths(): Promise<readonly string[]> {
    return Promise.resolve([...this.keys()]);
  }
}

/** Verifies with the log's key and, if not told otherwise, its sealing secret. */
export function verify(
  source: LogSource,
  options: Partial<VerifyOptions> = {},
): Promise<LogVerdict> {
  return verifyLog(source, { key: LOG_KEY, sealing: sealingKeys(SECRETS.sealing), ...options });
}

/** The problems that verifying finds, as "where: what". */
export async function problemsOf(
  source: LogSource,
  options: Partial<VerifyOptions> = {},
): Promise<string[]> {
  const { findings } = await verify(source, options);
  return findings
    .filter(({ level }) => level === 'problem')
    .map(({ where, text }) => `${where}: ${text}`);
}
