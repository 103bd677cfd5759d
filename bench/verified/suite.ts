import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IngestReport, QueryStats, Vault } from '../../src/client/api.ts';
import { createVault } from '../../src/client/open-vault.ts';
import { cost, timing, type Line, type SuiteResult } from '../report.ts';
import { digits, type Spread, spread, takeTurns } from '../samples.ts';

export interface VerifiedOptions {
  readonly rows: number;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

const SCHEMA = {
  version: 1,
  table: 'visits',
  columns: { ward: { type: 'text' }, days: { type: 'integer' }, fee: { type: 'integer' } },
  undeclared: 'none',
};

const QUERIES: Readonly<Record<string, string>> = {
  'SUM of every row': 'SELECT SUM(fee) FROM visits',
  'SUM of a tenth': "SELECT SUM(fee) FROM visits WHERE ward = 'w3'",
  'SUM of one row in a hundred': 'SELECT SUM(fee) FROM visits WHERE days BETWEEN 10 AND 13',
  'GROUP BY 10': 'SELECT ward, COUNT(*), SUM(fee) FROM visits GROUP BY ward ORDER BY ward',
  'AVG and VAR_POP of half': 'SELECT AVG(fee), VAR_POP(fee) FROM visits WHERE days < 200',
};

/** That an unverified query is as fast of a table that can be verified: the same code on the same columns. */
const WANTED = 0.8;

/**
 * What verifying answers costs: time, bytes and round trips of queries with and without it, and what check columns take at
 * ingest. One thread, stores in folders: no network, so that round trips are nearly free. Answers are compared.
 */
export async function verifiedSuite({
  rows,
  rounds,
  progress,
}: VerifiedOptions): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-verified-'));
  try {
    progress(`  encrypting ${rows} rows, twice`);
    await using plain = await makeVault(folder, 'plain');
    await using checked = await makeVault(folder, 'checked');
    await checked.verify();
    const ingests = {
      without: await plain.ingest(SCHEMA, visits(rows)),
      with: await checked.ingest(SCHEMA, visits(rows)),
    };
    const lines: Line[] = [];
    const samples: Record<string, Spread> = {};
    const table = [ingestText(ingests, rows)];
    const details: Record<string, unknown> = { rows, ingests };
    for (const [what, sql] of Object.entries(QUERIES)) {
      progress(`  ${what}`);
      const ways = {
        'a table that cannot be verified': { vault: plain, verified: false },
        unverified: { vault: checked, verified: false },
        verified: { vault: checked, verified: true },
      };
      const stats = new Map<string, QueryStats>();
      const answers = new Set<string>();
      const ask = async (way: keyof typeof ways): Promise<void> => {
        const { vault, verified } = ways[way];
        const answer = await vault.query(sql, [], { verified });
        stats.set(way, answer.stats);
        answers.add(JSON.stringify(answer.rows));
      };
      const names = Object.keys(ways) as (keyof typeof ways)[];
      // Metadata is fetched once, and columns become resident.
      for (const way of names) await ask(way);
      const times = await takeTurns(
        names.map((name) => ({ name, run: () => ask(name) })),
        rounds,
      );
      if (answers.size !== 1) throw new Error(`${what}: answers differ`);
      const spreads = names.map((name) => spread(times.get(name)!));
      names.forEach((name, i) => (samples[`${what}, ${name} (ms)`] = spreads[i]!));
      const [control, without, verified] = spreads as [Spread, Spread, Spread];
      lines.push(controlLine(what, control, without));
      table.push(queryText(what, without, verified, stats));
      details[what] = Object.fromEntries(stats);
    }
    return { lines, table: table.join('\n'), details, samples };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const makeVault = (folder: string, name: string): Promise<Vault> =>
  createVault(join(folder, name), {
    store: join(folder, `${name}-store`),
    passphrase: 'correct horse battery staple',
    threads: 0,
  });

function* visits(rows: number): Generator<{ ward: string; days: number; fee: number }> {
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

function controlLine(what: string, control: Spread, without: Spread): Line {
  return cost({
    what: `${what}, not verified`,
    ours: timing('a table that can be verified', without),
    peer: timing('one that cannot', control),
    wanted: WANTED,
  });
}

function queryText(
  what: string,
  without: Spread,
  verified: Spread,
  stats: ReadonlyMap<string, QueryStats>,
): string {
  const [before, after] = [stats.get('unverified')!, stats.get('verified')!];
  const kib = (bytes: number): string => `${digits(bytes / 1024, 3)} KiB`;
  return (
    `${what}: ${digits(verified.p50, 3)} ms verified, ${digits(without.p50, 3)} not ` +
    `(${digits(verified.p50 / without.p50, 3)} times), up ${kib(after.bytesUp)} against ${kib(before.bytesUp)}, ` +
    `down ${kib(after.bytesDown)} against ${kib(before.bytesDown)}, ` +
    `${after.rounds} round trips against ${before.rounds}`
  );
}

function ingestText(
  { with: after, without: before }: Readonly<Record<'with' | 'without', IngestReport>>,
  rows: number,
): string {
  const perRow = (bytes: number): string => `${digits(bytes / rows, 3)} bytes a row`;
  return (
    `ingest: ${digits(after.ms / 1000, 3)} s and ${perRow(after.bytesUp)} with check columns, ` +
    `${digits(before.ms / 1000, 3)} s and ${perRow(before.bytesUp)} without`
  );
}
