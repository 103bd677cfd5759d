/**
 * What dividing a key costs: a filtered AVG over a million rows by a single key and by two of three custodians on
 * loopback, first (parts brought and verified) and again at another filter (parts at hand).
 *
 *     node bench/custody/decrypt.ts [rows]
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dealCustody } from '../../src/client/custody/deal.ts';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import { startCustodian } from '../../src/gateway/custodian/start.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const passphrase = 'bench';
const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-custody-'));
const [path, store] = [join(folder, 'vault'), join(folder, 'store')];

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
};

const schema = (table: string): Record<string, unknown> => ({
  version: 1,
  table,
  columns: {
    city: { type: 'text' },
    wage: { type: 'integer', range: [-1_000_000, 1_000_000] },
  },
});

async function* wages(): AsyncGenerator<{ city: string; wage: number }> {
  for (let i = 0; i < rows; i += 1) {
    yield { city: `city ${i % 50}`, wage: ((i * 7919) % 200_001) - 100_000 };
  }
}

const timed = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
  const started = performance.now();
  const result = await run();
  process.stdout.write(`${what.padEnd(48)} ${Math.round(performance.now() - started)} ms\n`);
  return result;
};

try {
  await (await createVault(path, { store, passphrase })).close();
  const ports = [await freePort(), await freePort(), await freePort()];
  const shares = await dealCustody(path, {
    passphrase,
    threshold: 2,
    custodians: ports.map((port) => ({ address: `http://127.0.0.1:${port}`, passphrase })),
    out: join(folder, 'shares'),
  });
  const vault = await openVault(path, { passphrase });
  await timed(`ingest of ${rows} rows, one key`, () => vault.ingest(schema('whole'), wages()));
  await timed('the same, by public key', () =>
    vault.ingest({ ...schema('divided'), custody: 'divided' }, wages()),
  );
  const custodians = [];
  for (const [i, share] of shares.entries()) {
    custodians.push(
      await startCustodian({
        file: new Uint8Array(await readFile(share)),
        path: share,
        passphrase,
        store,
        storeToken: '',
        host: '127.0.0.1',
        port: ports[i]!,
        logLevel: 'error',
        cache: join(folder, 'cache'),
        cacheBytes: 4e9,
      }),
    );
  }
  for (const table of ['whole', 'divided']) {
    for (const city of [7, 8, 9]) {
      const sql = `SELECT AVG(wage) FROM ${table} WHERE city = 'city ${city}'`;
      await timed(sql, () => vault.query(sql));
    }
  }
  await vault.close();
  for (const custodian of custodians) await custodian[Symbol.asyncDispose]();
} finally {
  await rm(folder, { recursive: true, force: true });
}
