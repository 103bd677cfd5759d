const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8; undefined: it is none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return DECODER.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Parsed JSON; undefined: it is none. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes) ?? '');
  } catch {
    return undefined;
  }
}
