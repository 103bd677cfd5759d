import { OpalineError } from '../errors/opaline-error.ts';

/** Base 64 with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * The bytes of a canonical text: alphabet and padding of RFC 4648, section 4, and no bits beyond the last byte.
 * @throws BYTES_INVALID naming `what`
 */
export function fromBase64(text: string, what: string): Uint8Array {
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0) {
    const bytes = decode(text);
    // What encodes to another text had bits that are no byte's.
    if (bytes !== undefined && toBase64(bytes) === text) return bytes;
  }
  throw new OpalineError('BYTES_INVALID', { what, reason: 'not canonical base64' });
}

function decode(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}
