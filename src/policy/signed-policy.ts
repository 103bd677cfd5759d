import type { NoteKey } from '../bytes/note-key.ts';
import { formatNote, type NoteSignature, signText } from '../bytes/note.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { type PolicyDocument, readDocument } from './document.ts';
import { jsonUnder, officerText, textAndSigners, textSignedByAll } from './officer-note.ts';

/** Sets the text apart from whatever else the same key may sign. */
const HEADER = 'opaline policy v1';

/** The text of a policy that is signed: a header, then the document as JSON, indented by two. */
export function policyText(document: PolicyDocument): string {
  return officerText(HEADER, document);
}

/** A signature of a policy by whoever answers for it. */
export function signPolicy(
  document: PolicyDocument,
  name: string,
  secret: Uint8Array,
): NoteSignature {
  return signText(policyText(document), name, secret);
}

/** A policy as a file: a signed note (C2SP signed-note). */
export function formatPolicy(
  document: PolicyDocument,
  signatures: readonly NoteSignature[],
): string {
  return formatNote({ text: policyText(document), signatures });
}

/**
 * A policy that every one of these officers signed.
 * @throws POLICY_INVALID for what is not signed by them, or is no policy in its one form
 */
export function openPolicy(bytes: Uint8Array, officers: readonly NoteKey[]): PolicyDocument {
  return documentOf(textSignedByAll(bytes, officers, invalid));
}

/** The officers of a list that signed a policy, whatever others did. @throws POLICY_INVALID */
export function signersOf(bytes: Uint8Array, known: readonly NoteKey[]): readonly NoteKey[] {
  return textAndSigners(bytes, known, invalid).signers;
}

/**
 * Refuses a policy that does not follow the one in force: an older one that is brought again, or a branch.
 * @throws POLICY_INVALID
 */
export function checkSuccession(before: PolicyDocument | undefined, next: PolicyDocument): void {
  const revision = (before?.revision ?? 0) + 1;
  if (next.revision !== revision) {
    throw invalid('revision', `${next.revision}, and the next is ${revision}`);
  }
  if (before !== undefined && Date.parse(next.issued) < Date.parse(before.issued)) {
    throw invalid('issued', 'before the policy that it replaces');
  }
}

/** The document of a policy's text. @throws POLICY_INVALID */
export function documentOf(text: string): PolicyDocument {
  const json = jsonUnder(HEADER, text, invalid);
  if (json === undefined) throw invalid('document', 'not JSON');
  const read = readDocument(json);
  if ('issues' in read) {
    const { path, reason } = read.issues[0]!;
    throw invalid(path, reason);
  }
  // One form for each document: nothing that a reader sees and the program does not, such as a key given twice.
  if (policyText(read.document) !== text)
    throw invalid('document', 'not in the form that is signed');
  return read.document;
}

function invalid(path: string, reason: string): OpalineError {
  return new OpalineError('POLICY_INVALID', { path, reason });
}
