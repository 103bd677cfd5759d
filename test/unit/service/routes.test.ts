import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vault } from '../../../src/client/api.ts';
import { createVault } from '../../../src/client/open-vault.ts';
import { sha256 } from '../../../src/bytes/hash.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { decodeBlobs, encodeFetch, encodeSearch, PATHS } from '../../../src/store/protocol.ts';
import { parseManifest } from '../../../src/table/manifest.ts';
import { LEAST_COST } from '../../../src/keys/kdf.ts';
import { join } from 'node:path';
import { JSON_BODY, OCTETS, startService, type TestService } from '../../support/service.ts';
import { PASSPHRASE } from '../../support/vaults.ts';

let service: TestService;
let vault: Vault;
let table: string;
let manifest: Buffer;
beforeAll(async () => {
  service = await startService();
  vault = await createVault(join(service.folder, 'vault'), {
    store: service.address,
    passphrase: PASSPHRASE,
    passphraseCost: LEAST_COST,
    threads: 0,
  });
  const columns = { a: { type: 'integer' }, b: { type: 'text' } };
  // More than small appends hold: a segment with columns and an index.
  const rows = Array.from({ length: 5000 }, (_, a) => ({ a, b: `b${a % 7}` }));
  await vault.ingest({ version: 1, table: 't', columns }, rows);
  const { json } = await service.send('GET', PATHS.tables);
  table = (json as { tables: string[] }).tables[0]!;
  manifest = (await service.send('GET', PATHS.head(table))).body;
});
afterAll(async () => {
  await vault.close();
  await service[Symbol.asyncDispose]();
});

const ABSENT = '0'.repeat(32);
const piece = (bytes: Uint8Array, more: Record<string, string> = {}): string =>
  new URLSearchParams({
    kind: 'sealed',
    digest: toHex(sha256(bytes)),
    total: String(bytes.length),
    offset: '0',
    ...more,
  }).toString();

describe('what each route answers', () => {
  it('health, to anybody', async () => {
    const { status, json } = await service.send('GET', PATHS.health);
    expect({ status, json }).toEqual({
      status: 200,
      json: { service: 'opaline-store', version: 'test' },
    });
  });

  it('its own description, of every route', async () => {
    const { json } = await service.send('GET', PATHS.openApi);
    const described = Object.keys((json as { paths: object }).paths).sort();
    expect(described).toEqual([
      '/v1/aggregate',
      '/v1/fetch',
      '/v1/health',
      '/v1/search',
      '/v1/tables',
      '/v1/tables/{table}/head',
      '/v1/tables/{table}/parts',
      '/v1/tables/{table}/parts/{part}',
      '/v1/tables/{table}/removals',
    ]);
  });

  it('tables, heads and parts', async () => {
    expect(parseManifest(manifest)).toMatchObject({ table, epoch: 1 });
    const { status, body } = await service.send('GET', PATHS.head(ABSENT));
    expect({ status, length: body.length }).toEqual({ status: 204, length: 0 });
    const { json } = await service.send('GET', PATHS.parts(table));
    const ids = (json as { parts: { id: string }[] }).parts.map(({ id }) => id);
    expect(ids).toContain(parseManifest(manifest).segments[0]!.index.id);
    expect((await service.send('GET', PATHS.parts(ABSENT))).json).toEqual({ parts: [] });
  });

  it('a whole part, and a search without a hit', async () => {
    const { index } = parseManifest(manifest).segments[0]!;
    const fetched = await service.send('POST', PATHS.fetch, {
      headers: OCTETS,
      body: encodeFetch({ table, part: index.id }),
    });
    expect(fetched.status).toBe(200);
    const [bytes] = decodeBlobs(fetched.body);
    expect(toHex(sha256(bytes!))).toBe(toHex(index.digest));
    const searched = await service.send('POST', PATHS.search, {
      headers: OCTETS,
      body: encodeSearch({ table, index: index.id, labels: [new Uint8Array(16)] }),
    });
    expect(decodeBlobs(searched.body)).toEqual([undefined]);
  });

  it('removes what the manifest does not name, and nothing else', async () => {
    const { index } = parseManifest(manifest).segments[0]!;
    const body = JSON.stringify({ parts: [index.id, ABSENT] });
    const path = PATHS.removals(table);
    expect((await service.send('POST', path, { headers: JSON_BODY, body })).status).toBe(204);
    const { rows } = await vault.query('SELECT COUNT(*) FROM t');
    expect(rows).toEqual([['5000']]);
  });
});

