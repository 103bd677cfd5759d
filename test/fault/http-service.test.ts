import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVault } from '../../src/client/open-vault.ts';
import type { CallOptions, StoreLink } from '../../src/store/link.ts';
import { PATHS } from '../../src/store/protocol.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { recordLink } from '../support/recording-link.ts';
import { startServe } from '../support/programs.ts';
import { JSON_BODY, OCTETS, sendRaw, startService, type TestService } from '../support/service.ts';
import { PASSPHRASE } from '../support/vaults.ts';

const SEED = 20_261_125;
const folder = mkdtempSync(join(tmpdir(), 'opaline-http-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const schema = { version: 1, table: 't', columns: { a: { type: 'integer' }, b: { type: 'text' } } };
const rows = Array.from({ length: 5000 }, (_, a) => ({ a, b: `b${a % 7}` }));
const SQL = 'SELECT b, COUNT(*), SUM(a) FROM t WHERE a < 700 GROUP BY b ORDER BY b';

describe('hostile bodies', () => {
  let service: TestService;
  /** What a vault really sent, to be altered. */
  const sent: { path: string; body: Uint8Array }[] = [];
  beforeAll(async () => {
    const recording: { seen?: ReturnType<typeof recordLink>['seen'] } = {};
    service = await startService({
      wrap: (inner) => {
        const { link, seen } = recordLink(inner);
        recording.seen = seen;
        return link;
      },
    });
    const path = join(folder, 'fuzzed');
    const store = service.address;
    await using vault = await createVault(path, {
      store,
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
      threads: 0,
    });
    await vault.ingest(schema, rows);
    await vault.query(SQL);
    await vault.query('SELECT a FROM t WHERE a < 5');
    for (const { name, bytes } of recording.seen ?? []) {
      if (name === 'aggregate request') sent.push({ path: PATHS.aggregate, body: bytes });
    }
    expect(sent.length).toBeGreaterThan(1);
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const routes = [PATHS.aggregate, PATHS.search, PATHS.fetch];
  const typed = async (path: string, body: Uint8Array): Promise<void> => {
    const { status, json } = await service.send('POST', path, { headers: OCTETS, body });
    if (status === 200) return;
    expect({ status, json }).toMatchObject({ json: { opaline: 1 } });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  };

  it('of random bytes are refused by type, and never crash the service', async () => {
    const frames = ['SRCH', 'FTCH', 'FRAG', 'AGGR', 'XXXX'];
    const body = fc
      .record({
        tag: fc.constantFrom(...frames),
        rest: fc.uint8Array({ maxLength: 200 }),
        framed: fc.boolean(),
      })
      .map(({ tag, rest, framed }) =>
        framed
          ? Buffer.concat([Buffer.from(`OPAL${tag}\x01\x00\x00\x00\x00\x00\x00\x00`), rest])
          : rest,
      );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), body, (path, bytes) => typed(path, bytes)),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('that were real and altered are refused by type or answered', async () => {
    const pick = fc.constantFrom(...sent);
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(pick, edits, fc.nat(), async ({ path, body }, changes, cut) => {
        const altered = body.slice();
        for (const [at, value] of changes) altered[at % altered.length] = value;
        await typed(path, cut % 5 === 0 ? altered.subarray(0, cut % altered.length) : altered);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('of JSON are refused by type', async () => {
    const path = PATHS.removals('0'.repeat(32));
    const text = fc.oneof(fc.json(), fc.string(), fc.constant('{"parts":[1e999]}'));
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        const { status } = await service.send('POST', path, { headers: JSON_BODY, body });
        expect(status === 204 || (status >= 400 && status < 500)).toBe(true);
      }),
      { seed: SEED, numRuns: 100 },
    );
    expect((await service.send('GET', PATHS.health)).status).toBe(200);
  });
});

/** A link whose evaluation lasts until it is let go or called off. */
function slow(inner: StoreLink): {
  link: StoreLink;
  begun: Promise<void>;
  signal: () => AbortSignal | undefined;
  open: () => void;
} {
  const begin = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let seen: AbortSignal | undefined;
  const aggregate = async (bytes: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> => {
    seen = options.signal;
    begin.resolve();
    await release.promise;
    return await inner.aggregate(bytes, options);
  };
  const link = new Proxy(inner, {
    get: (target, name) => {
      if (name === 'aggregate') return aggregate;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { link, begun: begin.promise, signal: () => seen, open: () => release.resolve() };
}

describe('a query', () => {
  it('that its client calls off is called off at the store', async () => {
    let held: ReturnType<typeof slow> | undefined;
    await using service = await startService({ wrap: (inner) => (held = slow(inner)).link });
    const path = join(folder, 'cancelling');
    const store = service.address;
    await using vault = await createVault(path, {
      store,
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
      threads: 0,
    });
    await vault.ingest(schema, rows);
    const controller = new AbortController();
    const query = vault.query(SQL, [], { signal: controller.signal });
    await held!.begun;
    expect(held!.signal()?.aborted).toBe(false);
    controller.abort();
    await expect(query).rejects.toMatchObject({ code: 'ABORTED' });
    await expect.poll(() => held!.signal()?.aborted).toBe(true);
    held!.open();
  });

  it('that runs when the service is shut down is answered; later ones are not', async () => {
    let held: ReturnType<typeof slow> | undefined;
    const service = await startService({
      folder: join(folder, 'store'),
      wrap: (inner) => (held = slow(inner)).link,
    });
    const path = join(folder, 'closing');
    const store = service.address;
    const vault = await createVault(path, {
      store,
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
      threads: 0,
    });
    await vault.ingest(schema, rows);
    const query = vault.query(SQL);
    await held!.begun;
    const closed = service[Symbol.asyncDispose]();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(sendRaw(service.port, 'GET', PATHS.health)).rejects.toThrow();
    held!.open();
    expect((await query).rows).toHaveLength(7);
    await closed;
    await vault.close();
  });
});

it('logs say what happened, and no id, token, header or payload', async () => {
  const store = join(folder, 'logged');
  await using program = await startServe(store, ['--port', '0', '--threads', '0']);
  const { port } = new URL(program.address);
  const id = 'c0ffee'.padEnd(32, '0');
  const token = `opal_${'1234abcd'.repeat(2)}_${'feed'.repeat(16)}`;
  const headers = { ...OCTETS, authorization: `Bearer ${token}`, 'x-canary': 'canary-header' };
  const send = (method: string, path: string, body: string): Promise<{ status: number }> =>
    sendRaw(Number(port), method, path, { headers, body });
  expect((await send('GET', `${PATHS.head(id)}?canary-query=1`, '')).status).toBe(204);
  expect((await send('POST', PATHS.aggregate, 'canary-payload')).status).toBe(400);
  expect((await send('GET', '/canary-path', '')).status).toBe(404);
  expect(await program.end('SIGTERM')).toBe(0);
  const lines = program
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(logged.filter(({ msg }) => msg === 'request')).toMatchObject([
    { method: 'GET', route: '/v1/tables/:table/head', status: 204 },
    { method: 'POST', route: '/v1/aggregate', status: 400 },
    { method: 'GET', route: 'none', status: 404 },
  ]);
  for (const secret of [id, token, 'opal_', 'feedfeed', 'canary', '127.0.0.1:']) {
    expect(lines.join('\n').replaceAll(program.address, '')).not.toContain(secret);
  }
  expect(program.stdout()).toBe('');
});
