/**
 * `npm start`: half a million flights are encrypted, four questions are asked of the ciphertexts,
 * and every answer is compared with plaintext SQLite. `npm start -- --rows N` takes N flights.
 */
import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Vault, createVault } from 'opaline/client';
import { type Flight, MOST_ROWS, readFlights } from './flights/data.ts';
import { PlainTable } from './flights/plain.ts';
import { QUESTIONS, type Question } from './flights/questions.ts';
import { count, indent, table } from './support/print.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const SCHEMA = {
  version: 1,
  table: 'flights',
  columns: {
    date: { type: 'timestamp' },
    delay: { type: 'integer', range: ['-10000', '10000'] },
    distance: { type: 'integer', range: ['0', '10000'] },
    origin: { type: 'text' },
    destination: { type: 'text' },
  },
  pairs: [['delay', 'distance']],
};

const controller = new AbortController();
const { signal } = controller;
process.once('SIGINT', () => controller.abort());

const rows = rowsWanted();
await using folder = await temporaryFolder();
try {
  process.exitCode = (await run(rows)) ? 0 : 1;
} catch (error) {
  if (!signal.aborted) throw error;
  process.exitCode = 130;
}

/** True when every answer equals SQLite's. */
async function run(rows: number): Promise<boolean> {
  console.log(`Reading ${count(rows)} flights …`);
  const flights = await readFlights(rows);
  using plain = new PlainTable(flights);
  const store = join(folder.path, 'store');
  const passphrase = randomBytes(24).toString('base64');
  await using vault = await createVault(join(folder.path, 'vault'), { store, passphrase });
  await encrypt(vault, flights, store);

  let equal = 0;
  for (const [i, question] of QUESTIONS.entries()) {
    console.log(`\n${i + 1}. ${question.title}\n\n${indent(question.sql)}\n`);
    if (await ask(question, vault, plain)) equal++;
  }
  await showLeakage(vault, QUESTIONS[0]!);
  console.log(`\n${equal}/${QUESTIONS.length} equal`);
  return equal === QUESTIONS.length;
}

async function encrypt(vault: Vault, flights: readonly Flight[], store: string): Promise<void> {
  const onTerminal = process.stderr.isTTY;
  const onProgress = (done: number): void => {
    const line = `\r\u001b[KEncrypting ${count(done)} of ${count(flights.length)} flights …`;
    if (onTerminal) process.stderr.write(line);
  };
  const begun = performance.now();
  await vault.ingest(SCHEMA, flights, { signal, onProgress });
  const seconds = (performance.now() - begun) / 1000;
  if (onTerminal) process.stderr.write('\r\u001b[K');
  const bytes = await bytesIn(store);
  console.log(
    `Encrypted in ${seconds.toFixed(1)} s. The store holds ${(bytes / 1e6).toFixed(1)} MB ` +
      `(${(bytes / flights.length).toFixed(0)} bytes a row) and no key.`,
  );
}

async function ask(question: Question, vault: Vault, plain: PlainTable): Promise<boolean> {
  const [answer, opalineMs] = await timed(() => vault.query(question.sql, [], { signal }));
  const [plainRows, plainMs] = await timed(async () =>
    plain.query(question.plainSql).map(question.finish),
  );
  const equal = JSON.stringify(answer.rows) === JSON.stringify(plainRows);
  console.log(heading('Opaline, on ciphertexts', opalineMs));
  console.log(indent(table(answer.columns, answer.rows)));
  console.log(heading('SQLite, on plaintext', plainMs));
  console.log(indent(table(answer.columns, plainRows)));
  console.log(`   equal: ${equal ? 'yes, to the last digit' : 'NO'}`);
  return equal;
}

async function showLeakage(vault: Vault, { sql }: Question): Promise<void> {
  const { leakage } = await vault.explain(sql);
  console.log(`\nWhat the store learns from question 1, by EXPLAIN:\n`);
  for (const { node, index, atRest, onQuery, expectedRecovery } of leakage) {
    console.log(`   ${node} (${index})`);
    for (const item of atRest) console.log(`     at rest:  ${item}`);
    for (const item of onQuery) console.log(`     on query: ${item}`);
    if (expectedRecovery !== null) {
      const percent = (expectedRecovery.fraction * 100).toFixed(1);
      console.log(`     expected recovery: ${percent} % (${expectedRecovery.attack})`);
    }
  }
}

function rowsWanted(): number {
  const { values } = parseArgs({ options: { rows: { type: 'string', default: '500000' } } });
  const rows = Number(values.rows);
  if (!Number.isInteger(rows) || rows < 1000 || rows > MOST_ROWS) {
    console.error(`--rows takes a whole number from 1000 to ${MOST_ROWS}`);
    process.exit(2);
  }
  return rows;
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const begun = performance.now();
  return [await work(), performance.now() - begun];
}

function heading(who: string, ms: number): string {
  return `   ${who.padEnd(28)}${ms.toFixed(1).padStart(9)} ms`;
}

async function bytesIn(path: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
