import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { OCTETS, PATHS } from '../store/protocol.ts';
import type { Scratch } from '../store/backend.ts';
import type { StoreLink } from '../store/link.ts';
import { allowOrigins } from './allowed-origins.ts';
import { authorizer, bearerOf } from './authorize.ts';
import { refuse } from './refuse.ts';
import { addReadRoutes } from './routes-read.ts';
import { addWorkRoutes } from './routes-work.ts';
import { addWriteRoutes } from './routes-write.ts';
import { TOKEN_ID_LENGTH, type Tokens } from './tokens.ts';
import type { PartUploads } from './uploads.ts';

/** The service with types from its zod schemas. */
export type App = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface ServiceOptions {
  /** Where evaluation happens: this process, or a cluster. */
  readonly link: StoreLink;
  readonly tokens: Tokens;
  readonly uploads: PartUploads;
  /** Of a store whose queries run on a cluster. */
  readonly scratch?: Scratch | undefined;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** Requests a minute of one token or address; more are STORE_BUSY. */
  readonly requestsPerMinute: number;
  /** Origins of pages that may call (allowed-origins.ts). */
  readonly origins: ReadonlySet<string>;
  /** Milliseconds an answer may take before its reply begins without it (long-reply.ts). */
  readonly patienceMs: number;
}

/**
 * The store over HTTP: StoreLink's calls as routes (store/protocol.ts), bodies binary, every length
 * capped before it is read. It holds no secret of the owner's; logs name routes, statuses and sizes.
 */
export async function createApp(options: ServiceOptions): Promise<App> {
  const app = fastify({
    loggerInstance: options.logger,
    // Ours says less: no address, no header, no path with ids in it.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1 << 16,
    trustProxy: false,
    // A body that trickles in must not hold a connection forever.
    requestTimeout: REQUEST_WITHIN_MS,
    return503OnClosing: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'no such route' }));
  app.addContentTypeParser(OCTETS, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  await app.register(rateLimit, {
    global: false,
    max: options.requestsPerMinute,
    timeWindow: 60_000,
    // Only a token that is one has a count of its own: else each guess would start a new count.
    keyGenerator: async (request) => {
      const presented = bearerOf(request);
      const known = presented && (await options.tokens.scopesOf(presented, new Date()));
      return known ? presented.slice(0, TOKEN_ID_LENGTH) : request.ip;
    },
  });
  // Before what refuses, so that pages can read refusals.
  allowOrigins(app as App, options.origins);
  // Of every request, before anything else looks at it; also of those to no route.
  app.addHook('onRequest', app.rateLimit());
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Opaline store',
        version: options.version,
        description: 'An untrusted store of encrypted tables. Bodies are Opaline frames.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        bytesIn: Number(request.headers['content-length'] ?? 0),
      },
      'request',
    );
  });
  // A connection that stays open after its reply would hold a shutdown up.
  let closing = false;
  app.addHook('preClose', async () => void (closing = true));
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  const authorize = authorizer(options.tokens, options.origins);
  await app.register(async (open) => {
    open.get(PATHS.health, { schema: { summary: 'Whether the service answers' } }, async () => ({
      service: 'opaline-store',
      version: options.version,
    }));
    open.get(PATHS.openApi, { schema: { hide: true } }, async () => app.swagger());
  });
  await app.register(async (routes) => {
    routes.addHook('onRequest', authorize('read'));
    addReadRoutes(routes as App, options.link, options.patienceMs);
  });
  await app.register(async (routes) => {
    routes.addHook('onRequest', authorize('write'));
    addWriteRoutes(routes as App, options.link, options.uploads);
  });
  const { scratch } = options;
  if (scratch !== undefined) {
    await app.register(async (routes) => {
      routes.addHook('onRequest', authorize('work'));
      addWorkRoutes(routes as App, scratch);
    });
  }
  await app.ready();
  return app as App;
}

/** From its first byte to its last; evaluation is not counted. */
const REQUEST_WITHIN_MS = 600_000;
