import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { destination, pino } from 'pino';
import type { ErrorCode } from '../../errors/codes.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { toWire } from '../../errors/wire.ts';
import { CUSTODIAN_LIMITS, CUSTODIAN_PATHS } from '../../store/backends/http/custodian.ts';
import { OCTETS, STATUS } from '../../store/protocol.ts';
import type { Custodian } from './custodian.ts';

export interface ServeCustodianOptions {
  readonly custodian: Pick<Custodian, 'admit' | 'answerTo' | 'index'>;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

export interface RunningCustodian extends AsyncDisposable {
  /** http://host:port */
  readonly address: string;
}

/** Refusals that are a custodian's own. */
const REFUSED: Readonly<Partial<Record<ErrorCode, number>>> = {
  CUSTODIAN_REFUSED: 403,
  LOG_ROLLBACK: 409,
  LOG_FORK: 409,
  LOG_UNPROVED: 409,
};
const REQUEST_WITHIN_MS = 600_000;
/** Longer than an answer takes: one that was recorded is sent. */
const CLOSE_WITHIN_MS = 60_000;
/** Requests that are answered at once: each evaluates a plan. */
const AT_ONCE = 2;
/** Requests whose body is read or waits: anybody may send one, and it is not known to be the gate's before it is here. */
const MOST_HELD = 8;

/**
 * A custodian over HTTP. Whoever may ask is told by the request's signature alone; the answer is not secret from the
 * gate and is from everybody else, so that beyond loopback TLS has to end in front of it. Logs name routes and
 * statuses: no scalar, no plan.
 * @throws STORE_IO when the port is taken
 */
export async function serveCustodian(options: ServeCustodianOptions): Promise<RunningCustodian> {
  const { custodian, host, port, logLevel } = options;
  const logger = pino({ level: logLevel, base: null }, destination({ fd: 2, sync: true }));
  const app = fastify({
    bodyLimit: CUSTODIAN_LIMITS.request,
    trustProxy: false,
    requestTimeout: REQUEST_WITHIN_MS,
    return503OnClosing: true,
  });
  app.addContentTypeParser(OCTETS, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'no such route' }));
  app.setErrorHandler(async (error: FastifyError | OpalineError, request, reply) => {
    const wire = toWire(error instanceof OpalineError ? error : translate(error, request));
    await reply.code(REFUSED[wire.code] ?? STATUS[wire.code] ?? 500).send(wire);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const ms = Math.round(reply.elapsedTime);
    logger.info({ method: request.method, route, status: reply.statusCode, ms }, 'request');
  });
  app.get(CUSTODIAN_PATHS.health, async () => ({
    service: 'opaline-custodian',
    index: custodian.index,
  }));
  let address = '';
  const turns = new Turns(AT_ONCE);
  let held = 0;
  const onRequest = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (held >= MOST_HELD) throw new OpalineError('STORE_BUSY', { store: address, seconds: 5 });
    held++;
    reply.raw.once('close', () => held--);
    await Promise.resolve();
  };
  app.post(CUSTODIAN_PATHS.partials, { onRequest }, async (request, reply) => {
    const { body } = request;
    if (!(body instanceof Uint8Array)) {
      throw new OpalineError('BYTES_INVALID', { what: 'the request', reason: 'it has no body' });
    }
    // Before it waits: a request whose turn comes later than another's is not of an older log for that.
    const admitted = await custodian.admit(new Uint8Array(body));
    const answer = await turns.run(() => custodian.answerTo(admitted));
    await reply.type(OCTETS).header('cache-control', 'no-store').send(answer);
  });
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
    },
  };
}

/** What fastify refuses before it is ours to. */
function translate(error: FastifyError, { headers }: FastifyRequest): unknown {
  if (error.statusCode === 413) {
    return new OpalineError('REQUEST_TOO_LARGE', {
      what: 'the body of the request',
      size: Number(headers['content-length'] ?? 0),
      limit: CUSTODIAN_LIMITS.request,
    });
  }
  if (error.statusCode !== 400 && error.statusCode !== 415) return error;
  return new OpalineError('BYTES_INVALID', { what: 'the request', reason: error.code });
}

/** So many at once; the others in their order. */
class Turns {
  private readonly most: number;
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(most: number) {
    this.most = most;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running >= this.most) {
      // Whoever ends hands its turn over.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running++;
    }
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
