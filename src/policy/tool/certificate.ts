import { z } from 'zod';
import type { NoteKey } from '../../bytes/note-key.ts';
import {
  formatNote,
  type NoteSignature,
  parseNote,
  requireSignature,
  signText,
} from '../../bytes/note.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
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
  return `${HEADER}\n${JSON.stringify(certificate, undefined, 2)}\n`;
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
  if (officers.length === 0) throw invalid('signatures', 'no officer is known');
  const text = asToolInvalid(() => {
    const note = parseNote(bytes, 'signatures');
    for (const officer of officers) requireSignature(note, officer, 'signatures');
    return note.text;
  });
  const start = `${HEADER}\n`;
  if (!text.startsWith(start)) throw invalid('header', `"${HEADER}" is wanted`);
  const parsed = form.safeParse(parseJson(text.slice(start.length)));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw invalid(path.map(String).join('.') || 'certificate', message);
  }
  if (certificateText(parsed.data) !== text) {
    throw invalid('certificate', 'not in the form that is signed');
  }
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('certificate', 'not JSON');
  }
}

function asToolInvalid<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
    throw invalid(error.details.what, error.details.reason);
  }
}

function invalid(path: string, reason: string): OpalineError {
  return new OpalineError('TOOL_INVALID', { path, reason });
}
