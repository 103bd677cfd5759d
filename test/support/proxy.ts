import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a proxy does with one request. */
export type Fate =
  | 'pass'
  /** The connection is cut before the request reaches the store. */
  | 'drop'
  /** The store carries it out, and its reply is lost. */
  | 'lose'
  /** Answered with this status and no body. */
  | number;

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly request: Buffer;
  readonly response: Buffer;
  readonly headers: string;
}

export interface TestProxy extends AsyncDisposable {
  readonly address: string;
  /** Everything that passed, in order. */
  readonly seen: Exchange[];
}

/** A proxy before a store, that treats each request as `fate` says. */
export async function startProxy(
  target: () => string,
  fate: (method: string, path: string) => Fate = () => 'pass',
): Promise<TestProxy> {
  const seen: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    void pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = '', url: path = '' } = incoming;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const what = fate(method, path);
    if (what === 'drop') return void outgoing.destroy();
    if (typeof what === 'number') return void outgoing.writeHead(what).end();
    const { response, answer } = await forward(new URL(path, target()), incoming, body);
    seen.push({
      method,
      path,
      request: body,
      response: answer,
      headers: [...incoming.rawHeaders, ...response.rawHeaders].join('\n'),
    });
    if (what === 'lose') return void outgoing.destroy();
    outgoing.writeHead(response.statusCode ?? 500, response.headers).end(answer);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(
  url: URL,
  { method, headers }: IncomingMessage,
  body: Buffer,
): Promise<{ response: IncomingMessage; answer: Buffer }> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(body.length) };
    const { 'transfer-encoding': _, ...kept } = headers;
    const all = { ...kept, ...(body.length > 0 || method !== 'GET' ? length : {}) };
    const sent = request(url, { method, headers: { ...all, host: url.host }, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ response, answer: Buffer.concat(chunks) }));
    });
    sent.end(body);
  });
}