describe('what each route refuses, as a typed error', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const refusals: [string, string, () => string, object, number, string][] = [
    ['an id that is none', 'GET', () => '/v1/tables/xyz/head', {}, 400, 'BYTES_INVALID'],
    [
      'an id with capitals',
      'GET',
      () => PATHS.head(table.toUpperCase().replace(/^\d*/, 'A')),
      {},
      400,
      'BYTES_INVALID',
    ],
    [
      'a path out of the store',
      'GET',
      () => '/v1/tables/..%2f..%2f..%2fetc%2fpasswd/head',
      {},
      400,
      'BYTES_INVALID',
    ],
    [
      'a part of a table that is not there',
      'POST',
      () => PATHS.fetch,
      { headers: OCTETS, body: encodeFetch({ table: ABSENT, part: ABSENT }) },
      404,
      'PART_MISSING',
    ],
    [
      'a search in an index that is not there',
      'POST',
      () => PATHS.search,
      {
        headers: OCTETS,
        body: encodeSearch({ table: ABSENT, index: ABSENT, labels: [new Uint8Array(16)] }),
      },
      404,
      'UNKNOWN_TABLE',
    ],
    ['no body', 'POST', () => PATHS.aggregate, {}, 400, 'BYTES_INVALID'],
    [
      'text where bytes belong',
      'POST',
      () => PATHS.aggregate,
      { headers: { 'content-type': 'text/plain' }, body: 'SELECT 1' },
      400,
      'BYTES_INVALID',
    ],
    ['a body without a type', 'POST', () => PATHS.aggregate, { body: bytes }, 400, 'BYTES_INVALID'],
    [
      'bytes where JSON belongs',
      'POST',
      () => PATHS.removals(table),
      { headers: OCTETS, body: bytes },
      400,
      'BYTES_INVALID',
    ],
    [
      'removals that are no ids',
      'POST',
      () => PATHS.removals(table),
      { headers: JSON_BODY, body: '{"parts":["../head-1"]}' },
      400,
      'BYTES_INVALID',
    ],
    [
      'JSON with a property too many',
      'POST',
      () => PATHS.removals(table),
      { headers: JSON_BODY, body: '{"parts":[],"all":true}' },
      400,
      'BYTES_INVALID',
    ],
    [
      'JSON that poisons prototypes',
      'POST',
      () => PATHS.removals(table),
      { headers: JSON_BODY, body: '{"__proto__":{"parts":[]}}' },
      400,
      'BYTES_INVALID',
    ],
    [
      'JSON nested deep',
      'POST',
      () => PATHS.removals(table),
      { headers: JSON_BODY, body: `{"parts":${'['.repeat(200_000)}` },
      400,
      'BYTES_INVALID',
    ],
    [
      'a part of another digest',
      'PUT',
      () => `${PATHS.part(table, ABSENT)}?${piece(bytes, { digest: 'ab'.repeat(32) })}`,
      { headers: OCTETS, body: bytes },
      422,
      'PART_CORRUPT',
    ],
    [
      'a part of an unknown kind',
      'PUT',
      () => `${PATHS.part(table, ABSENT)}?${piece(bytes, { kind: 'program' })}`,
      { headers: OCTETS, body: bytes },
      400,
      'BYTES_INVALID',
    ],
    [
      'a part larger than parts are',
      'PUT',
      () => `${PATHS.part(table, ABSENT)}?${piece(bytes, { total: '536870913' })}`,
      { headers: OCTETS, body: bytes },
      400,
      'BYTES_INVALID',
    ],
    [
      'a part that is not of its kind',
      'PUT',
      () => `${PATHS.part(table, ABSENT)}?${piece(bytes)}`,
      { headers: OCTETS, body: bytes },
      400,
      'BYTES_INVALID',
    ],
    [
      'a manifest that is none',
      'PUT',
      () => `${PATHS.head(table)}?expected=1`,
      { headers: OCTETS, body: bytes },
      400,
      'BYTES_INVALID',
    ],
    [
      'a manifest over the wrong epoch',
      'PUT',
      () => `${PATHS.head(table)}?expected=1`,
      { headers: OCTETS, body: () => manifest },
      422,
      'MANIFEST_INVALID',
    ],
    [
      'a manifest once more',
      'PUT',
      () => `${PATHS.head(table)}?expected=0`,
      { headers: OCTETS, body: () => manifest },
      409,
      'EPOCH_CONFLICT',
    ],
    [
      'an epoch that is no number',
      'PUT',
      () => `${PATHS.head(table)}?expected=one`,
      { headers: OCTETS, body: bytes },
      400,
      'BYTES_INVALID',
    ],
  ];
  it.each(refusals)('%s', async (_, method, path, options, status, code) => {
    const { body, ...rest } = options as { body?: unknown };
    const sent = typeof body === 'function' ? (body as () => Buffer)() : body;
    const answer = await service.send(method, path(), {
      ...rest,
      ...(sent !== undefined && { body: sent as Uint8Array }),
    });
    expect({ status: answer.status, json: answer.json }).toMatchObject({
      status,
      json: { opaline: 1, code },
    });
  });

  it('a route that is none, and a method a route does not have', async () => {
    expect((await service.send('GET', '/v1/secrets')).status).toBe(404);
    expect((await service.send('DELETE', PATHS.head(table))).status).toBe(404);
    expect((await service.send('GET', '/v1/tables/../../etc/passwd')).status).toBe(404);
  });
});

