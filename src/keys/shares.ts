import { combine, split } from 'shamir-secret-sharing';
import { equalBytes, wipe } from '../bytes/compare.ts';
import { Reader, utf8, Writer } from '../bytes/codec.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { sha256 } from '../bytes/hash.ts';
import { randomId } from '../bytes/random.ts';
import { OpalineError } from '../errors/opaline-error.ts';

/** One of the shares of a 32-byte key (Shamir over GF(2^8), by the package shamir-secret-sharing). */
export interface KeyShare {
  /** Of the division, 32 hex digits: shares of different divisions do not mix. */
  readonly division: string;
  readonly threshold: number;
  readonly count: number;
  /** From 1, for people; the point it was taken at is within `bytes`. */
  readonly number: number;
  /** A byte for each of the key's, then the point. */
  readonly bytes: Uint8Array;
}

/** What is public of a division: with it a share is known for wrong before it is used. */
export interface ShareSet {
  readonly division: string;
  readonly threshold: number;
  /** SHA-256 commitments to the shares, by number: a share is as good as random, so they hide it. */
  readonly commitments: readonly Uint8Array[];
}

const KEY_BYTES = 32;
const SHARE_BYTES = KEY_BYTES + 1;
const CHECK_BYTES = 4;
const TEXT_START = 'OPALINE-SHARE-1';

/** @throws SHARES_INVALID unless 2 ≤ threshold ≤ count ≤ 255 */
export async function splitKey(
  key: Uint8Array,
  threshold: number,
  count: number,
): Promise<{ readonly set: ShareSet; readonly shares: readonly KeyShare[] }> {
  const whole = Number.isInteger(threshold) && Number.isInteger(count);
  if (!whole || threshold < 2 || threshold > count || count > 255) {
    throw invalid('a key is split into 2 to 255 shares, of which 2 or more are needed');
  }
  const division = randomId();
  const made = await split(key, count, threshold);
  const shares = made.map((bytes, i) => ({ division, threshold, count, number: i + 1, bytes }));
  return { set: { division, threshold, commitments: shares.map(commitmentTo) }, shares };
}

/**
 * The key of enough different shares; more than are needed are checked, too.
 * @throws SHARES_INVALID for a share of another division, one that was altered, one given twice, or too few
 */
export async function joinKey(set: ShareSet, shares: readonly KeyShare[]): Promise<Uint8Array> {
  const { division, threshold, commitments } = set;
  const seen = new Set<number>();
  for (const share of shares) {
    const { number } = share;
    if (share.division !== division) throw invalid(`share ${number} is of another division`);
    const commitment = commitments[number - 1];
    if (commitment === undefined || !equalBytes(commitment, commitmentTo(share))) {
      throw invalid(`share ${number} is not as it was made`);
    }
    if (seen.has(number)) throw invalid(`share ${number} is given twice`);
    seen.add(number);
  }
  if (seen.size < threshold) {
    throw invalid(`${seen.size} of the ${threshold} that are needed`);
  }
  return await combine(shares.map(({ bytes }) => bytes));
}

/** A share as bytes. */
export function encodeShare({ division, threshold, count, number, bytes }: KeyShare): Uint8Array {
  return new Writer(64)
    .raw(fromHex(division, 'a division id'))
    .u8(threshold)
    .u8(count)
    .u8(number)
    .raw(bytes)
    .finish();
}

/** @throws BYTES_INVALID */
export function decodeShare(bytes: Uint8Array, what: string): KeyShare {
  const reader = new Reader(bytes, what);
  const division = toHex(reader.raw(16));
  const [threshold, count, number] = [reader.u8(), reader.u8(), reader.u8()];
  if (threshold < 2 || threshold > count || number < 1 || number > count) reader.fail('no share');
  const share = { division, threshold, count, number, bytes: reader.raw(SHARE_BYTES).slice() };
  reader.end();
  return share;
}

/** A share to print and to type in again: hex in groups of four, the last two a checksum. */
export function shareText(share: KeyShare): string {
  const bytes = encodeShare(share);
  const hex = `${toHex(bytes)}${toHex(sha256(bytes).subarray(0, CHECK_BYTES))}`.toUpperCase();
  wipe(bytes);
  return `${TEXT_START} ${(hex.match(/.{1,4}/g) ?? []).join(' ')}`;
}

/** Reads what `shareText` gives, in any case and spacing. @throws BYTES_INVALID for another text, or a typing error */
export function parseShareText(text: string, what: string): KeyShare {
  const fail = (reason: string): never => {
    throw new OpalineError('BYTES_INVALID', { what, reason });
  };
  const compact = text.toUpperCase().replace(/[\s]/g, '');
  if (!compact.startsWith(TEXT_START)) fail(`it begins with ${TEXT_START}`);
  const hex = compact.slice(TEXT_START.length).toLowerCase();
  if (!/^([0-9a-f]{2})+$/.test(hex)) fail('it is of digits and the letters A to F');
  const all = fromHex(hex, what);
  const bytes = all.subarray(0, Math.max(0, all.length - CHECK_BYTES));
  if (!equalBytes(sha256(bytes).subarray(0, CHECK_BYTES), all.subarray(bytes.length))) {
    fail('its checksum does not match: a typing error');
  }
  return decodeShare(bytes, what);
}

function commitmentTo(share: KeyShare): Uint8Array {
  const bytes = encodeShare(share);
  const text = new Writer(128).raw(utf8('opaline/1/share')).raw(bytes).finish();
  const commitment = sha256(text);
  wipe(bytes, text);
  return commitment;
}

function invalid(reason: string): OpalineError<'SHARES_INVALID'> {
  return new OpalineError('SHARES_INVALID', { reason });
}
