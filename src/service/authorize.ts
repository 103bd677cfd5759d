import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { OpalineError } from '../errors/opaline-error.ts';
import type { Scope } from '../store/protocol.ts';
import type { Tokens } from './tokens.ts';

/** The token that a request presents, valid or not. */
export function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer ([\w-]{1,200})$/.exec(headers.authorization ?? '')?.[1];
}

/** What messages call the store a client has reached: itself. */
const HERE = 'at this address';

/**
 * A hook that lets a request through which may do `scope`. A store without tokens serves its own
 * machine alone, under its own names: a page in a browser there can be made to send requests under
 * another name (DNS rebinding), and those are refused. So are pages' requests, but for those of `origins`.
 */
export function authorizer(
  tokens: Tokens,
  origins: ReadonlySet<string>,
): (scope: Scope) => (request: FastifyRequest) => Promise<void> {
  return (scope) => async (request) => {
    if (!(await tokens.required())) {
      if (isOfThisMachine(request, origins)) return;
      throw new OpalineError('STORE_UNAUTHORIZED', { store: HERE });
    }
    const presented = bearerOf(request);
    const scopes =
      presented === undefined ? undefined : await tokens.scopesOf(presented, new Date());
    if (scopes === undefined) throw new OpalineError('STORE_UNAUTHORIZED', { store: HERE });
    if (!scopes.includes(scope)) throw new OpalineError('STORE_FORBIDDEN', { store: HERE, scope });
  };
}

export function isLoopback(address: string): boolean {
  return isIP(address) !== 0 && (address === '::1' || /^(::ffff:)?127\./.test(address));
}

/** Sent by a program here: neither passed on by a proxy here, nor by a browser for another's page. */
function isOfThisMachine(
  { socket, host, headers }: FastifyRequest,
  origins: ReadonlySet<string>,
): boolean {
  if (PASSED_ON.some((name) => headers[name] !== undefined)) return false;
  if (headers.origin !== undefined && !origins.has(headers.origin)) return false;
  return isLoopback(socket.remoteAddress ?? '') && isLocalName(host);
}

const PASSED_ON = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'];

function isLocalName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isLoopback(name);
}