describe('bodies over their limit', () => {
  it.each([
    ['a request', 'POST', () => PATHS.aggregate, 64 << 20],
    ['a search', 'POST', () => PATHS.search, 64 << 20],
    ['a fetch', 'POST', () => PATHS.fetch, 64 << 20],
    ['a list of removals', 'POST', () => PATHS.removals(table), 64 << 20],
    ['a manifest', 'PUT', () => `${PATHS.head(table)}?expected=1`, 64 << 20],
    ['a piece', 'PUT', () => `${PATHS.part(table, ABSENT)}?${piece(new Uint8Array(3))}`, 8 << 20],
  ])('%s', async (_, method, path, limit) => {
    // Refused by its announced length: nothing of it needs to be sent.
    const headers = { ...OCTETS, 'content-length': String(limit + 1) };
    const announced = await service
      .send(method, path(), { headers, body: '' })
      .catch(() => undefined);
    expect({ status: announced?.status, json: announced?.json }).toMatchObject({
      status: 413,
      json: { code: 'REQUEST_TOO_LARGE', details: { limit } },
    });
  });

  it('and one that does not say how long it is', async () => {
    const path = `${PATHS.part(table, ABSENT)}?${piece(new Uint8Array(3))}`;
    const headers = { ...OCTETS, 'transfer-encoding': 'chunked' };
    const body = new Uint8Array((8 << 20) + 1);
    // The refusal may come with the end of the connection.
    const answer = await service.send('PUT', path, { headers, body }).catch(() => undefined);
    expect([413, undefined]).toContain(answer?.status);
    expect((await service.send('GET', PATHS.parts(table))).body.toString()).not.toContain(ABSENT);
  });
});
