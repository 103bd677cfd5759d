import { createServer, type RequestListener, type Server } from 'node:http';
import { connect as connectPlain, createServer as createPlain, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/bytes/hash.ts';
import { randomId } from '../../src/bytes/random.ts';
import { isOpalineError, type OpalineError } from '../../src/errors/opaline-error.ts';
import { HttpLink } from '../../src/store/backends/http/link.ts';
import { readCapped } from '../../src/store/backends/http/read-capped.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { encodeBlobs as encodeReply } from '../../src/store/protocol.ts';
import { encodeBlobs } from '../../src/table/blob-part.ts';
import { type Fate, startProxy } from '../support/proxy.ts';
import { freePort } from '../../bench/free-port.ts';
import { startService } from '../support/service.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server that says what it likes, as the store of a link. */
async function lyingServer(say: RequestListener): Promise<HttpLink> {
  const server = createServer(say);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new HttpLink(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function refusalOf(run: Promise<unknown>): Promise<OpalineError> {
  try {
    await run;
  } catch (error) {
    if (isOpalineError(error)) return error;
    throw error;
  }
  return expect.unreachable('it was not refused');
}

const OCTETS = 'application/octet-stream';
const id = randomId();
const search = { table: id, index: id, labels: [new Uint8Array(16)] };
const bytesOf = (blobs: Iterable<Uint8Array>): Buffer => Buffer.concat([...blobs]);

const calls: Record<string, (link: HttpLink) => Promise<unknown>> = {
  connect: (link) => link.connect(),
  tables: (link) => link.tables(),
  head: (link) => link.head(id),
  parts: (link) => link.parts(id),
  search: (link) => link.search(search),
  fetch: (link) => link.fetch({ table: id, part: id, rows: Uint32Array.of(1, 2) }),
  aggregate: (link) => link.aggregate(new Uint8Array(8)),
  put: (link) =>
    link.put({
      table: id,
      id,
      kind: 'sealed',
      bytes: new Uint8Array(8),
      digest: new Uint8Array(32),
    }),
  publish: (link) => link.publish(id, 0, new Uint8Array(8)),
  remove: (link) => link.remove(id, [id]),
};

describe('a server that is no store, or lies', () => {
  it.each(Object.keys(calls).filter((name) => !['publish', 'remove'].includes(name)))(
    'a page in place of the reply of %s',
    async (name) => {
      const link = await lyingServer((_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in to the WiFi</h1>');
      });
      expect(await refusalOf(calls[name]!(link))).toMatchObject({
        code: 'STORE_UNREACHABLE',
        details: { reason: 'what answers there is not an Opaline store' },
      });
    },
  );

  it.each(Object.keys(calls))('a redirection of %s is not followed', async (name) => {
    let asked = 0;
    const link = await lyingServer((_, response) => {
      asked++;
      response.writeHead(307, { location: 'http://127.0.0.1:9/v1/elsewhere' }).end();
    });
    const error = await refusalOf(calls[name]!(link));
    expect(error.code).toBe('STORE_UNREACHABLE');
    expect(error.message).toContain('it redirects elsewhere');
    expect(asked).toBe(1);
  });

  it.each([
    ['tables', '{"tables":"none"}'],
    ['tables', '{"tables":["../../etc"]}'],
    ['tables', '{"tables":[7]}'],
    ['tables', '[]'],
    ['tables', 'null'],
    ['parts', '{"parts":[{"id":7,"bytes":1}]}'],
    ['parts', `{"parts":[{"id":"${id}","bytes":-1}]}`],
    ['parts', `{"parts":[{"id":"${id}","bytes":1e400}]}`],
    ['put', '{"received":"8"}'],
    ['put', '{"__proto__":{"received":8}}'],
  ])('%s: %s', async (name, body) => {
    const link = await lyingServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
    expect((await refusalOf(calls[name]!(link))).code).toBe('BYTES_INVALID');
  });

  it.each([
    ['search', 'no blob for a label', bytesOf(encodeReply([]))],
    ['search', 'a blob too many', bytesOf(encodeReply([undefined, undefined]))],
    ['fetch', 'a row too few', bytesOf(encodeReply([new Uint8Array(1)]))],
    ['fetch', 'a row that is not there', bytesOf(encodeReply([new Uint8Array(1), undefined]))],
  ])('%s: %s', async (name, _, body) => {
    const link = await lyingServer((_request, response) => {
      response.writeHead(200, { 'content-type': OCTETS }).end(body);
    });
    expect((await refusalOf(calls[name]!(link))).code).toBe('STORE_UNREACHABLE');
  });

  it.each([
    ['cut', bytesOf(encodeReply([new Uint8Array(9)])).subarray(0, 20)],
    ['longer than it says', Buffer.concat([bytesOf(encodeReply([undefined])), Buffer.from('x')])],
    ['of a billion blobs', Buffer.from('4f50414c424c4253010000000000000000ca9a3b', 'hex')],
    ['empty', Buffer.alloc(0)],
  ])('a reply that is %s', async (_, body) => {
    const link = await lyingServer((_request, response) => {
      response.writeHead(200, { 'content-type': OCTETS }).end(body);
    });
    expect((await refusalOf(link.search(search))).code).toBe('BYTES_INVALID');
  });

  it('a reply without end is cut at its cap', async () => {
    let sent = 0;
    const link = await lyingServer((_, response) => {
      response.writeHead(200, { 'content-type': OCTETS });
      const more = (): void => {
        if (response.destroyed) return;
        sent += 1 << 20;
        response.write(Buffer.alloc(1 << 20), () => setImmediate(more));
      };
      more();
    });
    expect(await refusalOf(link.head(id))).toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      details: { what: 'a reply of the store', limit: 1 << 26 },
    });
    expect(sent).toBeLessThan(1 << 28);
  });

  it('a refusal without end is cut too, and is told by its status', async () => {
    const link = await lyingServer((_, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      const more = (): void => {
        if (!response.destroyed) response.write(' '.repeat(1 << 16), () => setImmediate(more));
      };
      more();
    });
    expect((await refusalOf(link.tables())).message).toContain('it answers HTTP status 400');
  });

  it.each([
    ['a code about the vault', { code: 'PASSPHRASE_WRONG', details: { path: '/x' } }],
    ['a code that says the caller gave up', { code: 'ABORTED', details: {} }],
    ['an unknown code', { code: 'constructor', details: {} }],
  ])('%s is not believed', async (_, wire) => {
    const link = await lyingServer((_request, response) => {
      response.writeHead(422, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ opaline: 1, ...wire }));
    });
    expect((await refusalOf(link.tables())).code).toMatch(/^(STORE_UNREACHABLE|INTERNAL)$/);
  });

  it.each([
    ['nested', { table: { toString: 'x' }, known: [] }],
    ['lists of others than text', { table: 't', known: [{}] }],
    ['missing', {}],
    ['no object', 'x'],
    ['many', Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`k${'x'.repeat(i)}`, 1]))],
  ])('details that are %s', async (_, details) => {
    const link = await lyingServer((_request, response) => {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ opaline: 1, code: 'UNKNOWN_TABLE', details }));
    });
    const error = await refusalOf(link.tables());
    expect({ code: error.code, reason: error.details }).toEqual({
      code: 'INTERNAL',
      reason: { reason: 'an error of unknown form' },
    });
  });

  it('a text without measure is cut', async () => {
    const link = await lyingServer((_, response) => {
      response.writeHead(422, { 'content-type': 'application/json' });
      const details = { reason: 'x'.repeat(50_000) };
      response.end(JSON.stringify({ opaline: 1, code: 'MANIFEST_INVALID', details }));
    });
    const error = await refusalOf(link.tables());
    expect(error.code).toBe('MANIFEST_INVALID');
    expect(error.message.length).toBeLessThan(2100);
  });

  it('a cap counts what arrives, not what is announced', async () => {
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new Uint8Array(600));
        controller.enqueue(new Uint8Array(600));
        controller.close();
      },
    });
    const response = new Response(body, { headers: { 'content-length': '10' } });
    await expect(readCapped(response, 1000)).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' });
    const within = new Response(new Uint8Array([1, 2, 3]));
    expect(await readCapped(within, 3)).toEqual(new Uint8Array([1, 2, 3]));
  });
});

