import { type FrameType, FRAME_BYTES } from '../../bytes/framing.ts';
import { productParameters } from '../../params/presets.ts';
import { CUSTODY_FORMATS } from './custody-formats.ts';

/** The type of bytes of which only the magic number is SEAL's. */
export const SEAL_UNKNOWN = 'microsoft-seal';

/** What a validator may tell of a well-formed file: sizes and public names, never a secret. */
export type Facts = Readonly<
  Record<string, string | number | boolean | null | readonly number[] | readonly string[]>
>;

export interface Format {
  /** The name `opaline inspect` prints. */
  readonly type: string;
  /** Checks all of the file that can be checked without a key. Throws BYTES_INVALID or VERSION_UNSUPPORTED. */
  readonly validate: (data: Uint8Array) => Promise<Facts>;
}

const WHAT = 'the file';

/** Every format of Opaline's own, by the tag in its frame. Each parser is loaded when it is needed. */
export const FORMATS: Readonly<Record<FrameType, Format>> = {
  VALT: {
    type: 'vault-key',
    validate: async (data) => {
      const { checkKeyFile } = await import('./vault-file.ts');
      return checkKeyFile(data, WHAT);
    },
  },
  HEAD: {
    type: 'vault-heads',
    validate: async (data) => {
      const { checkHeadFile } = await import('./vault-file.ts');
      return checkHeadFile(data, WHAT);
    },
  },
  WRAP: {
    type: 'vault-wrapping-keys',
    validate: async (data) => {
      const { checkWrapFile } = await import('./vault-file.ts');
      return checkWrapFile(data, WHAT);
    },
  },
  GOVN: {
    type: 'vault-governance',
    validate: async (data) => {
      const { checkSealedFile } = await import('./vault-file.ts');
      return checkSealedFile(data, 'GOVN', WHAT);
    },
  },
  RLSE: {
    type: 'vault-release-state',
    validate: async (data) => {
      const { checkReleaseFile } = await import('./vault-file.ts');
      return checkReleaseFile(data, WHAT);
    },
  },
  BKUP: {
    type: 'vault-backup',
    validate: async (data) => {
      const { parseBackup } = await import('../../client/local/backup-format.ts');
      return { files: [...parseBackup(data, WHAT).keys()] };
    },
  },
  GONE: {
    type: 'deleted-rows',
    validate: async (data) => {
      const { checkDeletedRows } = await import('../../table/deleted-rows.ts');
      const { rows, count } = checkDeletedRows(data, WHAT);
      return { rows, deleted: count };
    },
  },
  SSEX: {
    type: 'sse-index',
    validate: async (data) => {
      const { parseIndex } = await import('../../search/sse/format.ts');
      const { rows, small, large } = parseIndex(data);
      return { rows, records: small.count + large.count };
    },
  },
  TAGX: {
    type: 'tag-index',
    validate: async (data) => {
      const { parseTags } = await import('../../search/tag/format.ts');
      const { rows, bits } = parseTags(data);
      return { rows, tagBits: bits };
    },
  },
  OREX: {
    type: 'ore-index',
    validate: async (data) => {
      const { parseOre } = await import('../../search/ore/format.ts');
      const { rows, blocks } = parseOre(data);
      return { rows, blocks };
    },
  },
  MTRA: {
    type: 'mitra-index',
    validate: async (data) => {
      const { parsePart } = await import('../../search/mitra/format.ts');
      const { rows, entries } = parsePart(data);
      return { rows, records: entries.count };
    },
  },
  IEXB: {
    type: 'iex-index',
    validate: async (data) => {
      const { parseIex } = await import('../../search/iex/format.ts');
      const { rows, tiny, small, large } = parseIex(data);
      return { rows, records: tiny.count + small.count + large.count };
    },
  },
  SSPD: {
    type: 'padded-index',
    validate: async (data) => {
      const { parsePart } = await import('../../search/padded/format.ts');
      const { rows, tables, side, longest } = parsePart(data).shape;
      return { rows, cells: tables * side, longest };
    },
  },
  SMTH: {
    type: 'smoothed-index',
    validate: async (data) => {
      const { parsePart } = await import('../../search/smooth/format.ts');
      const { rows, values } = parsePart(data);
      return { rows, values: values.count, bytes: values.stride };
    },
  },
  PIRX: {
    type: 'pir-index',
    validate: async (data) => {
      const { parsePir } = await import('../../search/pir/eval.ts');
      return { rows: parsePir(data, { what: WHAT }).rows };
    },
  },
  MNFT: {
    type: 'manifest',
    validate: async (data) => {
      const { parseManifest } = await import('../../table/manifest.ts');
      const { table, epoch, segments } = parseManifest(data, WHAT);
      const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
      return { table, epoch, segments: segments.length, rows, signature: 'not verified' };
    },
  },
  COLW: {
    type: 'column-wire',
    validate: async (data) => {
      const { parseWireColumn } = await import('../../table/column-part.ts');
      const column = parseWireColumn(data, WHAT);
      for (let i = 0; i < column.shape.chunks; i++) column.chunk(i);
      return { scheme: schemeOf(column.shape), ...column.shape };
    },
  },
  COLP: {
    type: 'column-whole',
    validate: async (data) => {
      const { parseWholeColumn } = await import('../../table/column-part.ts');
      const column = parseWholeColumn(data, WHAT);
      for (let i = 0; i < column.shape.chunks; i++) column.chunk(i);
      return { scheme: 'bfv', ...column.shape };
    },
  },
  COLR: {
    type: 'column-resident',
    validate: async (data) => {
      const { checkResidentColumn } = await import('./resident-column.ts');
      const shape = checkResidentColumn(data, WHAT);
      return { scheme: schemeOf(shape), ...shape };
    },
  },
  RECS: { type: 'records', validate: (data) => blobs('RECS', data) },
  SEAL: { type: 'sealed-metadata', validate: (data) => blobs('SEAL', data) },
  FRAG: {
    type: 'fragment',
    validate: async (data) => {
      const { decodeFragment } = await import('../../plan/fragment-codec.ts');
      const { table, epoch, work, segments } = decodeFragment(data);
      return { table, epoch, work: work.kind, segments: segments.length };
    },
  },
  AGGR: {
    type: 'aggregate-reply',
    validate: async (data) => {
      const { decodeAggregateReply } = await import('../../plan/fragment-codec.ts');
      return { groups: decodeAggregateReply(data).groups.length };
    },
  },
  SRCH: {
    type: 'search-request',
    validate: async (data) => {
      const { decodeSearch } = await import('../../store/protocol.ts');
      return { labels: decodeSearch(data).labels.length };
    },
  },
  FTCH: {
    type: 'fetch-request',
    validate: async (data) => {
      const { decodeFetch } = await import('../../store/protocol.ts');
      return { rows: decodeFetch(data).rows?.length ?? null };
    },
  },
  BLBS: {
    type: 'blobs-reply',
    validate: async (data) => {
      const { decodeBlobs } = await import('../../store/protocol.ts');
      return { blobs: decodeBlobs(data).length };
    },
  },
  MEMB: {
    type: 'members-reply',
    validate: async (data) => {
      const { decodeMembersReply } = await import('../../plan/fragment-codec.ts');
      return { segments: decodeMembersReply(data).segments.length };
    },
  },
  SCOR: {
    type: 'scores-reply',
    validate: async (data) => {
      const { decodeScoresReply } = await import('../../plan/fragment-scores.ts');
      return { segments: decodeScoresReply(data).segments.length };
    },
  },
  ROWR: {
    type: 'rows-reply',
    validate: async (data) => {
      const { decodeRowsReply } = await import('../../plan/fragment-codec.ts');
      return { segments: decodeRowsReply(data).segments.length };
    },
  },
  LDGR: {
    type: 'release-ledger',
    validate: async (data) => {
      const { checkLedger } = await import('../../gate/release/sealed-records.ts');
      return { records: checkLedger(data, WHAT) };
    },
  },
  LOGD: {
    type: 'log-details',
    validate: async (data) => {
      const { decodeDetails } = await import('../../audit/detail-file.ts');
      return { details: decodeDetails(data, WHAT).length };
    },
  },
  LOGK: {
    type: 'log-keys',
    validate: async (data) => {
      const { checkKeyFile } = await import('../../audit/subject-keys.ts');
      return { bytes: checkKeyFile(data, WHAT).length };
    },
  },
  ...CUSTODY_FORMATS,
};

