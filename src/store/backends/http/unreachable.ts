import { OpalineError } from '../../../errors/opaline-error.ts';

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
  EPROTO: 'it does not speak TLS: is it http?',
};

export function unreachable(store: string, error: unknown): OpalineError<'STORE_UNREACHABLE'> {
  const code = codeOf(error);
  const reason = REASONS[code] ?? (code === '' ? 'the connection failed' : code);
  return new OpalineError('STORE_UNREACHABLE', { store, reason });
}

/** The first system code down the chain of causes. */
function codeOf(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return '';
}
