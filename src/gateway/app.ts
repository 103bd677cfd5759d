import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import rateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { formatProof } from '../audit/tlog-proof.ts';
import { toBase64 } from '../bytes/base64.ts';
import type { OpenGate } from '../client/governance/governed-vault.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { toWire } from '../errors/wire.ts';
import { OCTETS } from '../store/protocol.ts';
import { answerBody, BODY_LIMIT, GATE_PATHS, GATE_STATUS, logPath, queryBody } from './protocol.ts';

/** The gateway with types from its zod schemas. */
export type GatewayApp = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface GatewayOptions {
  readonly gate: OpenGate;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** Requests a minute of one address; more are GATE_BUSY. */
  readonly requestsPerMinute: number;
}

/** Requests that are worked on at once; more are GATE_BUSY. */
const MOST_AT_ONCE = 256;
/** Files of the log that are read at once: one has up to 16 MB. */
const MOST_LOG_READS = 8;
/** From a request's first byte to its last; the computation is not counted. */
const REQUEST_WITHIN_MS = 30_000;

/**
 * The gate of a vault over HTTP: a query, a purpose and a token go in, results alone come out; and to auditors the log
 * that anybody may verify. Bodies are capped and validated, and logs name routes, statuses and times.
 */
export async function createGatewayApp(options: GatewayOptions): Promise<GatewayApp> {
  const { gate, version, logger } = options;
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    trustProxy: false,
    requestTimeout: REQUEST_WITHIN_MS,
    return503OnClosing: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'no such route' }));
  // Whoever guesses tokens is one address, whatever is guessed.
  await app.register(rateLimit, {
    global: false,
    max: options.requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => request.ip,
  });
  app.addHook('onRequest', app.rateLimit());
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
  let closing = false;
  app.addHook('preClose', async () => void (closing = true));
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    if (closing) reply.header('connection', 'close');
  });
  let running = 0;
  app.get(GATE_PATHS.health, async () => ({ service: 'opaline-gate', version }));
  app.post(
    GATE_PATHS.query,
    { schema: { body: queryBody, response: { 200: answerBody } }, onRequest: requireToken },
    async (request, reply) => {
      const { purpose, sql, parameters } = request.body;
      const token = tokenOf(request);
      if (running >= MOST_AT_ONCE) throw new OpalineError('GATE_BUSY', { seconds: 1 });
      running++;
      const { result, outcome } = await whileConnected(request, reply, (signal) =>
        gate.answer({ token, purpose, sql, parameters, signal }),
      ).finally(() => running--);
      const { columns, rows, errors } = result;
      return {
        columns,
        rows,
        ...(errors === undefined ? {} : { errors: [...errors] }),
        entry: toBase64(outcome.entry),
        proof: formatProof(outcome.proof),
      };
    },
  );
  let reading = 0;
  app.get(
    `${GATE_PATHS.log}*`,
    { schema: { params: logPath }, onRequest: requireToken },
    async (request, reply) => {
      if (reading >= MOST_LOG_READS) throw new OpalineError('GATE_BUSY', { seconds: 1 });
      reading++;
      const path = request.params['*'];
      const bytes = await gate.showLog(tokenOf(request), path).finally(() => reading--);
      if (bytes === undefined) return await reply.code(404).send({ message: 'no such file' });
      return await reply
        .type(OCTETS)
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    },
  );
  await app.ready();
  return app as GatewayApp;
}

/** Refused before a body is read. */
async function requireToken(request: FastifyRequest): Promise<void> {
  tokenOf(request);
}

/** The token that a request presents, valid or not. @throws GATE_UNAUTHORIZED */
function tokenOf({ headers }: FastifyRequest): string {
  const [, token] = /^Bearer ([\w-]{1,200})$/.exec(headers.authorization ?? '') ?? [];
  if (token !== undefined) return token;
  throw new OpalineError('GATE_UNAUTHORIZED', {});
}

/** Work is given up when whoever asked goes away. */
async function whileConnected<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const gone = (): void => {
    if (!reply.raw.writableEnded) controller.abort();
  };
  request.raw.socket.once('close', gone);
  try {
    return await run(controller.signal);
  } finally {
    request.raw.socket.off('close', gone);
  }
}

/** Every failure in wire form; of what is not for whoever asks, nothing but that it failed. */
async function refuse(
  error: FastifyError | OpalineError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const ours = error instanceof OpalineError ? error : translated(error, request);
  const status = GATE_STATUS[ours.code];
  if (status === undefined) request.log.error({ code: ours.code }, 'failed');
  // What whoever asks is not told, its owner is: by its code, for the rest may be of data.
  if (ours.cause instanceof OpalineError) request.log.warn({ code: ours.cause.code }, 'refused');
  if (reply.raw.destroyed) return;
  const told =
    status === undefined
      ? new OpalineError('DENIED', { reason: 'the gate could not answer' })
      : ours;
  await reply.code(status ?? 500).send(toWire(told));
}

function translated(error: FastifyError, request: FastifyRequest): OpalineError {
  switch (error.statusCode) {
    case 413:
      return new OpalineError('REQUEST_TOO_LARGE', {
        what: 'the body of the request',
        size: Number(request.headers['content-length'] ?? 0),
        limit: BODY_LIMIT,
      });
    case 429:
      return new OpalineError('GATE_BUSY', { seconds: 60 });
    case 400:
    case 415:
      return new OpalineError('BYTES_INVALID', {
        what: 'the request',
        reason: error.code ?? 'it is malformed',
      });
    default:
      return new OpalineError('INTERNAL', { reason: error.name });
  }
}
