/**
 * node bench/audit/main.ts [entries]: what an audit log costs on this machine's disk. Each append is durable before it
 * returns, so its time is that of the disk's fsync; the same appends in batches show what is left without. Limits: one
 * writer, one detail for each entry, about one of a thousand subjects.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog, type LogEntry } from '../../src/audit/file/audit-log.ts';
import { LogFolder } from '../../src/audit/file/log-folder.ts';
import { sealingKeys } from '../../src/audit/subject-keys.ts';
import { verifyLog } from '../../src/audit/verify/verify-log.ts';

const ENTRIES = Number(process.argv[2] ?? 20_000);
const BATCH = 1000;
const SINGLE = 100;

const folder = mkdtempSync(join(tmpdir(), 'opaline-bench-audit-'));
const secrets = { signing: new Uint8Array(32).fill(1), sealing: new Uint8Array(32).fill(2) };
const content = new Uint8Array(200);
const entryOf = (i: number): LogEntry => ({
  kind: 'bench.entry',
  time: i,
  details: [{ subject: `subject ${i % 1000}`, content }],
});

async function timed<T>(run: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const start = performance.now();
  const result = await run();
  return { ms: performance.now() - start, result };
}

function line(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(44)}${value.toPrecision(4).padStart(10)} ${unit}`);
}

/** The positive control: what one durable write of a small file takes here. */
async function fsyncMs(): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const file = await open(join(folder, `sync-${i}`), 'w');
    await file.writeFile(content);
    times.push((await timed(() => file.sync())).ms);
    await file.close();
  }
  return median(times);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

function bytesOf(path: string): number {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const found = statSync(join(path, name));
    return found.isFile() ? sum + found.size : sum;
  }, 0);
}

try {
  line('fsync of a small file, median', await fsyncMs(), 'ms');
  const path = join(folder, 'log');
  const log = await AuditLog.create(path, 'bench.example/log', secrets);
  const batches = await timed(async () => {
    for (let at = 0; at < ENTRIES; at += BATCH) {
      await log.append(Array.from({ length: BATCH }, (_, i) => entryOf(at + i)));
    }
  });
  line(`entries in batches of ${BATCH}`, (1000 * ENTRIES) / batches.ms, 'a second');
  const singles: number[] = [];
  for (let i = 0; i < SINGLE; i++) singles.push((await timed(() => log.append([entryOf(i)]))).ms);
  line('an entry by itself, median', median(singles), 'ms');
  const { size } = log.head;
  line('bytes of an entry, all files', bytesOf(path) / size, 'bytes');
  const source = await LogFolder.open(path);
  const sealing = sealingKeys(secrets.sealing);
  const { ms, result } = await timed(() => verifyLog(source, { key: log.key, sealing }));
  if (result.problems > 0 || result.details.open !== size)
    throw new Error('the log does not verify');
  line('entries verified, details opened', (1000 * size) / ms, 'a second');
  line('a proof, from the files', (await timed(() => log.prove(size >> 1))).ms, 'ms');
  const shredded = await timed(() => log.shred('subject 7'));
  line(`a subject shredded, ${shredded.result} details`, shredded.ms, 'ms');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
