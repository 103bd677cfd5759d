import { link, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';

/** A lock that cannot be read is a writer between two steps, or long dead. */
const UNREADABLE_FOR_MS = 10_000;
const ATTEMPTS = 8;

interface Holder {
  readonly process: number;
  readonly host: string;
  /** Of the process with that number, where the system tells: numbers are used again. */
  readonly identity: string;
  /** 32 hex digits. */
  readonly nonce: string;
}

/** What a refusal says of the place that is locked. */
export interface LockTexts {
  /** "locking the vault". */
  readonly operation: string;
  /** The refusal where the process of that number holds the lock. */
  readonly held: (process: number) => OpalineError;
}

/**
 * Excludes a second writer: a file that names the process holding it, made by link(2) so that it appears whole
 * or not at all. One whose process is gone is taken over. Who gets it also removes claims and half-made locks
 * of processes that died.
 * @throws what `held` gives, at once, when another writer holds it; STORE_IO
 */
export async function lockFile(path: string, texts: LockTexts): Promise<AsyncDisposable> {
  const nonce = randomId();
  const identity = (await identityOf(process.pid)) ?? '';
  const self: Holder = { process: process.pid, host: hostname(), identity, nonce };
  let last = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await place(path, self, texts)) {
      await sweep(path);
      return { [Symbol.asyncDispose]: () => unlock(path, nonce) };
    }
    const text = await textOf(path);
    if (text === undefined) continue;
    last = parse(text)?.process ?? 0;
    if (await isHeld(path, text)) throw texts.held(last);
    const busy = await takeAway(path, text, self, texts);
    if (busy !== undefined) throw texts.held(busy);
  }
  throw texts.held(last);
}

/** Whether a writer is at work, without standing in the way of the next. */
export async function isFileLocked(path: string): Promise<boolean> {
  const text = await textOf(path);
  return text !== undefined && (await isHeld(path, text));
}

/** True when the lock is now ours. */
async function place(path: string, holder: Holder, { operation }: LockTexts): Promise<boolean> {
  const aside = `${path}.${holder.nonce}`;
  const text = JSON.stringify(holder);
  try {
    await writeFile(aside, text, { mode: 0o600 });
    await link(aside, path);
    return true;
  } catch (error) {
    // A link over a network may be made and reported as failed.
    if ((await textOf(path)) === text) return true;
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    throw new OpalineError('STORE_IO', { operation, reason: code });
  } finally {
    await discard(aside);
  }
}

/**
 * Remove a dead writer's lock, for which this process first locks that very lock: of several that found
 * it, one holds the claim, and only it removes. Since its writer is dead and nobody else may, the lock
 * cannot become another between the last look and the removal. A dead claim is removed the same way.
 * @returns the process that is at it already, if one is
 */
async function takeAway(
  path: string,
  text: string,
  self: Holder,
  texts: LockTexts,
): Promise<number | undefined> {
  const claim = `${path}.${parse(text)?.nonce ?? 'unreadable'}`;
  if (!(await place(claim, self, texts))) {
    const other = await textOf(claim);
    if (other === undefined) return undefined;
    if (await isHeld(claim, other)) return parse(other)?.process ?? 0;
    return await takeAway(claim, other, self, texts);
  }
  try {
    if ((await textOf(path)) === text) await rm(path, { force: true });
  } catch (error) {
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: texts.operation, reason });
  } finally {
    await discard(claim);
  }
  return undefined;
}

/** Locks given back whose files could not be removed. */
const released = new Set<string>();

/** Never throws: what was to be written is written. */
async function unlock(path: string, nonce: string): Promise<void> {
  try {
    if (parse(await readFile(path, 'utf8'))?.nonce === nonce) await rm(path);
  } catch {
    released.add(nonce);
  }
}

async function sweep(lock: string): Promise<void> {
  const folder = dirname(lock);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${basename(lock)}.`)) continue;
    const path = join(folder, name);
    const text = await textOf(path);
    if (text !== undefined && !(await isHeld(path, text))) await discard(path);
  }
}

async function discard(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}

function parse(text: string): Holder | undefined {
  try {
    const { process: number, host, identity, nonce } = JSON.parse(text) as Partial<Holder>;
    if (!Number.isInteger(number) || number! < 1) return undefined;
    if (typeof nonce !== 'string' || !/^[0-9a-f]{32}$/.test(nonce)) return undefined;
    return { process: number!, host: String(host), identity: String(identity), nonce };
  } catch {
    return undefined;
  }
}

async function isHeld(path: string, text: string): Promise<boolean> {
  const holder = parse(text);
  return await (holder === undefined ? isFresh(path) : isAlive(holder));
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (released.has(holder.nonce)) return false;
  // Another machine's processes cannot be asked.
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.process, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const identity = await identityOf(holder.process);
  return identity === '' || identity === holder.identity;
}

async function isFresh(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < UNREADABLE_FOR_MS;
}

/** When the process started, and in which boot; '' where /proc does not tell, undefined of a zombie. */
async function identityOf(pid: number): Promise<string | undefined> {
  try {
    const [boot, status] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // Fields 3 and 22, counted after the parenthesised name, which may hold spaces (proc(5)).
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    // Dead, and not yet waited for by its parent, which in a container may never come to it.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${boot.trim()}/${fields[19] ?? ''}`;
  } catch {
    return '';
  }
}
