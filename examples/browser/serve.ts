import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.parquet': 'application/vnd.apache.parquet',
};

/** With these a page may share memory between its workers (HTML, "cross-origin isolated"). */
const ISOLATED: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Nothing from elsewhere, and nothing to elsewhere but `connect`: what the page holds could go nowhere else. */
const policy = (connect: readonly string[]): string =>
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; " +
  `connect-src ${["'self'", ...connect].join(' ')}; ` +
  "style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALWAYS: Readonly<Record<string, string>> = {
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
};

export interface ServedFolder extends AsyncDisposable {
  /** http://127.0.0.1:PORT/ */
  readonly url: string;
}

export interface ServeOptions {
  /** 0, the default: any free one. */
  readonly port?: number;
  /** False: so that the page has no SharedArrayBuffer. */
  readonly isolated?: boolean;
  /** Origins of stores that the page may reach, as its policy names them. */
  readonly connect?: readonly string[];
}

/** Serve a folder's files on loopback. */
export async function serveFolder(
  folder: string,
  { port = 0, isolated = true, connect = [] }: ServeOptions = {},
): Promise<ServedFolder> {
  const always = { ...ALWAYS, 'Content-Security-Policy': policy(connect) };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = normalize(
      join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname),
    );
    const type = TYPES[extname(path)];
    const refuse = (): void => {
      response.writeHead(404, always).end();
    };
    if (!path.startsWith(folder + sep) || type === undefined || request.method !== 'GET') {
      refuse();
      return;
    }
    readFile(path).then((bytes) => {
      const headers = { ...always, ...(isolated && ISOLATED), 'Content-Type': type };
      response.writeHead(200, headers).end(bytes);
    }, refuse);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
