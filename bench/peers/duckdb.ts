import { DuckDBInstance } from '@duckdb/node-api';
import { timed } from '../samples.ts';
import type { PeerQuery, PeerResult } from './peer.ts';

/** Plaintext DuckDB in this process, its table in memory, on one thread and on two. */
export async function duckdbPeers(
  csv: string,
  sql: Readonly<Record<PeerQuery, string>>,
  rounds: number,
): Promise<PeerResult[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`CREATE TABLE flights AS SELECT * FROM read_csv('${csv}')`);
    const results: PeerResult[] = [];
    for (const threads of [1, 2]) {
      await connection.run(`SET threads = ${threads}`);
      const ms: Partial<Record<PeerQuery, number>> = {};
      for (const [query, text] of Object.entries(sql) as [PeerQuery, string][]) {
        let best = Infinity;
        for (let i = 0; i <= rounds; i++) {
          const [, took] = await timed(() => connection.runAndReadAll(text));
          if (i > 0) best = Math.min(best, took);
        }
        ms[query] = best;
      }
      results.push({
        peer: `DuckDB, ${threads} thread${threads === 1 ? '' : 's'}`,
        security: 'none: plaintext',
        bytesPerRow: 12,
        ms,
        measuredRows: {},
      });
    }
    return results;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
