import { utf8 } from '../bytes/codec.ts';
import { sign, verify } from '../bytes/signature.ts';
import type { AttestationKind } from './document.ts';

/** That a person was trained, vetted or assessed, signed by an officer. */
export interface Attestation {
  readonly principal: string;
  readonly kind: AttestationKind;
  /** Milliseconds since 1970. */
  readonly issued: number;
  readonly expires: number;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

function message({ principal, kind, issued, expires }: Omit<Attestation, 'signature'>): Uint8Array {
  return utf8(`opaline attestation v1\n${JSON.stringify([principal, kind, issued, expires])}\n`);
}

/** An attestation under an officer's 32-byte secret. */
export function attest(statement: Omit<Attestation, 'signature'>, secret: Uint8Array): Attestation {
  return { ...statement, signature: sign(secret, message(statement)) };
}

/**
 * Whether a principal has an attestation of a kind that is in force now and that one of the officers
 * signed. `officers` are public keys of 32 bytes.
 */
export function isAttested(
  principal: string,
  kind: AttestationKind,
  attestations: readonly Attestation[],
  officers: readonly Uint8Array[],
  now: number,
): boolean {
  return attestations.some(
    (one) =>
      one.principal === principal &&
      one.kind === kind &&
      one.issued <= now &&
      now < one.expires &&
      officers.some((officer) => verify(officer, message(one), one.signature)),
  );
}
