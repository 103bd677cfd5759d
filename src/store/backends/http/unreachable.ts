import { isOpalineError, OpalineError } from '../../../errors/opaline-error.ts';

/** Why a connection failed, in words: the system's code is in the cause of fetch's error. */
const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no machine has that name',
  EAI_AGAIN: 'the name cannot be looked up now',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
  UND_ERR_BODY_TIMEOUT: 'it stopped in the middle of an answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody trusted here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is another machine’s',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: is it http?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS: is it http?',
  EPROTO: 'it does not speak TLS: is it http?',
};

/** Codes of the parser of replies. */
const NOT_HTTP = /^HPE_/;

/** What waiting does not mend: the address is wrong, or what answers there is not what it should be. */
const LASTING = new Set([
  'ENOTFOUND',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'EPROTO',
  'LASTING',
]);

/** A failed connection. `error` is fetch's. */
export function unreachable(store: string, error: unknown): OpalineError<'STORE_UNREACHABLE'> {
  const code = codeOf(error);
  const said = NOT_HTTP.test(code) ? 'it does not speak HTTP' : REASONS[code];
  const reason = said ?? (code === '' ? withoutCode(error) : code);
  return new OpalineError('STORE_UNREACHABLE', { store, reason }, { cause: error });
}

/** A browser tells a page no more than that a call failed, of a store that does not let its origin in neither. */
function withoutCode(error: unknown): string {
  const ofBrowser = error instanceof TypeError && error.cause === undefined;
  return ofBrowser
    ? 'the connection failed, or the store does not let this page’s origin in (opaline serve --allow-origin)'
    : 'the connection failed';
}

/** A failure that another try would meet again. */
export function lasting(store: string, reason: string): OpalineError<'STORE_UNREACHABLE'> {
  const cause = Object.assign(new Error(reason), { code: 'LASTING' });
  return new OpalineError('STORE_UNREACHABLE', { store, reason }, { cause });
}

export function notAStore(store: string): OpalineError<'STORE_UNREACHABLE'> {
  return lasting(store, 'what answers there is not an Opaline store');
}

/** True where the same call may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  if (isOpalineError(error, 'STORE_BUSY')) return true;
  return isOpalineError(error, 'STORE_UNREACHABLE') && !isLasting(codeOf(error.cause));
}

function isLasting(code: string): boolean {
  return LASTING.has(code) || NOT_HTTP.test(code);
}

/** The first system code down the chain of causes. */
function codeOf(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    // Whether it has a code differs between versions of Node.
    if (at.name === 'HTTPParserError') return 'HPE_INVALID';
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return '';
}
