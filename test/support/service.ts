import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { serve, type ServeOptions } from '../../src/service/serve.ts';
import { Tokens } from '../../src/service/tokens.ts';
import { FileBackend } from '../../src/store/backends/file.ts';
import type { StoreLink } from '../../src/store/link.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON, undefined where it is none. */
  readonly json: unknown;
}

export interface Send {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export interface TestService extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly folder: string;
  readonly tokens: Tokens;
  /** A request as it is: nothing is added to path or headers but Host. */
  send(method: string, path: string, options?: Send): Promise<Answer>;
}

/** The service on a folder of its own. `wrap` may watch or disturb what is behind it. */
export async function startService(
  options: Partial<ServeOptions> & { wrap?: (link: StoreLink) => StoreLink } = {},
): Promise<TestService> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'opaline-service-'));
  const { wrap = (link) => link, ...given } = options;
  const service = await serve({
    link: wrap(new EmbeddedLink(new FileBackend(folder))),
    host: '127.0.0.1',
    port: 0,
    version: 'test',
    logLevel: 'silent',
    ...given,
    folder,
  });
  const port = Number(new URL(service.address).port);
  return {
    address: service.address,
    port,
    folder,
    tokens: new Tokens(folder),
    send: (method, path, more) => sendRaw(port, method, path, more),
    [Symbol.asyncDispose]: async () => {
      await service[Symbol.asyncDispose]();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function sendRaw(
  port: number,
  method: string,
  path: string,
  { headers = {}, body }: Send = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunked = headers['transfer-encoding'] !== undefined;
    const length =
      body === undefined || chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(
      { host: '127.0.0.1', port, method, path, headers: { ...length, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const all = Buffer.concat(chunks);
          const { statusCode = 0, headers: got } = response;
          resolve({ status: statusCode, headers: got, body: all, json: parse(all) });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

export const OCTETS = { 'content-type': 'application/octet-stream' };
export const JSON_BODY = { 'content-type': 'application/json' };
