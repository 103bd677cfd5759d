import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64, toBase64 } from '../../../src/bytes/base64.ts';
import { sha256 } from '../../../src/bytes/hash.ts';
import { publicKeyOf } from '../../../src/bytes/signature.ts';
import {
  checkpointText,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from '../../../src/audit/checkpoint.ts';
import { cosign, cosignedBy } from '../../../src/audit/cosignature.ts';
import { EMPTY_ROOT } from '../../../src/audit/merkle.ts';
import {
  COSIGNATURE,
  formatKey,
  NOTE_SIGNATURE,
  noteKey,
  noteKeyOfSecret,
  parseKey,
} from '../../../src/bytes/note-key.ts';
import { formatNote, parseNote, requireSignature, signText } from '../../../src/bytes/note.ts';
import { formatProof, parseProof, verifyProof } from '../../../src/audit/tlog-proof.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const invalid = expect.objectContaining({ code: 'BYTES_INVALID' }) as Error;

/** The keys and the note of the package that the format comes from, golang.org/x/mod/sumdb/note. */
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETER_SECRET = fromBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'it').slice(1);
const ENOCH = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const TEXT =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n";
const PETER_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH_LINE =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';

describe('a verifier key', () => {
  test('has the published id, and is read back', () => {
    for (const text of [PETER, ENOCH]) expect(formatKey(parseKey(text))).toBe(text);
    expect(parseKey(PETER)).toMatchObject({ name: 'PeterNeumann', type: 1, id: 0xc74f20a3 });
    expect(publicKeyOf(PETER_SECRET)).toEqual(parseKey(PETER).publicKey);
  });

  test('with any part missing or any letter changed is none', () => {
    for (let i = 0; i < PETER.length; i++) {
      for (let j = i + 1; j <= PETER.length; j++) {
        if (i > 0 || j < PETER.length) expect(() => parseKey(PETER.slice(i, j))).toThrow(invalid);
      }
      const other = String.fromCharCode(PETER.charCodeAt(i) + 1);
      expect(() => parseKey(PETER.slice(0, i) + other + PETER.slice(i + 1))).toThrow(invalid);
    }
    // Right ids of a key of the wrong length and of an unknown type.
    const [long, odd] = [
      'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
      'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    ];
    expect(() => parseKey(long)).toThrow(invalid);
    expect(() => parseKey(odd)).toThrow(invalid);
  });

  test.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u3000b', 'a\nb', '\ud800'])(
    'of the name %j is none',
    (name) => {
      expect(() => noteKey(name, NOTE_SIGNATURE, new Uint8Array(32))).toThrow(invalid);
    },
  );
});

