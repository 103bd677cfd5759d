import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { openFolder } from '../../src/client/local/vault-folder.ts';
import { createVault } from '../../src/client/open-vault.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { sha256 } from '../../src/bytes/hash.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { randomBytes, randomId } from '../../src/bytes/random.ts';
import { HttpLink } from '../../src/store/backends/http/link.ts';
import { LIMITS, PATHS } from '../../src/store/protocol.ts';
import { encodeBlobs } from '../../src/table/blob-part.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { type Served, startServe } from '../support/programs.ts';
import { startProxy } from '../support/proxy.ts';
import { freePort } from '../../bench/free-port.ts';
import { startService } from '../support/service.ts';
import { PASSPHRASE } from '../support/vaults.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-resume-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a service that is killed in the middle of an ingest', () => {
  const store = join(folder, 'store');
  const schema = {
    version: 1,
    table: 't',
    columns: { a: { type: 'integer' }, b: { type: 'text' } },
  };
  const rows = (from: number): { a: number; b: string }[] =>
    Array.from({ length: 5000 }, (_, i) => ({ a: from + i, b: `b${i % 50}` }));
  const SQL = 'SELECT COUNT(*), SUM(a), COUNT(b) FROM t';

  let options: string[];
  let served: Served;
  let vault: Vault;
  beforeAll(async () => {
    options = ['--port', String(await freePort()), '--threads', '0', '--log-level', 'silent'];
    served = await startServe(store, options);
    vault = await createVault(join(folder, 'vault'), {
      store: served.address,
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
      threads: 0,
    });
    await vault.ingest(schema, rows(0));
  });
  afterAll(async () => {
    await vault.close();
    await served[Symbol.asyncDispose]();
  });

  const parts = (): number =>
    readdirSync(store, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /parts[\\/][0-9a-f]{32}$/.test(name),
    ).length;
  const killOncePartsArrive = async (before: number): Promise<void> => {
    await expect.poll(parts, { interval: 1, timeout: 30_000 }).toBeGreaterThan(before);
    await served.end('SIGKILL');
  };

  it('and started again is sent the rest, and the table is right', async () => {
    const before = parts();
    const appended = vault.ingest(schema, rows(5000), { append: true });
    await killOncePartsArrive(before);
    served = await startServe(store, options);
    expect(await appended).toMatchObject({ rows: 5000, epoch: 2 });
    expect((await vault.query(SQL)).rows).toEqual([['10000', '49995000', '10000']]);
  });

  it('for good leaves the table as it was, and a later ingest goes in', async () => {
    const before = parts();
    const path = join(folder, 'vault');
    const link = new HttpLink(served.address, '', 10);
    const hasty = new LocalVault(await openFolder(path, PASSPHRASE), link, 0);
    const appended = hasty.ingest(schema, rows(10_000), { append: true });
    const failed = expect(appended).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
      retryable: true,
    });
    await killOncePartsArrive(before);
    await failed;
    await hasty.close();
    served = await startServe(store, options);
    expect((await vault.query(SQL)).rows).toEqual([['10000', '49995000', '10000']]);
    await vault.ingest(schema, rows(10_000), { append: true });
    expect((await vault.query(SQL)).rows).toEqual([['15000', '112492500', '15000']]);
  });
});

describe('a part of several pieces', () => {
  // Two whole pieces and some.
  const bytes = encodeBlobs('SEAL', [
    Buffer.concat(Array.from({ length: 20 }, () => Buffer.alloc(1 << 20, randomBytes(1)[0]))),
  ]);
  const part = (): Parameters<HttpLink['put']>[0] => ({
    table: randomId(),
    id: randomId(),
    kind: 'sealed',
    bytes,
    digest: sha256(bytes),
  });

  it.each([
    ['none', []],
    ['the first', [0]],
    ['the second', [1]],
    ['the last', [2]],
    ['the first two', [0, 1]],
    ['any of the first five', [0, 1, 2, 3, 4]],
  ])('arrives whole when the reply to %s is lost', async (_, lost) => {
    await using service = await startService();
    let seen = -1;
    await using proxy = await startProxy(
      () => service.address,
      (method) => (method === 'PUT' && lost.includes(++seen) ? 'lose' : 'pass'),
    );
    const upload = part();
    await new HttpLink(proxy.address).put(upload);
    const [stored] = await new HttpLink(service.address).fetch({
      table: upload.table,
      part: upload.id,
    });
    expect(toHex(sha256(stored!))).toBe(toHex(upload.digest));
    expect(readdirSync(join(service.folder, 'uploads'))).toEqual([]);
  });

  it('that another digest was announced for is refused, and nothing of it stays', async () => {
    await using service = await startService();
    const upload = { ...part(), digest: new Uint8Array(32) };
    await expect(new HttpLink(service.address).put(upload)).rejects.toMatchObject({
      code: 'PART_CORRUPT',
    });
    const { json } = await service.send('GET', PATHS.parts(upload.table));
    expect(json).toEqual({ parts: [] });
    expect(readdirSync(join(service.folder, 'uploads'))).toEqual([]);
  });

  it('says how far it came, and refuses what is not the next piece', async () => {
    await using service = await startService();
    const { table, id, digest } = part();
    const path = (offset: number): string =>
      `${PATHS.part(table, id)}?${new URLSearchParams({
        kind: 'sealed',
        digest: toHex(digest),
        total: String(bytes.length),
        offset: String(offset),
      }).toString()}`;
    const headers = { 'content-type': 'application/octet-stream' };
    const put = (offset: number): ReturnType<typeof service.send> =>
      service.send('PUT', path(offset), {
        headers,
        body: bytes.subarray(offset, offset + LIMITS.piece),
      });
    const expected = {
      status: 409,
      json: { code: 'UPLOAD_OFFSET', details: { expected: 8388608 } },
    };
    expect((await put(0)).json).toEqual({ received: LIMITS.piece });
    expect(await put(0)).toMatchObject(expected);
    expect(await put(2 * LIMITS.piece)).toMatchObject(expected);
    expect((await service.send('GET', path(0))).json).toEqual({ received: LIMITS.piece });
  });
});
