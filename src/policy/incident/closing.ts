import { z } from 'zod';
import type { NoteKey } from '../../bytes/note-key.ts';
import { formatNote, type NoteSignature, signText } from '../../bytes/note.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { jsonUnder, officerText, textAndSigners } from '../officer-note.ts';

/** What an officer signs to close an incident. */
export interface Closing {
  /** The vault's log, so that a signature is of one vault. */
  readonly log: string;
  /** Its id. */
  readonly incident: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** What was done about it. */
  readonly measures: string;
}

/** Sets the text apart from whatever else the same key may sign. */
const HEADER = 'opaline incident closing v1';

const form: z.ZodType<Closing> = z.strictObject({
  log: z.string().min(1).max(1000),
  incident: z.string().regex(/^[0-9a-f]{16}$/),
  time: z.int().min(0).max(8_640_000_000_000_000),
  measures: z.string().min(1).max(4000),
});

function closingText({ log, incident, time, measures }: Closing): string {
  return officerText(HEADER, { log, incident, time, measures });
}

/** An officer's signature under a closing. */
export function signClosing(closing: Closing, name: string, secret: Uint8Array): NoteSignature {
  return signText(closingText(closing), name, secret);
}

/** A closing as a signed note (C2SP signed-note). */
export function formatClosing(closing: Closing, signatures: readonly NoteSignature[]): string {
  return formatNote({ text: closingText(closing), signatures });
}

/**
 * A closing that at least one of the officers signed, and who did. A signature that says it is an officer's and is
 * not refuses it, whoever else signed.
 * @throws POLICY_INVALID
 */
export function openClosing(
  bytes: Uint8Array,
  officers: readonly NoteKey[],
): { readonly closing: Closing; readonly signers: readonly string[] } {
  const { text, signers } = textAndSigners(bytes, officers, invalid);
  if (signers.length === 0) throw invalid('signatures', 'no officer signed that it is closed');
  const parsed = form.safeParse(jsonUnder(HEADER, text, invalid));
  if (!parsed.success || closingText(parsed.data) !== text) {
    throw invalid('closing', 'not in the form that is signed');
  }
  return { closing: parsed.data, signers: signers.map(({ name }) => name) };
}

function invalid(path: string, reason: string): OpalineError {
  return new OpalineError('POLICY_INVALID', { path: `incident closing: ${path}`, reason });
}