describe('a signed note', () => {
  test('is the published one, byte for byte', () => {
    const note = { text: TEXT, signatures: [signText(TEXT, 'PeterNeumann', PETER_SECRET)] };
    expect(formatNote(note)).toBe(`${TEXT}\n${PETER_LINE}`);
  });

  test('verifies for whoever signed it, and ignores others', () => {
    const bytes = utf8(`${TEXT}\n${PETER_LINE}${ENOCH_LINE}`);
    const note = parseNote(bytes, 'it');
    expect(note.text).toBe(TEXT);
    for (const key of [PETER, ENOCH]) requireSignature(note, parseKey(key), 'it');
    expect(formatNote(note)).toBe(new TextDecoder().decode(bytes));
    const stranger = noteKeyOfSecret('PeterNeumann', NOTE_SIGNATURE, sha256(utf8('another')));
    expect(() => requireSignature(note, stranger, 'it')).toThrow(/no signature by PeterNeumann/);
  });

  test('is refused where one signature that says it is the key’s is not, beside one that is', () => {
    const forged = PETER_LINE.replace('x08go/ZJ', 'x08go/ZK');
    const note = parseNote(utf8(`${TEXT}\n${PETER_LINE}${forged}`), 'it');
    expect(() => requireSignature(note, parseKey(PETER), 'it')).toThrow(/not valid/);
    const other = parseNote(utf8(`another ${TEXT}\n${PETER_LINE}`), 'it');
    expect(() => requireSignature(other, parseKey(PETER), 'it')).toThrow(/not valid/);
  });

  test.each([
    ['no signature', TEXT],
    ['an empty line and no signature', `${TEXT}\n`],
    ['no final newline', `${TEXT}\n${PETER_LINE.slice(0, -1)}`],
    ['a control character', `\u0001${TEXT}\n${PETER_LINE}`],
    ['a carriage return', `${TEXT}\r\n${PETER_LINE}`],
    ['a tab', `\t${TEXT}\n${PETER_LINE}`],
    ['a name with a space', `${TEXT}\n${PETER_LINE.replace('PeterN', 'Peter N')}`],
    ['a name with a plus', `${TEXT}\n${PETER_LINE.replace('PeterN', 'Peter+N')}`],
    ['a line that is no signature', `${TEXT}\n${PETER_LINE}Unexpected line.\n`],
    ['a hyphen for the dash', `${TEXT}\n${PETER_LINE.replace('—', '-')}`],
    ['base64 with bits to spare', `${TEXT}\n${PETER_LINE.replace('nAM=', 'nAN=')}`],
    ['a signature of a key id alone', `${TEXT}\n— PeterNeumann x08gow==\n`],
    ['too many signatures', `${TEXT}\n${PETER_LINE.repeat(101)}`],
    ['too many bytes', `${'x'.repeat(300_000)}\n\n${PETER_LINE}`],
  ])('with %s is none', (_, text) => {
    expect(() => parseNote(utf8(text), 'it')).toThrow(invalid);
  });

  test('that is not UTF-8 is none', () => {
    expect(() => parseNote(Uint8Array.of(0xff, ...utf8(`${TEXT}\n${PETER_LINE}`)), 'it')).toThrow(
      invalid,
    );
  });

  test('of any bytes is read or refused', () => {
    const letters = fc.constantFrom('\n', '— ', 'a', ' ', '+', '/', '=', 'x08go/ZJ', '\u0000', 'é');
    fc.assert(
      fc.property(fc.array(letters), (parts) => {
        try {
          const note = parseNote(utf8(parts.join('')), 'it');
          expect(formatNote(note)).toBe(parts.join(''));
        } catch (error) {
          expect(error).toEqual(invalid);
        }
      }),
    );
  });
});

const SECRET = sha256(utf8('a log'));
const ORIGIN = 'example.com/log';
const KEY = noteKeyOfSecret(ORIGIN, NOTE_SIGNATURE, SECRET);
const ROOT = sha256(utf8('a root'));
const HEAD = { origin: ORIGIN, size: 7, root: ROOT };

describe('a checkpoint', () => {
  test('is the specification’s example', () => {
    const text =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const parsed = parseCheckpoint(text, 'it');
    expect(parsed).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163 });
    expect(checkpointText(parsed)).toBe(text);
    expect(checkpointText(parseCheckpoint(`${text}more\nand more\n`, 'it'))).toBe(
      `${text}more\nand more\n`,
    );
  });

  test('that the log signed is opened by its key', () => {
    const bytes = utf8(signCheckpoint(HEAD, SECRET));
    expect(openCheckpoint(bytes, KEY, 'it')).toMatchObject(HEAD);
    for (let i = 0; i < bytes.length; i++) {
      const altered = bytes.slice();
      altered[i]! ^= 1;
      expect(() => openCheckpoint(altered, KEY, 'it'), `byte ${i}`).toThrow(invalid);
    }
  });

  test('of another log is refused, though the key signed it', () => {
    const text = checkpointText({ ...HEAD, origin: 'example.com/other', extensions: [] });
    const note = formatNote({ text, signatures: [signText(text, ORIGIN, SECRET)] });
    expect(() => openCheckpoint(utf8(note), KEY, 'it')).toThrow(/of another log/);
  });

  const root = toBase64(ROOT);
  test.each([
    ['two lines', `log\n1\n`],
    ['an empty line', `log\n1\n${root}\n\n`],
    ['no final newline', `log\n1\n${root}`],
    ['a size with a zero before it', `log\n01\n${root}\n`],
    ['a negative size', `log\n-1\n${root}\n`],
    ['a size in hexadecimal', `log\n0x1\n${root}\n`],
    ['a size past 2^53', `log\n9007199254740993\n${root}\n`],
    ['a short root', `log\n1\n${toBase64(ROOT.slice(1))}\n`],
    ['a root that is no base64', `log\n1\n${root.slice(0, -1)}\n`],
    ['a root of no entries that is not theirs', `log\n0\n${root}\n`],
  ])('with %s is none', (_, text) => {
    expect(() => parseCheckpoint(text, 'it')).toThrow(invalid);
  });

  test('of no entries has the root of none', () => {
    expect(parseCheckpoint(`log\n0\n${toBase64(EMPTY_ROOT)}\n`, 'it').size).toBe(0);
  });
});

