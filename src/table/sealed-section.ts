import { openBytes, sealBytes } from '../bytes/aead.ts';
import { utf8 } from '../bytes/codec.ts';
import { pad, padmeLength, unpad } from '../bytes/padding.ts';

const place = (segment: string, section: number): Uint8Array => utf8(`${segment}/${section}`);

/** The number under which the state of further index number `position` of a segment is sealed. */
export const rungSection = (position: number): number => RUNG_SECTIONS + position;

/** Past those of columns, of which a table has few. */
const RUNG_SECTIONS = 1 << 20;

/** Seal section `section` of a segment's metadata part, padded so that its size says little. */
export function sealSection(
  key: Uint8Array,
  segment: string,
  section: number,
  content: Uint8Array,
): Uint8Array {
  const padded = pad(content, padmeLength(Math.max(64, content.length + 1)));
  return sealBytes(key, padded, place(segment, section));
}

/** @throws BYTES_INVALID when it was altered or belongs elsewhere. */
export function openSection(
  key: Uint8Array,
  segment: string,
  section: number,
  sealed: Uint8Array,
): Uint8Array {
  const what = `metadata section ${section}`;
  return unpad(openBytes(key, sealed, place(segment, section), what), what);
}
