import { OpalineError } from '../errors/opaline-error.ts';
import { Reader, Writer } from './codec.ts';

/**
 * Every file and part of Opaline starts with 16 bytes: "OPAL", a type tag of four letters, the
 * format version (u16), 6 reserved zero bytes. `opaline inspect` knows a file by them.
 */
export const FRAME_BYTES = 16;

export type FrameType =
  | 'VALT' // vault key file
  | 'HEAD' // pinned epochs of a vault
  | 'WRAP' // a vault's wrapping keys, one or two a table
  | 'GOVN' // who may ask, consent, uses: a file of a vault's governance
  | 'RLSE' // whether a vault's releases are verified and open
  | 'BKUP' // backup of a vault's files
  | 'MNFT' // table manifest
  | 'COLW' // column, wire form: seeds and packed c0
  | 'COLP' // column under a public key, wire form: both polynomials packed
  | 'COLR' // column, resident form: limbs
  | 'SSEX' // sse index
  | 'TAGX' // tag index
  | 'OREX' // ore index
  | 'MTRA' // mitra index, or a batch of updates of one
  | 'IEXB' // iex index
  | 'SSPD' // padded index
  | 'SMTH' // smoothed index
  | 'PIRX' // pir index
  | 'RECS' // sealed records
  | 'SEAL' // sealed segment metadata: dictionary, bounds, boundaries
  | 'GONE' // deleted rows of a segment
  | 'FRAG' // fragment
  | 'AGGR' // aggregate reply
  | 'ROWR' // rows reply
  | 'MEMB' // members reply
  | 'SCOR' // scores reply
  | 'SRCH' // index search request
  | 'FTCH' // fetch request
  | 'BLBS' // reply of a search or fetch
  | 'LDGR' // what was released of a table
  | 'VALS' // vault key file at rest, under a key that is in shares
  | 'SHAR' // share of a vault's key, sealed
  | 'DKEY' // public key of a divided ring secret
  | 'CUST' // what a vault knows of its custodians
  | 'CSHR' // a custodian's share of a ring secret, sealed
  | 'PREQ' // request for partial decryptions
  | 'PART' // partial decryptions
  | 'DONE' // what a custodian has answered
  | 'LOGD' // sealed details of an audit log
  | 'LOGK'; // an audit log's keys of subjects

/** Format version of every type; a reader refuses others with VERSION_UNSUPPORTED. */
export const FORMAT_VERSION = 1;

export function frame(type: FrameType, capacity?: number): Writer {
  const writer = new Writer(capacity);
  for (const letter of `OPAL${type}`) writer.u8(letter.charCodeAt(0));
  return writer.u16(FORMAT_VERSION).raw(new Uint8Array(6));
}

/** A reader placed after a valid frame of that type. */
export function unframe(data: Uint8Array, type: FrameType, what: string): Reader {
  const reader = new Reader(data, what);
  reader.magic('OPAL');
  reader.magic(type);
  const version = reader.u16();
  if (version !== FORMAT_VERSION) {
    throw new OpalineError('VERSION_UNSUPPORTED', {
      what,
      version,
      supported: `${FORMAT_VERSION}`,
    });
  }
  if (reader.raw(6).some((byte) => byte !== 0)) reader.fail('reserved bytes are not zero');
  return reader;
}

/** True where the bytes begin as a frame of that type does; nothing else is checked. */
export function isFrame(data: Uint8Array, type: FrameType): boolean {
  return Array.from(`OPAL${type}`).every((letter, i) => data[i] === letter.charCodeAt(0));
}
