import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Vault } from '../../src/client/api.ts';
import { createFolder, openFolder } from '../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { FileBackend } from '../../src/store/backends/file.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import type { TestCluster } from './cluster.ts';
import { PASSPHRASE } from './vaults.ts';

/** A table of several segments in a cluster's store, and what is to be answered about it. */
export interface ClusterTable extends AsyncDisposable {
  /** The same vault over another link, which it closes. */
  over(link: StoreLink): Promise<Vault>;
  readonly segments: number;
}

export const SQL = 'SELECT g, COUNT(*), SUM(v) FROM t WHERE v > 10 GROUP BY g ORDER BY g';

/** More rows than a small append takes, so that each makes a segment. */
const ROWS = 4200;

/** `v` is 0 to ROWS − 1 in every segment, `g` its last digit. */
export async function clusterTable(cluster: TestCluster, segments: number): Promise<ClusterTable> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-vault-'));
  const path = join(folder, 'vault');
  const opened = await createFolder(path, 'cluster', PASSPHRASE, '', LEAST_COST);
  await using vault = new LocalVault(opened, new EmbeddedLink(new FileBackend(cluster.folder)), 0);
  const columns = { g: { type: 'integer' }, v: { type: 'integer' } };
  const rows = Array.from({ length: ROWS }, (_, v) => ({ g: v % 10, v }));
  for (let i = 0; i < segments; i++) {
    await vault.ingest({ version: 1, table: 't', columns }, rows, { append: i > 0 });
  }
  return {
    over: async (link) => new LocalVault(await openFolder(path, PASSPHRASE), link, 0),
    segments,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The answer to SQL. */
export function answer(segments: number): string[][] {
  return Array.from({ length: 10 }, (_, g) => {
    let [count, sum] = [0, 0];
    for (let v = g; v < ROWS; v += 10) {
      if (v <= 10) continue;
      count++;
      sum += v;
    }
    return [String(g), String(count * segments), String(sum * segments)];
  });
}
