import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';

const LOCK_FILE = 'writer.lock';
/** A lock that cannot be read is a writer between two steps, or long dead. */
const UNREADABLE_FOR_MS = 10_000;
const TAKEOVERS = 8;

interface Holder {
  readonly process: number;
  readonly host: string;
  /** Of the process with that number, where the system tells: numbers are used again. */
  readonly identity: string;
  readonly nonce: string;
}

/**
 * Excludes a second writer from a vault: a file that names the process holding it, made by link(2) so
 * that it appears whole or not at all. One whose process is gone is taken over. Publication is safe
 * without it (compare-and-set on the epoch); the lock keeps two writers from working for nothing, and
 * the vault's own files from being replaced by two at once.
 * @throws VAULT_LOCKED at once when another writer holds it.
 */
export async function lockVault(folder: string): Promise<AsyncDisposable> {
  const path = join(folder, LOCK_FILE);
  const nonce = randomId();
  const self: Holder = {
    process: process.pid,
    host: hostname(),
    identity: await identityOf(process.pid),
    nonce,
  };
  for (let attempt = 0; attempt < TAKEOVERS; attempt++) {
    if (await place(path, self)) {
      return { [Symbol.asyncDispose]: () => unlock(path, nonce) };
    }
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const holder = parse(text);
    if (holder === undefined ? await isFresh(path) : await isAlive(holder)) {
      throw new OpalineError('VAULT_LOCKED', { path: folder, process: holder?.process ?? 0 });
    }
    await takeAway(path, text);
  }
  throw new OpalineError('VAULT_LOCKED', { path: folder, process: 0 });
}

/** True when the lock is now ours. */
async function place(path: string, holder: Holder): Promise<boolean> {
  const aside = `${path}.${holder.nonce}`;
  try {
    await writeFile(aside, JSON.stringify(holder), { mode: 0o600 });
    await link(aside, path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'EEXIST') return false;
    throw new OpalineError('STORE_IO', { operation: 'locking the vault', reason: code });
  } finally {
    await rm(aside, { force: true });
  }
}

/** Remove a dead writer's lock. Of several that try, one renames it; a live one caught is put back. */
async function takeAway(path: string, expected: string): Promise<void> {
  const aside = `${path}.${randomId()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const taken = await readFile(aside, 'utf8').catch(() => '');
  if (taken !== expected) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function unlock(path: string, nonce: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== undefined && parse(text)?.nonce === nonce) await rm(path, { force: true });
}

function parse(text: string): Holder | undefined {
  try {
    const { process: number, host, identity, nonce } = JSON.parse(text) as Partial<Holder>;
    if (!Number.isInteger(number) || number! < 1) return undefined;
    return {
      process: number!,
      host: String(host),
      identity: String(identity),
      nonce: String(nonce),
    };
  } catch {
    return undefined;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  // Another machine's processes cannot be asked.
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.process, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  return (await identityOf(holder.process)) === holder.identity;
}

async function isFresh(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < UNREADABLE_FOR_MS;
}

/** When the process started, and in which boot, where /proc tells; else ''. */
async function identityOf(pid: number): Promise<string> {
  try {
    const [boot, status] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // Field 22, counted after the parenthesised name, which may hold spaces (proc(5)).
    const started = status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${boot.trim()}/${started}`;
  } catch {
    return '';
  }
}