describe('what is said of a store that cannot be used', () => {
  const says = async (link: HttpLink): Promise<string> => {
    const { code, message, hint } = await refusalOf(link.connect());
    expect(hint).not.toBe('');
    return `${code}: ${message.replace(link.address, 'X')}`;
  };
  const status = async (
    code: number,
    headers: Record<string, string> = {},
    name = 'tables',
  ): Promise<OpalineError> => {
    const link = await lyingServer((_, response) => response.writeHead(code, headers).end('no'));
    return await refusalOf(calls[name]!(link));
  };

  it('a name that no machine has', async () => {
    expect(await says(new HttpLink('http://no-such-machine.invalid'))).toMatch(
      /^STORE_UNREACHABLE: store X: (no machine has that name|the name cannot be looked up now)$/,
    );
  });

  it('a port where nothing listens', async () => {
    const link = new HttpLink(`http://127.0.0.1:${await freePort()}`);
    expect(await says(link)).toBe('STORE_UNREACHABLE: store X: nothing listens there');
  });

  it('TLS to a plain port, and plain HTTP to what is neither', async () => {
    await using service = await startService();
    const link = new HttpLink(service.address.replace('http:', 'https:'));
    expect(await says(link)).toBe('STORE_UNREACHABLE: store X: it does not speak TLS: is it http?');
    const plain = createPlain((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('SSH-2.0-OpenSSH_9.9\r\n');
        socket.destroySoon();
      });
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    const odd = new HttpLink(`http://127.0.0.1:${port}`);
    expect(await says(odd)).toBe('STORE_UNREACHABLE: store X: it does not speak HTTP');
    await new Promise((resolve) => plain.close(resolve));
  });

  it('refusals by their status, whoever sends them', async () => {
    expect((await status(401)).code).toBe('STORE_UNAUTHORIZED');
    expect((await status(401)).hint).toContain('OPALINE_STORE_TOKEN');
    expect((await status(403)).code).toBe('STORE_FORBIDDEN');
    expect((await status(404)).message).toContain('not an Opaline store');
    expect((await status(413, {}, 'publish')).message).toContain('a proxy refuses the size');
    const busy = await status(429, { 'retry-after': '7' }, 'publish');
    expect(busy).toMatchObject({ code: 'STORE_BUSY', details: { seconds: 7 }, retryable: true });
    const odd = await status(429, { 'retry-after': 'Infinity' }, 'publish');
    expect(odd).toMatchObject({ code: 'STORE_BUSY', details: { seconds: 60 } });
    for (const code of [500, 502, 503, 504]) {
      expect(await status(code, {}, 'publish')).toMatchObject({
        code: 'STORE_UNREACHABLE',
        retryable: true,
      });
    }
  });

  it.each(['ftp://x', 'http://user:word@x', 'http://x/?a=1', 'http://x/#a', 'x'])(
    'an address that is none: %s',
    (address) => {
      expect(() => new HttpLink(address)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});

describe('a call that fails', () => {
  const part = encodeBlobs('SEAL', [new Uint8Array(100)]);
  const upload = {
    table: id,
    id: randomId(),
    kind: 'sealed',
    bytes: part,
    digest: sha256(part),
  } as const;

  /** The proxy fails the first `times` calls of a path in a way. */
  function first(times: number, how: Fate): (method: string, path: string) => Fate {
    let seen = 0;
    return () => (seen++ < times ? how : 'pass');
  }

  it.each(['drop', 'lose', 502, 503] as const)(
    'for a moment is repeated where that is safe: %s',
    async (how) => {
      await using service = await startService();
      for (const call of [
        (link: StoreLink) => link.tables(),
        (link: StoreLink) => link.put(upload),
        (link: StoreLink) => link.remove(id, [randomId()]),
      ]) {
        await using proxy = await startProxy(() => service.address, first(2, how));
        await call(new HttpLink(proxy.address));
      }
    },
  );

  it('is not repeated when it publishes, whether or not the store carried it out', async () => {
    for (const how of ['drop', 'lose', 502] as const) {
      let asked = 0;
      await using service = await startService();
      await using proxy = await startProxy(
        () => service.address,
        () => {
          asked++;
          return how;
        },
      );
      const link = new HttpLink(proxy.address);
      await expect(link.publish(id, 0, new Uint8Array(8))).rejects.toMatchObject({
        // What the store said of it, where it carried it out, is lost.
        code: 'STORE_UNREACHABLE',
      });
      expect(asked).toBe(1);
    }
  });

  it('for good is given up, after some tries', async () => {
    let asked = 0;
    const link = await lyingServer((_, response) => {
      asked++;
      response.writeHead(503).end();
    });
    await expect(link.connect()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(asked).toBe(4);
  });

  it('because it is asked too much waits as long as it is told', async () => {
    await using service = await startService({ requestsPerMinute: 2 });
    expect((await service.send('GET', '/v1/health')).status).toBe(200);
    expect((await service.send('GET', '/v1/nowhere')).status).toBe(404);
    const refused = await service.send('GET', '/v1/tables');
    expect({ status: refused.status, json: refused.json }).toMatchObject({
      status: 429,
      json: { opaline: 1, code: 'STORE_BUSY' },
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    // A guessed token is no way around the count.
    const headers = { authorization: `Bearer opal_${'0'.repeat(16)}_${'0'.repeat(64)}` };
    expect((await service.send('GET', '/v1/tables', { headers })).status).toBe(429);

    const asked: number[] = [];
    const link = await lyingServer((_, response) => {
      asked.push(performance.now());
      if (asked.length === 1) response.writeHead(429, { 'retry-after': '1' }).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"tables":[]}');
    });
    expect(await link.tables()).toEqual([]);
    expect(asked[1]! - asked[0]!).toBeGreaterThan(990);
  });

  it('can be called off while it waits', async () => {
    const link = await lyingServer((_, response) => response.writeHead(503).end());
    const controller = new AbortController();
    const call = link.aggregate(new Uint8Array(8), { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

it('a request that never ends does not keep the service from others', async () => {
  await using service = await startService();
  const sockets = Array.from({ length: 20 }, () => {
    const socket = connectPlain(service.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST /v1/aggregate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n');
    return socket;
  });
  expect((await service.send('GET', '/v1/health')).status).toBe(200);
  for (const socket of sockets) socket.destroy();
});
