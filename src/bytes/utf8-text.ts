/** Bytes of a text in UTF-8; a lone surrogate counts as the three of U+FFFD. */
export function utf8Length(text: string): number {
  if (typeof Buffer !== 'undefined') return Buffer.byteLength(text);
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A pair is two units and four bytes, two for each.
    bytes += unit < 0x800 || isPairAt(text, i, unit) ? 1 : 2;
  }
  return bytes;
}

/** Whether the unit at `i` is half of a surrogate pair. */
function isPairAt(text: string, i: number, unit: number): boolean {
  if (unit >= 0xd800 && unit < 0xdc00) return isBetween(text.charCodeAt(i + 1), 0xdc00, 0xe000);
  if (unit >= 0xdc00 && unit < 0xe000) return isBetween(text.charCodeAt(i - 1), 0xd800, 0xdc00);
  return false;
}

/** False for NaN, which is what lies beside a text's ends. */
const isBetween = (unit: number, from: number, to: number): boolean => unit >= from && unit < to;

/** The same text in memory of its own: an engine may keep a substring as a view that pins all of the text it is of. */
export function detachedText(text: string): string {
  if (typeof Buffer !== 'undefined') return Buffer.from(text).toString();
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}
