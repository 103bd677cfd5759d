import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Vault } from '../../src/client/api.ts';
import { dealCustody } from '../../src/client/custody/deal.ts';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import { startCustodian } from '../../src/gateway/custodian/start.ts';
import { PASSPHRASE } from './vaults.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';

/** A vault in a folder store whose key is divided, and custodians that serve it from this process. */
export interface DividedVault extends AsyncDisposable {
  readonly vault: Vault;
  readonly folder: string;
  readonly path: string;
  readonly store: string;
  /** Paths of the shares' files. */
  readonly shares: readonly string[];
  /** The ports they were dealt for, in order. */
  readonly ports: readonly number[];
  /** Start custodian number i (from 1). */
  start(i: number): Promise<AsyncDisposable & { readonly address: string }>;
}

export const sharePassphrase = (i: number): string => `custodian ${i}’s own`;

/**
 * @param ports where custodians will answer: free ones of this machine
 * @param confirm ask two quorums
 */
export async function dividedVault(
  threshold: number,
  ports: readonly number[],
  confirm = false,
): Promise<DividedVault> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-custody-'));
  const [path, store] = [join(folder, 'vault'), join(folder, 'store')];
  await (
    await createVault(path, {
      store,
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
      threads: 0,
    })
  ).close();
  const shares = await dealCustody(path, {
    passphrase: PASSPHRASE,
    threshold,
    custodians: ports.map((port, i) => ({
      address: `http://127.0.0.1:${port}`,
      passphrase: sharePassphrase(i + 1),
    })),
    confirm,
    out: join(folder, 'shares'),
  });
  for (const [i] of ports.entries()) {
    await writeFile(join(folder, `passphrase-${i + 1}`), `${sharePassphrase(i + 1)}\n`);
  }
  const vault = await openVault(path, { passphrase: PASSPHRASE, threads: 0 });
  return {
    vault,
    folder,
    path,
    store,
    shares,
    ports,
    start: async (i) =>
      await startCustodian({
        file: new Uint8Array(await readFile(shares[i - 1]!)),
        path: shares[i - 1]!,
        passphrase: sharePassphrase(i),
        store,
        storeToken: '',
        host: '127.0.0.1',
        port: ports[i - 1]!,
        logLevel: 'silent',
        cache: join(folder, 'cache'),
        cacheBytes: 1e9,
      }),
    [Symbol.asyncDispose]: async () => {
      await vault.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** So many ports of loopback that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const { createServer } = await import('node:net');
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
  return ports;
}

/** Wages by city: what a filtered sum of is known. */
export const WAGES = {
  version: 1,
  table: 'wages',
  columns: {
    city: { type: 'text' },
    wage: { type: 'integer', range: [-1_000_000, 1_000_000] },
  },
  custody: 'divided',
} as const;

export const wages = (rows: number): { city: string; wage: number }[] =>
  Array.from({ length: rows }, (_, i) => ({
    city: ['Turku', 'Oulu', 'Vaasa'][i % 3]!,
    wage: ((i * 7919) % 200_001) - 100_000,
  }));

export const wageSum = (rows: readonly { city: string; wage: number }[], city?: string): number =>
  rows.reduce((sum, row) => (city === undefined || row.city === city ? sum + row.wage : sum), 0);
