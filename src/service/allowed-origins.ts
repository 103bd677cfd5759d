import { OpalineError } from '../errors/opaline-error.ts';
import type { App } from './app.ts';

/** Methods of the routes (store/protocol.ts). */
const METHODS = 'GET, PUT, POST';
const HEADERS = 'authorization, content-type';
/** What a client reads of a reply besides its body. */
const EXPOSED = 'retry-after';
/** Seconds for which a browser need not ask again: what Chromium remembers at most. */
const ASK_AGAIN_AFTER = '7200';

/**
 * Origins of pages, `scheme://host[:port]` as browsers send them.
 * @throws USAGE for another text: no pattern, no path, no trailing slash, not `null`
 */
export function parseOrigins(texts: readonly string[]): ReadonlySet<string> {
  for (const text of texts) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.origin === text && /^https?:\/\/[\w.:[\]-]+$/.test(text)) continue;
    const reason = 'an origin is scheme://host or scheme://host:port, as in https://app.example';
    throw new OpalineError('USAGE', { reason });
  }
  return new Set(texts);
}

/**
 * Let pages of these origins read replies (Fetch standard, "HTTP CORS protocol"): their preflight is answered, and
 * each reply names the origin. No cookie is ever asked for, and what a request may do is for its token to say as
 * before. Of other origins nothing is said, so that browsers keep replies from their pages.
 */
export function allowOrigins(app: App, origins: ReadonlySet<string>): void {
  if (origins.size === 0) return;
  app.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'origin');
    const { origin } = request.headers;
    if (origin === undefined || !origins.has(origin)) return undefined;
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-expose-headers', EXPOSED);
    const asked = request.headers['access-control-request-method'];
    if (request.method !== 'OPTIONS' || asked === undefined) return undefined;
    reply.header('access-control-allow-methods', METHODS);
    reply.header('access-control-allow-headers', HEADERS);
    reply.header('access-control-max-age', ASK_AGAIN_AFTER);
    return await reply.code(204).send();
  });
}
