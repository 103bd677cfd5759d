import { Reader, Writer } from '../../bytes/codec.ts';
import { wipe } from '../../bytes/compare.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { Division } from '../../params/parameters.ts';
import { thresholdParameters } from '../../params/presets.ts';
import { packedBytes, packPolynomials, unpackPolynomials } from '../../table/column-part.ts';
import type { KdfCost } from '../kdf.ts';
import { openUnderPassphrase, sealUnderPassphrase } from '../passphrase-file.ts';
import type { SecretShare } from './partial.ts';

/** Everything a custodian knows: a share, and whom it answers. */
export interface CustodianShare {
  /** The id of the divided key. */
  readonly key: string;
  readonly division: Division;
  readonly custodians: number;
  readonly share: SecretShare;
  /** Ed25519 public keys: who signs the tables' manifests, and who signs requests. */
  readonly owner: Uint8Array;
  readonly gate: Uint8Array;
  /** The verifier key of the log in which every request is announced (bytes/note-key.ts). */
  readonly log: string;
}

const KINDS = ['dealt', 'joint'] as const;
const PUBLIC_KEY_BYTES = 32;

/** A custodian's file: its share, sealed under the custodian's own passphrase. */
export async function sealCustodianShare(
  custodian: CustodianShare,
  passphrase: string,
  cost?: KdfCost,
): Promise<Uint8Array> {
  const { key, division, custodians, share, owner, gate, log } = custodian;
  const packed = packPolynomials(thresholdShape(division), [share.residues]);
  const content = new Writer(1 << 18)
    .raw(fromHex(key, 'a key id'))
    .u8(division.parties)
    .u8(division.quorum)
    .u8(custodians)
    .u8(share.index)
    .u8(KINDS.indexOf(share.kind))
    .raw(owner)
    .raw(gate)
    .text(log)
    .raw(packed)
    .finish();
  try {
    return await sealUnderPassphrase('CSHR', content, passphrase, cost);
  } finally {
    wipe(content, packed);
  }
}

/** @throws PASSPHRASE_WRONG, BYTES_INVALID, PARAMETERS_INVALID */
export async function openCustodianShare(
  file: Uint8Array,
  passphrase: string,
  path: string,
): Promise<CustodianShare> {
  const content = await openUnderPassphrase('CSHR', file, passphrase, path);
  try {
    const reader = new Reader(content, path);
    const key = toHex(reader.raw(16));
    const division = { parties: reader.u8(), quorum: reader.u8() };
    const custodians = reader.u8();
    const index = reader.u8();
    if (index < 1 || index > custodians || custodians < division.quorum) {
      reader.fail('it is of no custodian');
    }
    const kind = KINDS[reader.u8()] ?? reader.fail('an unknown kind of share');
    if ((kind === 'joint') !== division.parties > 1) reader.fail('a share of another kind of key');
    const owner = reader.raw(PUBLIC_KEY_BYTES).slice();
    const gate = reader.raw(PUBLIC_KEY_BYTES).slice();
    const log = reader.text();
    const shape = thresholdShape(division);
    const residues = unpackPolynomials(shape, reader.raw(packedBytes(shape)), 1, path);
    reader.end();
    return { key, division, custodians, share: { index, kind, residues }, owner, gate, log };
  } finally {
    wipe(content);
  }
}

function thresholdShape(division: Division): { n: number; primes: readonly number[] } {
  const { n, dataPrimes } = thresholdParameters(division);
  return { n, primes: dataPrimes };
}