describe('a cosignature', () => {
  const WITNESS_SECRET = sha256(utf8('a witness'));
  const witness = noteKeyOfSecret('witness.example/w1', COSIGNATURE, WITNESS_SECRET);
  const text = checkpointText({ ...HEAD, extensions: [] });
  const own = signText(text, ORIGIN, SECRET);
  const line = cosign(text, witness.name, WITNESS_SECRET, 1_679_315_147);

  test('is of its witness, at its time', () => {
    const note = parseNote(utf8(formatNote({ text, signatures: [own, line] })), 'it');
    expect(line.bytes.length).toBe(72);
    expect(cosignedBy(note, witness)).toEqual({ kind: 'cosigned', seconds: 1_679_315_147 });
    expect(openCheckpoint(utf8(formatNote(note)), KEY, 'it')).toMatchObject(HEAD);
    const stranger = noteKeyOfSecret('witness.example/w2', COSIGNATURE, WITNESS_SECRET);
    expect(cosignedBy(note, stranger)).toEqual({ kind: 'absent' });
  });

  test('has another key id than the same key’s signatures of notes', () => {
    const plain = noteKeyOfSecret(witness.name, NOTE_SIGNATURE, WITNESS_SECRET);
    expect(plain.id).not.toBe(witness.id);
    expect(parseKey(formatKey(witness))).toEqual(witness);
  });

  test('of another time, text or length is not valid', () => {
    for (let i = 0; i < line.bytes.length; i++) {
      const bytes = line.bytes.slice();
      bytes[i]! ^= 1;
      expect(cosignedBy({ text, signatures: [{ ...line, bytes }] }, witness).kind).toBe('invalid');
    }
    const short = { ...line, bytes: line.bytes.slice(0, -1) };
    expect(cosignedBy({ text, signatures: [short] }, witness).kind).toBe('invalid');
    expect(cosignedBy({ text: `${text}more\n`, signatures: [line] }, witness).kind).toBe('invalid');
    const twice = [line, { ...line, bytes: new Uint8Array(72) }];
    expect(cosignedBy({ text, signatures: twice }, witness).kind).toBe('invalid');
  });
});

describe('an offline proof', () => {
  const entry = utf8('an entry');
  const leaf = sha256(Uint8Array.of(0, ...entry));
  const checkpoint = signCheckpoint(
    { origin: ORIGIN, size: 2, root: sha256(Uint8Array.of(1, ...leaf, ...ROOT)) },
    SECRET,
  );
  const proof = { index: 0, hashes: [ROOT], checkpoint };

  test('is read back and verifies for its entry', () => {
    const text = formatProof(proof);
    expect(
      text.startsWith(`c2sp.org/tlog-proof@v1\nindex 0\n${toBase64(ROOT)}\n\n${ORIGIN}\n2\n`),
    ).toBe(true);
    expect(parseProof(utf8(text))).toEqual(proof);
    expect(parseProof(utf8(text.replace('index', `extra ${toBase64(ROOT)}\nindex`)))).toEqual(
      proof,
    );
    expect(verifyProof(proof, entry, KEY).size).toBe(2);
    expect(() => verifyProof(proof, utf8('another'), KEY)).toThrow(/does not show/);
    expect(() => verifyProof({ ...proof, index: 1 }, entry, KEY)).toThrow(/does not show/);
    expect(() => verifyProof({ ...proof, hashes: [] }, entry, KEY)).toThrow(/does not show/);
  });

  test.each([
    ['another header', formatProof(proof).replace('@v1', '@v2')],
    ['no index', formatProof(proof).replace('index 0\n', '')],
    ['an odd index', formatProof(proof).replace('index 0', 'index 00')],
    ['no checkpoint', formatProof(proof).replaceAll('\n\n', '\n')],
    ['a hash that is no base64', formatProof(proof).replace(toBase64(ROOT), '!')],
    ['nothing', ''],
  ])('with %s is none', (_, text) => {
    expect(() => parseProof(utf8(text))).toThrow(invalid);
  });
});
