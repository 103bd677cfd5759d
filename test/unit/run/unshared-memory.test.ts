import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFolder } from '../../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../../src/client/vault.ts';
import { EmbeddedLink } from '../../../src/run/embedded.ts';
import { MemoryBackend } from '../../../src/store/backends/memory.ts';
import { LEAST_COST } from '../../../src/keys/kdf.ts';
import { PASSPHRASE } from '../../support/vaults.ts';

/** Answers reads some turns late, as disks and networks do, so that others' columns are made room for meanwhile. */
class LateBackend extends MemoryBackend {
  override async readRange(...args: Parameters<MemoryBackend['readRange']>): Promise<Uint8Array> {
    const bytes = await super.readRange(...args);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    return bytes;
  }
}

test('without threads, a memory that grows while a column is read loses no bytes of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-test-'));
  try {
    const opened = await createFolder(join(folder, 'vault'), 'memory', PASSPHRASE, '', LEAST_COST);
    await using vault = new LocalVault(opened, new EmbeddedLink(new LateBackend()), 0);
    const columns = { x: { type: 'integer' }, k: { type: 'integer' } } as const;
    // A column of each segment is more than memory grows by at least: each that comes makes it grow.
    const rows = Array.from({ length: 45_000 }, (_, i) => ({ x: i, k: i % 7 }));
    for (let segment = 0; segment < 4; segment++) {
      await vault.ingest({ version: 1, table: 't', columns }, rows, { append: segment > 0 });
    }
    const { rows: sums } = await vault.query('SELECT SUM(x) FROM t WHERE k < 3');
    const expected = rows.reduce((sum, { x, k }) => sum + (k < 3 ? x : 0), 0);
    expect(sums).toEqual([[String(4 * expected)]]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
