import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fromBase64Url, toBase64Url } from '../../../src/bytes/base64url.ts';
import { detachedText, utf8Length } from '../../../src/bytes/utf8-text.ts';

const NodeBuffer = Buffer;
afterEach(() => vi.unstubAllGlobals());

/** Any units, lone surrogates among them. */
const texts = fc
  .string({ unit: 'binary', maxLength: 40 })
  .chain((text) =>
    fc.constantFrom(text, `${text}\ud83d`, `\ude00${text}`, `\ud83d\ud83d\ude00${text}`),
  );

describe.each(['Node', 'a browser'])('a text in %s', (where) => {
  const asThere = (): void => void (where === 'a browser' && vi.stubGlobal('Buffer', undefined));

  it('has as many bytes as its UTF-8', () => {
    asThere();
    fc.assert(
      fc.property(texts, (text) => {
        expect(utf8Length(text)).toBe(NodeBuffer.byteLength(text));
      }),
    );
  });

  it('is the same when it is detached', () => {
    asThere();
    fc.assert(
      fc.property(texts, (text) => {
        expect(detachedText(text)).toBe(NodeBuffer.from(text).toString());
      }),
    );
    expect(detachedText('\ufeffmark')).toBe('\ufeffmark');
  });
});

describe('base64 for URLs', () => {
  it('is RFC 4648’s, and comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toBe(NodeBuffer.from(bytes).toString('base64url'));
        expect(fromBase64Url(text)).toEqual(bytes);
      }),
    );
  });

  it('takes no second text of the same bytes', () => {
    expect(fromBase64Url('AA')).toEqual(Uint8Array.of(0));
    for (const text of ['AB', 'AA=', 'AA==', 'A', 'A A', '+/', 'AA\n', 'é']) {
      expect(fromBase64Url(text)).toBeUndefined();
    }
  });
});
