/**
 * What verifying answers costs: time, bytes and round trips of queries with and without it, of one table in a folder, and
 * what its check columns take at ingest. Medians of runs after one to warm up; one thread.
 *
 * Control: an unverified query of the verified table beside the same of an unverified one, which must not differ by more
 * than runs do. Limits: no network, so that round trips are nearly free; each query has its replies decrypted thrice.
 *
 *   node bench/verified.ts [rows] [file.json]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVault } from '../src/client/vault.ts';
import type { Vault } from '../src/client/api.ts';
import { circumstances } from './machine.ts';

const RUNS = 9;
const rows = Number(process.argv[2] ?? 1_000_000);
const output = process.argv[3];

const SCHEMA = {
  version: 1,
  table: 'visits',
  columns: { ward: { type: 'text' }, days: { type: 'integer' }, fee: { type: 'integer' } },
  undeclared: 'none',
};

const QUERIES = {
  'SUM over every row': 'SELECT SUM(fee) FROM visits',
  'SUM of a tenth': "SELECT SUM(fee) FROM visits WHERE ward = 'w3'",
  'SUM of one row in a hundred': 'SELECT SUM(fee) FROM visits WHERE days BETWEEN 10 AND 13',
  'GROUP BY 10': 'SELECT ward, COUNT(*), SUM(fee) FROM visits GROUP BY ward',
  'AVG and VAR of half': 'SELECT AVG(fee), VAR_POP(fee) FROM visits WHERE days < 200',
};

function* visits(): Generator<{ ward: string; days: number; fee: number }> {
  let state = 1;
  const draw = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  for (let i = 0; i < rows; i++) {
    yield {
      ward: `w${(draw() >>> 8) % 10}`,
      days: (draw() >>> 8) % 400,
      fee: (draw() >>> 8) % 10_000,
    };
  }
}

interface Measured {
  readonly ms: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly rounds: number;
}

async function measure(vault: Vault, sql: string, verified: boolean): Promise<Measured> {
  const runs: Measured[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const { stats } = await vault.query(sql, [], { verified });
    const { ms, bytesUp, bytesDown, rounds } = stats;
    if (run > 0) runs.push({ ms, bytesUp, bytesDown, rounds });
  }
  return runs.toSorted((a, b) => a.ms - b.ms)[RUNS >>> 1]!;
}

const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-'));
const results: unknown[] = [];
try {
  const passphrase = 'a passphrase for a bench';
  const make = async (name: string, verified: boolean): Promise<Vault> => {
    const store = join(folder, `${name}-store`);
    const vault = await createVault(join(folder, name), { store, passphrase, threads: 0 });
    if (verified) await vault.verify();
    const { ms, bytesUp } = await vault.ingest(SCHEMA, visits());
    results.push({ what: `ingest, ${name}`, ms, bytesPerRow: bytesUp / rows });
    return vault;
  };
  await using plain = await make('unverified', false);
  await using checked = await make('verified', true);
  for (const [what, sql] of Object.entries(QUERIES)) {
    const control = await measure(plain, sql, false);
    const without = await measure(checked, sql, false);
    const verified = await measure(checked, sql, true);
    results.push({ what, control, without, verified, factor: verified.ms / without.ms });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const report = {
  circumstances: circumstances('node bench/verified.ts'),
  rows,
  runs: RUNS,
  results,
};
console.log(JSON.stringify(report, undefined, 2));
if (output !== undefined) await writeFile(output, `${JSON.stringify(report, undefined, 2)}\n`);
