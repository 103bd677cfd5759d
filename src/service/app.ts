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
import { LIMITS, OCTETS, PATHS } from '../store/protocol.ts';
import type { StoreLink } from '../store/link.ts';
import { authorizer } from './authorize.ts';
import { refuse } from './refuse.ts';
import { addReadRoutes } from './routes-read.ts';
import { addWriteRoutes } from './routes-write.ts';
import type { Tokens } from './tokens.ts';
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
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** Requests a minute of one token or address; more are STORE_BUSY. */
  readonly requestsPerMinute: number;
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
    return503OnClosing: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ message: 'no such route' }));
  app.addContentTypeParser(OCTETS, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  await app.register(rateLimit, {
    max: options.requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => request.headers.authorization ?? request.ip,
  });
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
  const authorize = authorizer(options.tokens);
  await app.register(async (open) => {
    open.get(PATHS.health, { schema: { summary: 'Whether the service answers' } }, async () => ({
      service: 'opaline-store',
      version: options.version,
    }));
    open.get(PATHS.openApi, { schema: { hide: true } }, async () => app.swagger());
  });
  await app.register(async (routes) => {
    routes.addHook('onRequest', authorize('read'));
    addReadRoutes(routes as App, options.link);
  });
  await app.register(async (routes) => {
    routes.addHook('onRequest', authorize('write'));
    addWriteRoutes(routes as App, options.link, options.uploads);
  });
  await app.ready();
  return app as App;
}

/** Largest body of any route, for who puts a proxy in front. */
export const LARGEST_BODY: number = Math.max(LIMITS.piece, LIMITS.manifest, LIMITS.request);
