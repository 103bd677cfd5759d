import { utf8, Writer } from '../bytes/codec.ts';
import { equalBytes } from '../bytes/compare.ts';
import { toHex } from '../bytes/hex.ts';
import { sign, verify } from '../bytes/signature.ts';

/** The role that lets staff approve. */
export const APPROVER_ROLE = 'approver';

/** Someone's consent to one request. */
export interface Approval {
  /** 32 bytes, Ed25519. */
  readonly publicKey: Uint8Array;
  /** 64 bytes, over `approvalText` of the request. */
  readonly signature: Uint8Array;
}

/** Who may approve, and how many of them must. */
export interface ApprovalRule {
  readonly needed: number;
  /** Ed25519 public keys; one that is listed twice counts once. */
  readonly approvers: readonly Uint8Array[];
}

export type ApprovalVerdict =
  | { readonly approved: true }
  | { readonly approved: false; readonly found: number; readonly needed: number };

const HASH_BYTES = 32;

/** What an approver signs: set apart from whatever else the same key may sign. */
function approvalText(request: Uint8Array): Uint8Array {
  return new Writer(64).raw(utf8('opaline approval v1\n')).raw(request).finish();
}

/** An approval of the request of that 32-byte hash, by a 32-byte Ed25519 secret. */
export function approve(request: Uint8Array, secret: Uint8Array): Uint8Array {
  return sign(secret, approvalText(request));
}

/**
 * Whether enough different people of the rule approved a request. The requester's own approval, one that repeats
 * another's, one by a stranger and one that does not verify count for nothing; they do not spoil the others.
 *
 * Denied, too, for a rule that nobody could meet by accident: fewer than one approval, or a hash of another length.
 *
 * @param request the request's 32-byte hash
 * @param requester public keys of whoever asks
 */
export function checkApprovals(
  request: Uint8Array,
  approvals: readonly Approval[],
  { needed, approvers }: ApprovalRule,
  requester: readonly Uint8Array[],
): ApprovalVerdict {
  if (!Number.isInteger(needed) || needed < 1 || request.length !== HASH_BYTES) {
    return { approved: false, found: 0, needed };
  }
  const text = approvalText(request);
  const isAmong = (keys: readonly Uint8Array[], key: Uint8Array): boolean =>
    keys.some((one) => equalBytes(one, key));
  const valid = approvals.filter(
    ({ publicKey, signature }) =>
      isAmong(approvers, publicKey) &&
      !isAmong(requester, publicKey) &&
      verify(publicKey, text, signature),
  );
  const found = new Set(valid.map(({ publicKey }) => toHex(publicKey))).size;
  return found >= needed ? { approved: true } : { approved: false, found, needed };
}
