import { utf8 } from '../bytes/codec.ts';
import { sha256 } from '../bytes/hash.ts';
import { toHex } from '../bytes/hex.ts';

/** What is approved: all of it is hashed, so that an approval is of this request and no other. */
export interface ApprovedRequest {
  /** 32 hex digits, random: the same words asked again are another request. */
  readonly nonce: string;
  readonly principal: string;
  readonly purpose: string;
  readonly sql: string;
  /** As JSON. */
  readonly parameters: string;
  /** Hex of the digest of the policy in force. */
  readonly policy: string;
}

/** SHA-256 of a request, 64 hex digits. */
export function requestHash(request: ApprovedRequest): string {
  const { nonce, principal, purpose, sql, parameters, policy } = request;
  const text = JSON.stringify([nonce, principal, purpose, sql, parameters, policy]);
  return toHex(sha256(utf8(`opaline request v1\n${text}\n`)));
}
