/**
 * `mixed-queries-child.ts <folder>`: makes a table of many rows in a vault and asks it the same twenty
 * mixed questions over and over; prints, as JSON, the process' resident memory in MiB after each round.
 */
import { join } from 'node:path';
import { createVault } from '../../src/client/open-vault.ts';
import { flights, FLIGHTS_SCHEMA } from '../../bench/flights/flights.ts';
import { MIXED } from './mixed-queries.ts';

const ROWS = 400_000;
const ROUNDS = 12;

const [folder = ''] = process.argv.slice(2);
const options = { passphrase: 'mixed', store: join(folder, 'store'), threads: 2 };
await using vault = await createVault(join(folder, 'vault'), options);
function* rows(): Generator<Record<string, unknown>> {
  for (const { minute, ...flight } of flights(ROWS)) {
    yield { date: new Date(60_000 * minute).toISOString(), ...flight };
  }
}
await vault.ingest(FLIGHTS_SCHEMA, rows() as Parameters<typeof vault.ingest>[1]);
const resident: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  for (const sql of MIXED) await vault.query(sql);
  globalThis.gc?.();
  resident.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
}
process.stdout.write(`${JSON.stringify(resident)}\n`);
