/**
 * node bench/audit/subjects.ts [subjects]: what it takes to put on the record whose data a request is computed on
 * (client/governance/incident/subject-roll.ts): once for each subject, once for each set that is new, and at each
 * request. Limits: one writer; subjects without a key in the log, which is the slowest that they can be.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../../src/audit/file/audit-log.ts';
import { SubjectRoll, subjectsForm } from '../../src/client/governance/incident/subject-roll.ts';
import { SealedJson } from '../../src/client/governance/sealed-json.ts';

const SUBJECTS = Number(process.argv[2] ?? 100_000);
const REQUESTS = 20;

const folder = mkdtempSync(join(tmpdir(), 'opaline-bench-subjects-'));
const secrets = { signing: new Uint8Array(32).fill(1), sealing: new Uint8Array(32).fill(2) };

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

function line(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(52)}${value.toPrecision(4).padStart(10)} ${unit}`);
}

function bytesOf(path: string): number {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const found = statSync(join(path, name));
    return found.isFile() ? sum + found.size : sum;
  }, 0);
}

try {
  const path = join(folder, 'log');
  const log = await AuditLog.create(path, 'bench.example/log', secrets);
  const key = new Uint8Array(32).fill(3);
  const file = new SealedJson(folder, 'subjects.opal', key, subjectsForm);
  const roll = new SubjectRoll(file, key, (entries) => log.append(entries));
  const names = Array.from({ length: SUBJECTS }, (_, i) => `subject ${i}`);
  line(
    `${SUBJECTS} subjects numbered`,
    await timed(() => roll.record('t', new Set(names), 0)),
    'ms',
  );
  line('bytes of a subject, all files of the log', bytesOf(path) / SUBJECTS, 'bytes');
  const append = { kind: 'bench.entry', time: 0, details: [{ content: new Uint8Array(200) }] };
  const appends: number[] = [];
  const fresh: number[] = [];
  const known: number[] = [];
  const same: number[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    appends.push(await timed(() => log.append([append])));
    // Somebody withdrew: a set that is not on the record.
    const set = new Set(names.filter((_, n) => n !== i));
    fresh.push(await timed(() => roll.record('t', set, 0)));
    // The next request, whose rows are masked anew, and one of a table that leaves nobody out.
    const again = new Set(set);
    known.push(await timed(() => roll.record('t', again, 0)));
    same.push(await timed(() => roll.record('t', again, 0)));
  }
  line('control: an entry by itself, median', median(appends), 'ms');
  line('a set that is new, median', median(fresh), 'ms');
  line('a set that is on the record, median', median(known), 'ms');
  line('the very same set again, median', median(same), 'ms');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
