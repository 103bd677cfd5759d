import fastify from 'fastify';
import { destination, pino } from 'pino';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { toWire } from '../../errors/wire.ts';
import { CUSTODIAN_LIMITS, CUSTODIAN_PATHS } from '../../store/backends/http/custodian.ts';
import { OCTETS, STATUS } from '../../store/protocol.ts';
import type { Custodian } from './custodian.ts';

export interface ServeCustodianOptions {
  readonly custodian: Pick<Custodian, 'answer' | 'index'>;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

export interface RunningCustodian extends AsyncDisposable {
  /** http://host:port */
  readonly address: string;
}

const REQUEST_WITHIN_MS = 600_000;
/** Requests that are answered at once; each may hold a fragment and evaluate it. */
const AT_ONCE = 2;
/** More than these wait for nobody. */
const MOST_WAITING = 16;

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
  app.setErrorHandler(async (error, _request, reply) => {
    const wire = toWire(error);
    const status = wire.code === 'CUSTODIAN_REFUSED' ? 403 : (STATUS[wire.code] ?? 500);
    await reply.code(status).send(wire);
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
  const turns = new Turns(AT_ONCE, MOST_WAITING);
  app.post(CUSTODIAN_PATHS.partials, async (request, reply) => {
    const { body } = request;
    if (!(body instanceof Uint8Array)) {
      throw new OpalineError('BYTES_INVALID', { what: 'the request', reason: 'it has no body' });
    }
    const bytes = new Uint8Array(body);
    const answer = await turns.run(() => custodian.answer(bytes));
    await reply.type(OCTETS).header('cache-control', 'no-store').send(answer);
  });
  let address: string;
  try {
    address = await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: `listening on ${host}:${port}`, reason });
  }
  return { address, [Symbol.asyncDispose]: () => app.close() };
}

/** So many at once, so many more in a queue, and no more. */
class Turns {
  private readonly most: number;
  private readonly mostWaiting: number;
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(most: number, mostWaiting: number) {
    this.most = most;
    this.mostWaiting = mostWaiting;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running >= this.most) {
      if (this.waiting.length >= this.mostWaiting) {
        throw new OpalineError('STORE_BUSY', { store: 'at this address', seconds: 5 });
      }
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
