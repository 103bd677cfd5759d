import { z } from 'zod';
import type { NoteKey } from '../../bytes/note-key.ts';
import { formatNote, type NoteSignature, signText } from '../../bytes/note.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { jsonUnder, officerText, textSignedByAll } from '../officer-note.ts';
import { limitsForm, type ToolLimits } from './bundle.ts';

/** That officers let a tool ask: this bundle, under this policy, having seen this result of its test. */
export interface ToolCertificate {
  readonly tool: string;
  /** SHA-256 of the bundle, the policy in force and the test's report: 64 hex digits each. */
  readonly bundle: string;
  readonly policy: string;
  readonly report: string;
  /** Milliseconds since 1970. */
  readonly issued: number;
  readonly expires: number;
  readonly limits: ToolLimits;
}

const HEADER = 'opaline tool certificate v1';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.int().min(0);

const form: z.ZodType<ToolCertificate> = z
  .strictObject({
    tool: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/),
    bundle: digest,
    policy: digest,
    report: digest,
    issued: time,
    expires: time,
    limits: limitsForm,
  })
  .refine(({ issued, expires }) => issued < expires, 'it ends before it begins');

/** What is signed: a header, so that no other text of an officer's key is a certificate, then JSON. */
function certificateText(certificate: ToolCertificate): string {
  return officerText(HEADER, certificate);
}

/** An officer's signature of a certificate, under its 32-byte secret. */
export function signCertificate(
  certificate: ToolCertificate,
  name: string,
  secret: Uint8Array,
): NoteSignature {
  return signText(certificateText(certificate), name, secret);
}

/** A certificate as a signed note (C2SP signed-note). */
export function formatCertificate(
  certificate: ToolCertificate,
  signatures: readonly NoteSignature[],
): string {
  return formatNote({ text: certificateText(certificate), signatures });
}

/**
 * A certificate that every one of these officers signed, as they sign policies.
 * @throws TOOL_INVALID for what is not signed by them, or is no certificate in its one form
 */
export function openCertificate(bytes: Uint8Array, officers: readonly NoteKey[]): ToolCertificate {
  const text = textSignedByAll(bytes, officers, invalid);
  const json = jsonUnder(HEADER, text, invalid);
  if (json === undefined) throw invalid('certificate', 'not JSON');
  const parsed = form.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw invalid(path.map(String).join('.') || 'certificate', message);
  }
  if (certificateText(parsed.data) !== text) {
    throw invalid('certificate', 'not in the form that is signed');
  }
  return parsed.data;
}

function invalid(path: string, reason: string): OpalineError {
  return new OpalineError('TOOL_INVALID', { path, reason });
}
