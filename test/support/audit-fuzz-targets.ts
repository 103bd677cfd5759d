import { parseCheckpoint, signCheckpoint } from '../../src/audit/checkpoint.ts';
import { decodeDetails, encodeDetails } from '../../src/audit/detail-file.ts';
import { decodeBundle, encodeBundle } from '../../src/audit/entry-bundle.ts';
import { decodeLeaf, encodeLeaf } from '../../src/audit/leaf.ts';
import {
  newSubjectKey,
  openSubjectKeys,
  sealingKeys,
  sealSubjectKeys,
} from '../../src/audit/subject-keys.ts';
import { formatProof, parseProof } from '../../src/audit/tlog-proof.ts';
import { utf8 } from '../../src/bytes/codec.ts';
import { sha256 } from '../../src/bytes/hash.ts';
import { formatKey, NOTE_SIGNATURE, noteKeyOfSecret, parseKey } from '../../src/bytes/note-key.ts';
import { parseNote } from '../../src/bytes/note.ts';
import { documentOf, policyText } from '../../src/policy/signed-policy.ts';
import { policyOf } from '../unit/policy/support.ts';
import type { Target } from './fuzz.ts';

const WHAT = 'the bytes';
const secret = new Uint8Array(32).fill(3);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What an audit log and a policy are read from. */
export function auditTargets(): Target[] {
  const head = { origin: 'example.com/log', size: 300, root: sha256(secret) };
  const note = utf8(signCheckpoint(head, secret));
  const hashes = [sha256(secret), sha256(note)];
  const details = hashes.map((hash) => ({ commitment: hash, digest: hash }));
  const leaf = encodeLeaf({ kind: 'release.intent', time: 1_700_000_000_000, details });
  const record = (index: number, part: number) => ({
    index,
    part,
    ref: new Uint8Array(16),
    sealed: secret,
  });
  const sealing = sealingKeys(secret);
  const keys = sealSubjectKeys([newSubjectKey(new Uint8Array(32))], 0, sealing);
  return [
    {
      name: 'checkpoint',
      seeds: [note],
      parse: (bytes) => parseCheckpoint(parseNote(bytes, WHAT).text, WHAT),
    },
    {
      name: 'log proof',
      seeds: [utf8(formatProof({ index: 7, hashes, checkpoint: text(note) }))],
      parse: parseProof,
    },
    {
      name: 'verifier key',
      seeds: [utf8(formatKey(noteKeyOfSecret('example.com/log', NOTE_SIGNATURE, secret)))],
      parse: (bytes) => parseKey(text(bytes)),
    },
    { name: 'log entry', seeds: [leaf], parse: (bytes) => decodeLeaf(bytes, WHAT) },
    {
      name: 'entry bundle',
      seeds: [encodeBundle([leaf, leaf, new Uint8Array(0)])],
      parse: (bytes) => decodeBundle(bytes, 3, WHAT),
    },
    {
      name: 'log details',
      seeds: [encodeDetails([record(256, 0), record(256, 1), record(300, 0)])],
      parse: (bytes) => decodeDetails(bytes, WHAT, 1),
    },
    { name: 'log keys', seeds: [keys], parse: (bytes) => openSubjectKeys(bytes, 0, sealing) },
    {
      name: 'policy',
      seeds: [utf8(policyText(policyOf()))],
      parse: (bytes) => documentOf(text(bytes)),
    },
  ];
}
