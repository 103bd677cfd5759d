import { describe, expect, test } from 'vitest';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../../src/bytes/note-key.ts';
import { formatNote, signText } from '../../../src/bytes/note.ts';
import { readDocument } from '../../../src/policy/document.ts';
import {
  checkSuccession,
  documentOf,
  formatPolicy,
  openPolicy,
  policyText,
  signersOf,
  signPolicy,
} from '../../../src/policy/signed-policy.ts';
import { ALLOW, policyOf, PURPOSE } from './support.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const refused = expect.objectContaining({ code: 'POLICY_INVALID' }) as Error;
const officer = (name: string, byte: number) => {
  const secret = new Uint8Array(32).fill(byte);
  return { name, secret, key: noteKeyOfSecret(name, NOTE_SIGNATURE, secret) };
};
const [dpo, head] = [officer('dpo', 1), officer('head', 2)];
const policy = policyOf();
const signed = (...by: (typeof dpo)[]): Uint8Array =>
  utf8(
    formatPolicy(
      policy,
      by.map(({ name, secret }) => signPolicy(policy, name, secret)),
    ),
  );

describe('a signed policy', () => {
  test('opens for the officers who signed it, all of them', () => {
    expect(openPolicy(signed(dpo), [dpo.key])).toEqual(policy);
    expect(openPolicy(signed(dpo, head), [head.key, dpo.key])).toEqual(policy);
    expect(() => openPolicy(signed(dpo), [dpo.key, head.key])).toThrow(/no signature by head/);
    expect(() => openPolicy(signed(dpo), [])).toThrow(/no officer is known/);
    expect(signersOf(signed(dpo), [head.key, dpo.key])).toEqual([dpo.key]);
  });

  test('with any byte changed does not', () => {
    const bytes = signed(dpo);
    for (let i = 0; i < bytes.length; i++) {
      const altered = bytes.slice();
      altered[i]! ^= 1;
      expect(() => openPolicy(altered, [dpo.key]), `byte ${i}`).toThrow(refused);
    }
  });

  test('has one form: what a person reads is what the program read', () => {
    const text = policyText(policy);
    expect(documentOf(text)).toEqual(policy);
    for (const other of [
      text.replace('"cohort": 10,', '"cohort": 1,\n  "cohort": 10,'),
      text.replace('"cohort": 10', '"cohort":  10'),
      text.replace('policy v1', 'policy v2'),
      text.replace('{', ''),
      `${text}\n`,
    ]) {
      const note = formatNote({ text: other, signatures: [signText(other, dpo.name, dpo.secret)] });
      expect(() => openPolicy(utf8(note), [dpo.key])).toThrow(refused);
    }
  });

  test('follows the one before it, and no other', () => {
    const next = policyOf({ revision: 2, issued: '2026-02-01T00:00:00Z' });
    checkSuccession(undefined, policy);
    checkSuccession(policy, next);
    expect(() => checkSuccession(undefined, next)).toThrow(refused);
    expect(() => checkSuccession(next, policy)).toThrow(refused);
    expect(() => checkSuccession(policy, policy)).toThrow(refused);
    expect(() => checkSuccession(policy, { ...next, revision: 3 })).toThrow(refused);
    expect(() => checkSuccession(policy, { ...next, issued: '2025-01-01T00:00:00Z' })).toThrow(
      refused,
    );
  });
});

describe('a document', () => {
  const issuesOf = (changes: object): string[] => {
    const read = readDocument({ ...policy, ...changes });
    return 'issues' in read ? read.issues.map(({ path }) => path) : [];
  };
  const purposes = (changes: object) => ({ purposes: { quality: { ...PURPOSE, ...changes } } });
  const rules = (changes: object) => ({ rules: [{ ...ALLOW, ...changes }] });

  test.each<[string, object, string]>([
    ['an unknown key', { cohrt: 10 }, 'document'],
    ['an assessment that may be', { assessment: 'wanted' }, 'assessment'],
    ['no cohort', { cohort: undefined }, 'cohort'],
    ['a cohort of nobody', { cohort: 0 }, 'cohort'],
    ['a revision of zero', { revision: 0 }, 'revision'],
    ['a date that is none', { issued: 'today' }, 'issued'],
    ['a purpose with an odd name', { purposes: { 'Quality!': PURPOSE } }, 'purposes.Quality!'],
    ['a purpose without fields', purposes({ fields: [] }), 'purposes.quality.fields'],
    ['a purpose without a quota', purposes({ quota: undefined }), 'purposes.quality.quota'],
    [
      'a quota of an unknown period',
      purposes({ quota: { limit: 1, per: 'month' } }),
      'purposes.quality.quota.per',
    ],
    [
      'a purpose that says nothing of consent',
      purposes({ consent: undefined }),
      'purposes.quality.consent',
    ],
    ['a rule with another effect', rules({ effect: 'permit' }), 'rules.0.effect'],
    ['a rule for nobody', rules({ principals: [] }), 'rules.0.principals'],
    ['a rule for an odd principal', rules({ principals: ['Role:x'] }), 'rules.0.principals.0'],
    ['a rule of a purpose that is not there', rules({ purposes: ['other'] }), 'rules.0.purposes'],
    ['a rule of an unknown operation', rules({ operations: ['export'] }), 'rules.0.operations.0'],
    ['a rule of no columns', rules({ fields: [] }), 'rules.0.fields'],
  ])('with %s is none', (_, changes, path) => {
    expect(issuesOf(changes)).toContain(path);
  });

  test('that is no object is none', () => {
    for (const json of [null, 7, 'policy', []]) {
      expect(readDocument(json)).toMatchObject({ issues: [{ path: 'document' }] });
    }
  });
});
