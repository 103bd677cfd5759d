import { join } from 'node:path';
import { destination, pino } from 'pino';
import { OpalineError } from '../errors/opaline-error.ts';
import { systemCode } from '../errors/system-code.ts';
import type { Scratch } from '../store/backend.ts';
import type { StoreLink } from '../store/link.ts';
import { createApp } from './app.ts';
import { parseOrigins } from './allowed-origins.ts';
import { isLoopback } from './authorize.ts';
import { Tokens } from './tokens.ts';
import { PartUploads } from './uploads.ts';

export interface ServeOptions {
  /** The store's folder: tokens and unfinished uploads are kept there. */
  readonly folder: string;
  readonly link: StoreLink;
  /** Of a store whose queries run on a cluster: its workers reach it here. */
  readonly scratch?: Scratch;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly version: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly requestsPerMinute?: number;
  readonly patienceMs?: number;
  /** Origins of pages that may call it, scheme://host[:port]; none unless named. */
  readonly allowOrigins?: readonly string[];
}

/** A running service. Disposing of it lets requests end, then closes the link. */
export interface RunningService extends AsyncDisposable {
  /** For clients: http://host:port */
  readonly address: string;
}

/** Generous: an ingest sends a request for each part, a query a few. */
const REQUESTS_PER_MINUTE = 60_000;
/** Silence that no proxy takes for a failure. */
const PATIENCE_MS = 5000;
/** What is still running after this long is cut off. */
const CLOSE_WITHIN_MS = 10_000;

/**
 * Serve a store over HTTP.
 * @throws USAGE for an address others can reach while the store has no tokens, or an origin that is none;
 * STORE_IO when the port is taken
 */
export async function serve(options: ServeOptions): Promise<RunningService> {
  const { folder, link, host, port, version, logLevel } = options;
  const origins = parseOrigins(options.allowOrigins ?? []);
  const tokens = new Tokens(folder);
  if (!(await tokens.required()) && host !== 'localhost' && !isLoopback(host)) {
    throw new OpalineError('USAGE', {
      reason: 'a store without tokens serves loopback alone: add one with opaline store-token add',
    });
  }
  const uploads = new PartUploads(join(folder, 'uploads'), link);
  await uploads.start();
  const app = await createApp({
    link,
    tokens,
    uploads,
    scratch: options.scratch,
    version,
    origins,
    // Results go to stdout; logs do not.
    logger: pino({ level: logLevel, base: null }, destination({ fd: 2, sync: true })),
    requestsPerMinute: options.requestsPerMinute ?? REQUESTS_PER_MINUTE,
    patienceMs: options.patienceMs ?? PATIENCE_MS,
  });
  let address: string;
  try {
    address = await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: `listening on ${host}:${port}`, reason });
  }
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      const late = setTimeout(() => app.server.closeAllConnections(), CLOSE_WITHIN_MS);
      await app.close();
      clearTimeout(late);
      await link[Symbol.asyncDispose]();
    },
  };
}