async function blobs(type: 'RECS' | 'SEAL', data: Uint8Array): Promise<Facts> {
  const { parseBlobs } = await import('../../table/blob-part.ts');
  return { blobs: parseBlobs(type, data, WHAT).count };
}

export interface Identity {
  readonly type: string;
  readonly version: number | null;
  /** The tag of a format of ours. */
  readonly frame?: FrameType;
}

/** Microsoft SEAL's magic number 0xA15E, little-endian (native/src/seal/serialization.h). */
const SEAL_MAGIC = [0x5e, 0xa1];

/** What the first bytes say that a file is. */
export function identify(data: Uint8Array): Identity {
  if (data[0] === SEAL_MAGIC[0] && data[1] === SEAL_MAGIC[1]) {
    return { type: SEAL_UNKNOWN, version: null };
  }
  const letters = String.fromCharCode(...data.subarray(0, 8));
  const tag = letters.slice(4);
  if (data.length < FRAME_BYTES || !letters.startsWith('OPAL') || !isFrameType(tag)) {
    return { type: 'unknown', version: null };
  }
  return { type: FORMATS[tag].type, version: data[8]! | (data[9]! << 8), frame: tag };
}

function isFrameType(tag: string): tag is FrameType {
  return Object.hasOwn(FORMATS, tag);
}

/** The degree says which preset a column is of. */
function schemeOf({ n }: { n: number }): 'bfv' | 'bgv' {
  return n === productParameters().n ? 'bgv' : 'bfv';
}
