import { frame, unframe } from '../../bytes/framing.ts';

/** A custodian's answer: by group (reply-digest.ts has their order) and output, residues of one scalar. */
export interface Partials {
  /** The custodian's index. */
  readonly index: number;
  readonly scalars: readonly Uint32Array[];
}

const WHAT = 'partial decryptions';
const MOST_LIMBS = 16;
/** As many samples as the gate ever asks for at once. */
export const MOST_SCALARS: number = 1 << 16;

export function encodePartials({ index, scalars }: Partials): Uint8Array {
  const writer = frame('PART').u8(index).u32(scalars.length);
  for (const scalar of scalars) writer.words(scalar);
  return writer.finish();
}

/** @throws BYTES_INVALID; residues are checked where they are added up (keys/threshold/fuse.ts) */
export function decodePartials(bytes: Uint8Array): Partials {
  const reader = unframe(bytes, 'PART', WHAT);
  const index = reader.u8();
  const scalars = Array.from({ length: reader.count(4, MOST_SCALARS) }, () =>
    reader.words(MOST_LIMBS),
  );
  reader.end();
  return { index, scalars };
}
