import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../../src/bytes/codec.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../../../src/bytes/note-key.ts';
import { formatNote, signText } from '../../../../src/bytes/note.ts';
import { bundleHash } from '../../../../src/policy/tool/bundle.ts';
import {
  formatCertificate,
  openCertificate,
  signCertificate,
  type ToolCertificate,
} from '../../../../src/policy/tool/certificate.ts';
import { BUNDLE } from './support.ts';

const CERTIFICATE: ToolCertificate = {
  tool: BUNDLE.name,
  bundle: bundleHash(BUNDLE),
  policy: '1'.repeat(64),
  report: '2'.repeat(64),
  issued: 1000,
  expires: 2000,
  limits: BUNDLE.limits,
};

const SECRETS = { max: new Uint8Array(32).fill(1), kim: new Uint8Array(32).fill(2) };
const key = (name: keyof typeof SECRETS) => noteKeyOfSecret(name, NOTE_SIGNATURE, SECRETS[name]);
const signed = (...names: (keyof typeof SECRETS)[]): string =>
  formatCertificate(
    CERTIFICATE,
    names.map((name) => signCertificate(CERTIFICATE, name, SECRETS[name])),
  );
const invalid = expect.objectContaining({ code: 'TOOL_INVALID' }) as Error;

describe('a certificate', () => {
  test('opens for the officers who all signed it', () => {
    const bytes = utf8(signed('max', 'kim'));
    expect(openCertificate(bytes, [key('max'), key('kim')])).toEqual(CERTIFICATE);
    expect(openCertificate(bytes, [key('kim')])).toEqual(CERTIFICATE);
  });

  test('is none without one of them, or where nobody is an officer', () => {
    expect(() => openCertificate(utf8(signed('max')), [key('max'), key('kim')])).toThrow(invalid);
    expect(() => openCertificate(utf8(signed('max')), [])).toThrow(invalid);
    const forged = formatCertificate(CERTIFICATE, [
      signCertificate(CERTIFICATE, 'max', SECRETS.kim),
    ]);
    expect(() => openCertificate(utf8(forged), [key('max')])).toThrow(invalid);
  });

  const note = utf8(signed('max'));
  test('of which a byte was altered is none', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: note.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (place, flip) => {
          const altered = note.slice();
          altered[place]! ^= flip;
          expect(() => openCertificate(altered, [key('max')])).toThrow(invalid);
        },
      ),
    );
  });

  const text = signed('max').slice(0, signed('max').indexOf('\n\n') + 1);
  test.each<[string, string]>([
    ['another header', text.replace('v1', 'v2')],
    ['another layout', text.replace(/\n +/g, ' ')],
    ['something more', text.replace('"issued"', '"more": 1,\n  "issued"')],
    ['an end before its beginning', text.replace('2000', '1000')],
    ['a digest that is none', text.replace('1111', 'xxxx')],
    ['no JSON', text.replace('{', '[')],
  ])('in its one form alone: not with %s, though it is signed', (_, other) => {
    expect(other).not.toBe(text);
    const signatures = [signText(other, 'max', SECRETS.max)];
    const bytes = utf8(formatNote({ text: other, signatures }));
    expect(() => openCertificate(bytes, [key('max')])).toThrow(invalid);
  });
});
