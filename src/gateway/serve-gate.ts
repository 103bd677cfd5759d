import { destination, pino } from 'pino';
import type { OpenGate } from '../client/governance/governed-vault.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { systemCode } from '../errors/system-code.ts';
import { createGatewayApp } from './app.ts';

export interface ServeGateOptions {
  readonly gate: OpenGate;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly version: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly requestsPerMinute?: number;
}

/** A running gateway. Disposing of it lets requests end; the gate is its owner's to close. */
export interface RunningGateway extends AsyncDisposable {
  /** For clients: http://host:port */
  readonly address: string;
}

/** People and their programs; an ingest does not come this way. */
const REQUESTS_PER_MINUTE = 600;
/** What is still running after this long is cut off. */
const CLOSE_WITHIN_MS = 10_000;

/** Serve a gate over HTTP. @throws STORE_IO when the port is taken */
export async function serveGate(options: ServeGateOptions): Promise<RunningGateway> {
  const { gate, host, port, version, logLevel } = options;
  const app = await createGatewayApp({
    gate,
    version,
    logger: pino({ level: logLevel, base: null }, destination({ fd: 2, sync: true })),
    requestsPerMinute: options.requestsPerMinute ?? REQUESTS_PER_MINUTE,
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
    },
  };
}
