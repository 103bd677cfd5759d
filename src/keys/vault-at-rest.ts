import { openBytes, sealBytes } from '../bytes/aead.ts';
import { Writer } from '../bytes/codec.ts';
import { wipe } from '../bytes/compare.ts';
import { frame, unframe } from '../bytes/framing.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { randomBytes } from '../bytes/random.ts';
import { joinKey, type KeyShare, type ShareSet, splitKey } from './shares.ts';

const KEY_BYTES = 32;
const DIGEST_BYTES = 32;
const WHAT = 'the vault at rest';

/**
 * A vault's key file, put to rest: AES-256-GCM under a fresh key that exists in shares alone. What is sealed is the
 * key file as it was, so that whoever joins the shares still needs its passphrase: a frame VALS, the division with
 * commitments to its shares, then the sealed bytes, bound to all of that.
 */
export async function putToRest(
  keyFile: Uint8Array,
  threshold: number,
  count: number,
): Promise<{ readonly file: Uint8Array; readonly shares: readonly KeyShare[] }> {
  const key = randomBytes(KEY_BYTES);
  try {
    const { set, shares } = await splitKey(key, threshold, count);
    const writer = frame('VALS').raw(fromHex(set.division, 'a division id'));
    writer.u8(set.threshold).u8(set.commitments.length);
    for (const commitment of set.commitments) writer.raw(commitment);
    const header = writer.finish();
    const sealed = sealBytes(key, keyFile, header);
    const file = new Writer(header.length + sealed.length).raw(header).raw(sealed).finish();
    return { file, shares };
  } finally {
    wipe(key);
  }
}

/** What a vault at rest says of its shares. @throws BYTES_INVALID */
export function readShareSet(file: Uint8Array): ShareSet {
  return parse(file).set;
}

/** The key file again. @throws SHARES_INVALID, BYTES_INVALID for an altered file */
export async function wakeUp(file: Uint8Array, shares: readonly KeyShare[]): Promise<Uint8Array> {
  const { set, header, sealed } = parse(file);
  const key = await joinKey(set, shares);
  try {
    return openBytes(key, sealed, header, WHAT);
  } finally {
    wipe(key);
  }
}

function parse(file: Uint8Array): { set: ShareSet; header: Uint8Array; sealed: Uint8Array } {
  const reader = unframe(file, 'VALS', WHAT);
  const division = toHex(reader.raw(16));
  const [threshold, count] = [reader.u8(), reader.u8()];
  if (threshold < 2 || threshold > count) reader.fail('it is of no division');
  const commitments = Array.from({ length: count }, () => reader.raw(DIGEST_BYTES).slice());
  const header = file.subarray(0, reader.offset);
  const sealed = reader.raw(reader.remaining);
  return { set: { division, threshold, commitments }, header, sealed };
}
