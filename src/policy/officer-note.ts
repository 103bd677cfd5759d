import type { NoteKey } from '../bytes/note-key.ts';
import { parseNote, requireSignature, signaturesBy } from '../bytes/note.ts';
import { isOpalineError, type OpalineError } from '../errors/opaline-error.ts';

/** How what is wrong with a note is told, by what it is a note of. */
export type Invalid = (path: string, reason: string) => OpalineError;

/**
 * The text of a note (C2SP signed-note) that every one of these officers signed.
 * @throws what `invalid` makes where there are no officers, a signature is missing or wrong, or it is no note
 */
export function textSignedByAll(
  bytes: Uint8Array,
  officers: readonly NoteKey[],
  invalid: Invalid,
): string {
  if (officers.length === 0) throw invalid('signatures', 'no officer is known');
  return told(invalid, () => {
    const note = parseNote(bytes, 'signatures');
    for (const officer of officers) requireSignature(note, officer, 'signatures');
    return note.text;
  });
}

/**
 * The text of a note, and which of these officers signed it. A signature that says it is an officer's and is not
 * refuses the note, whoever else signed.
 * @throws what `invalid` makes for such a one, or for what is no note
 */
export function textAndSigners(
  bytes: Uint8Array,
  officers: readonly NoteKey[],
  invalid: Invalid,
): { readonly text: string; readonly signers: readonly NoteKey[] } {
  return told(invalid, () => {
    const note = parseNote(bytes, 'signatures');
    const signers = officers.filter((officer) => {
      if (signaturesBy(note, officer).length === 0) return false;
      requireSignature(note, officer, 'signatures');
      return true;
    });
    return { text: note.text, signers };
  });
}

/**
 * The JSON that follows the header by which one kind of text is told from whatever else the same key may sign;
 * undefined: it is no JSON.
 * @throws what `invalid` makes for a text of another header
 */
export function jsonUnder(header: string, text: string, invalid: Invalid): unknown {
  const start = `${header}\n`;
  if (!text.startsWith(start)) throw invalid('header', `"${header}" is wanted`);
  try {
    return JSON.parse(text.slice(start.length));
  } catch {
    return undefined;
  }
}

/** What an officer signs: a header, then a value as JSON, indented by two. */
export function officerText(header: string, value: object): string {
  return `${header}\n${JSON.stringify(value, undefined, 2)}\n`;
}

function told<T>(invalid: Invalid, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
    throw invalid(error.details.what, error.details.reason);
  }
}
