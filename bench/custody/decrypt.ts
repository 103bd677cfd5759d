/**
 * What dividing a key costs: a filtered AVG over a million rows by a single key and by two of three custodians, each a
 * process of its own on loopback, at first (parts are brought and verified) and at further filters (parts at hand).
 *
 *     node bench/custody/decrypt.ts [rows]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dealCustody } from '../../src/client/custody/deal.ts';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import { dealKey } from '../../src/keys/threshold/deal.ts';
import { fuse } from '../../src/keys/threshold/fuse.ts';
import { partialDecryption } from '../../src/keys/threshold/partial.ts';
import { thresholdParameters } from '../../src/params/presets.ts';
import { OPALINE } from '../child.ts';
import { freePort } from '../free-port.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const passphrase = 'bench';
const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-custody-'));
const [path, store] = [join(folder, 'vault'), join(folder, 'store')];

const schema = (table: string): Record<string, unknown> => ({
  version: 1,
  table,
  columns: {
    city: { type: 'text' },
    wage: { type: 'integer', range: [-1_000_000, 1_000_000] },
  },
});

const wageOf = (i: number): number => ((i * 7919) % 200_001) - 100_000;
const cityOf = (i: number): string => `city ${i % 50}`;

async function* wages(): AsyncGenerator<{ city: string; wage: number }> {
  for (let i = 0; i < rows; i += 1) yield { city: cityOf(i), wage: wageOf(i) };
}

function mean(city: string): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < rows; i += 1) {
    if (cityOf(i) !== city) continue;
    sum += wageOf(i);
    count += 1;
  }
  return sum / count;
}

const timed = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
  const started = performance.now();
  const result = await run();
  process.stdout.write(`${what.padEnd(64)} ${Math.round(performance.now() - started)} ms\n`);
  return result;
};

/** `opaline custodian serve`, once it answers. */
async function startCustodian(share: string, port: number, file: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      OPALINE,
      'custodian',
      'serve',
      share,
      '--store',
      store,
      '--port',
      String(port),
      '--passphrase-file',
      file,
      '--cache',
      join(folder, 'cache'),
      '--log-level',
      'error',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/answers at http/.test(said)) resolve();
    });
    child.once('close', () => reject(new Error(`a custodian ended: ${said}`)));
  });
  return child;
}

/** Arithmetic alone: a partial decryption, and putting three together. */
async function arithmetic(): Promise<void> {
  const { key, shares } = await dealKey(3, 5);
  const parameters = thresholdParameters(key.division);
  const limbs = 6;
  const primes = parameters.dataPrimes.slice(0, limbs);
  const a = Uint32Array.from({ length: limbs * parameters.n }, (_, i) => (i * 48_271) % 1_000_003);
  const sample = { limbs, a, b: Uint32Array.from(primes, () => 1) };
  const rounds = 200;
  const partials = await timed(`${rounds} partial decryptions, n 8192, ${limbs} limbs`, () =>
    Promise.resolve(
      Array.from({ length: rounds }, () =>
        partialDecryption(parameters, shares[0]!, sample, [1, 2, 3], 1_000_000),
      ),
    ),
  );
  await timed(`${rounds} times three of them put together`, () => {
    for (const partial of partials) {
      // Of a random sum: refused as not of one, after all the work.
      try {
        fuse(parameters, sample.b, [partial, partial, partial], 1_000_000);
      } catch {
        continue;
      }
    }
    return Promise.resolve();
  });
}

const custodians: ChildProcess[] = [];
try {
  await arithmetic();
  await (await createVault(path, { store, passphrase })).close();
  const ports = [await freePort(), await freePort(), await freePort()];
  const shares = await dealCustody(path, {
    passphrase,
    threshold: 2,
    custodians: ports.map((port) => ({ address: `http://127.0.0.1:${port}`, passphrase })),
    out: join(folder, 'shares'),
  });
  const file = join(folder, 'passphrase');
  await writeFile(file, `${passphrase}\n`);
  const vault = await openVault(path, { passphrase });
  await timed(`ingest of ${rows} rows, one key`, () => vault.ingest(schema('whole'), wages()));
  await timed('the same, by public key', () =>
    vault.ingest({ ...schema('divided'), custody: 'divided' }, wages()),
  );
  for (const [i, share] of shares.entries()) {
    custodians.push(await startCustodian(share, ports[i]!, file));
  }
  for (const table of ['whole', 'divided']) {
    for (const city of ['city 7', 'city 8', 'city 9', 'city 10']) {
      const sql = `SELECT AVG(wage) FROM ${table} WHERE city = '${city}'`;
      const answer = await timed(sql, () => vault.query(sql));
      const found = Number(answer.rows[0]![0]);
      if (Math.abs(found - mean(city)) > 1e-6) throw new Error(`${sql} is ${found}`);
    }
  }
  await vault.close();
} finally {
  for (const custodian of custodians) {
    custodian.removeAllListeners('close');
    custodian.kill('SIGTERM');
  }
  await rm(folder, { recursive: true, force: true });
}
