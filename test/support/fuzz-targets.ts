import { sealBytes } from '../../src/bytes/aead.ts';
import { Reader, utf8, Writer } from '../../src/bytes/codec.ts';
import { wordBytes, wordsOf } from '../../src/bytes/codec.ts';
import { fromHex } from '../../src/bytes/hex.ts';
import { frame, unframe } from '../../src/bytes/framing.ts';
import { sha256 } from '../../src/bytes/hash.ts';
import { pad, unpad } from '../../src/bytes/padding.ts';
import { publicKeyOf } from '../../src/bytes/signature.ts';
import { inspectBytes } from '../../src/cli/inspect/inspect-file.ts';
import { encodeBackup, parseBackup } from '../../src/client/local/backup-format.ts';
import { decodePins } from '../../src/client/local/pins.ts';
import { decodeReleaseState } from '../../src/client/local/release-state.ts';
import { decodeWrappingKeys } from '../../src/client/local/wrapping-keys.ts';
import { checkResidentColumn } from '../../src/cli/inspect/resident-column.ts';
import { inspectSeal } from '../../src/cli/inspect/seal-file.ts';
import { checkHeadFile, checkKeyFile } from '../../src/cli/inspect/vault-file.ts';
import { SEAL_TYPES } from '../../src/engine/seal/inspect/object-types.ts';
import {
  parseModulusChain,
  parseSealObject,
  recogniseSeal,
} from '../../src/engine/seal/inspect/seal-object.ts';
import { readPlaintext, readSecretKey } from '../../src/engine/seal/wire-plaintext.ts';
import { readCiphertext, readSeededCiphertext } from '../../src/engine/seal/wire.ts';
import { fromWire, isOpalineError, toWire } from '../../src/errors/index.ts';
import { openVaultFile, sealVault } from '../../src/keys/sealed.ts';
import {
  decodeAggregateReply,
  decodeFragment,
  decodeMembersReply,
  decodeRowsReply,
  encodeAggregateReply,
  encodeFragment,
  encodeMembersReply,
  encodeRowsReply,
} from '../../src/plan/fragment-codec.ts';
import { decodeScoresReply, encodeScoresReply } from '../../src/plan/fragment-scores.ts';
import { decodePartial, encodePartial } from '../../src/run/evaluate/partial-codec.ts';
import { keyword, KEYWORD_KIND } from '../../src/search/keyword.ts';
import { buildPadded } from '../../src/search/padded/build.ts';
import { parsePadded } from '../../src/search/padded/eval.ts';
import { openPadded } from '../../src/search/padded/token.ts';
import { buildSmooth } from '../../src/search/smooth/build.ts';
import { parseSmooth } from '../../src/search/smooth/eval.ts';
import { openSmooth } from '../../src/search/smooth/token.ts';
import { decodeBoundaries, encodeBoundaries } from '../../src/search/sse/boundaries.ts';
import { buildIndex } from '../../src/search/sse/build.ts';
import { lookupPosting, lookupSealed } from '../../src/search/sse/eval.ts';
import { parseIndex } from '../../src/search/sse/format.ts';
import { decodePosting, encodePosting, postingBits } from '../../src/search/sse/posting.ts';
import { edgeLabel, nullToken, valueToken } from '../../src/search/sse/token.ts';
import { encodeEdge, labelOf, openSealedEdge, sealEdge } from '../../src/search/sse/token/edge.ts';
import { listHead, openList } from '../../src/search/sse/token/list.ts';
import { judgeList } from '../../src/search/sse/token/proof.ts';
import { encodeBlobs, parseBlobs } from '../../src/table/blob-part.ts';
import { canonicalBytes, decodeCanonical } from '../../src/table/canonical.ts';
import {
  encodeResidentColumn,
  encodeWireColumn,
  parseResidentColumn,
  parseWireColumn,
} from '../../src/table/column-part.ts';
import {
  checkDeletedRows,
  encodeDeletedRows,
  parseDeletedRows,
} from '../../src/table/deleted-rows.ts';
import { openManifestContent } from '../../src/table/manifest-content.ts';
import { parseManifest, signManifest, verifyManifest } from '../../src/table/manifest.ts';
import { decodeRecord, RecordEncoder } from '../../src/table/record.ts';
import { RowSet } from '../../src/table/row-set.ts';
import { parseSchema } from '../../src/table/schema-json.ts';
import {
  decodeColumnSection,
  decodeSegmentMeta,
  encodeColumnSection,
  encodeSegmentMeta,
} from '../../src/table/segment-meta.ts';
import type { ColumnData, ColumnType } from '../../src/table/value.ts';
import { auditTargets } from './audit-fuzz-targets.ts';
import type { Target } from './fuzz.ts';
import { rungTargets } from './fuzz-rungs.ts';
import { GOLDEN, goldenBytes, parmsBytes } from './hostile-vectors.ts';
import { tagAndOreTargets } from './rung-fuzz-targets.ts';

const WHAT = 'the bytes';
const ID = '00112233445566778899aabbccddeeff';
const key = new Uint8Array(32).fill(3);
const seed = new Uint8Array(64).fill(7);

function sealTargets(): Target[] {
  const chain = parseModulusChain(parmsBytes('bfv1024'));
  const [level] = chain.data;
  const { parmsId } = level!;
  const shape = { parmsId, n: 1024, primes: level!.primes.map(Number) };
  const bytesOf = (type: string, end = '.none.bin'): Uint8Array[] =>
    GOLDEN.filter(
      ({ file, type: its }) => file.startsWith('bfv') && its === type && file.endsWith(end),
    ).map(({ file }) => goldenBytes(file));
  const compressed = SEAL_TYPES.flatMap((type) => [
    ...bytesOf(type, '.zlib.bin'),
    ...bytesOf(type, '.zstd.bin'),
  ]);
  const keyPrimes = chain.key.primes.map(Number);
  return [
    ...SEAL_TYPES.map((type): Target => ({
      name: `SEAL ${type}`,
      seeds: bytesOf(type),
      parse: (bytes) => parseSealObject(bytes, type, { chain }),
    })),
    {
      name: 'SEAL, recognised',
      seeds: SEAL_TYPES.flatMap((type) => bytesOf(type).slice(0, 1)),
      parse: (bytes) => recogniseSeal(bytes),
    },
    {
      name: 'SEAL, compressed',
      seeds: compressed,
      parse: async (bytes) => {
        const { error } = await inspectSeal(bytes, undefined, undefined);
        if (error !== undefined) throw error;
      },
    },
    {
      name: 'wire ciphertext',
      seeds: [goldenBytes('bfv1024.ct.none.bin')],
      parse: (bytes) => readCiphertext(bytes, shape),
    },
    {
      name: 'wire seeded ciphertext',
      seeds: [goldenBytes('bfv1024.ct_seeded.none.bin')],
      parse: (bytes) => readSeededCiphertext(bytes, shape),
    },
    {
      name: 'wire plaintext',
      seeds: [goldenBytes('bfv1024.pt.none.bin')],
      parse: (bytes) => readPlaintext(bytes, 1024, 1n << 17n),
    },
    {
      name: 'wire secret key',
      seeds: [goldenBytes('bfv1024.sk.none.bin')],
      parse: (bytes) => readSecretKey(bytes, chain.key.parmsId, 1024, keyPrimes),
    },
  ];
}

function tableTargets(): Target[] {
  const shape = { n: 8, primes: [97, 113] };
  const c0 = Uint32Array.from({ length: 16 }, (_, i) => i);
  const resident = encodeResidentColumn(shape, [{ c0, c1: c0, seed }]);
  const owner = publicKeyOf(key);
  const part = { id: ID, bytes: 100, digest: key };
  const parts = { index: part, records: part, metadata: part, columns: [part, part] };
  const deleted = { rows: 3, part };
  const rungs = [{ parts: [part, part], state: part }];
  const segments = [{ id: ID, rows: 10, birthEpoch: 1, deleted, rungs, ...parts }];
  const delta = [{ id: ID, rows: 4, birthEpoch: 2, records: part }];
  const manifest = signManifest({ table: ID, epoch: 3, segments, delta, owner, sealed: seed }, key);
  const schema = {
    version: 1,
    table: 'fuzzed',
    subject: 'id',
    columns: {
      id: { type: 'integer', range: ['-5', '100'] },
      fee: { type: 'decimal', scale: 2, nullable: true, category: 'financial' },
      rate: { type: 'real' },
      name: { type: 'text', search: [] },
    },
    pairs: [['id', 'fee']],
    undeclared: 'product',
    layout: 'random',
  };
  const { columns } = parseSchema(schema);
  const valid = Uint8Array.of(1);
  const data: ColumnData[] = [
    { kind: 'int', values: Float64Array.of(-77), valid },
    { kind: 'big', values: [10n ** 30n], valid },
    { kind: 'real', values: Float64Array.of(0.5), valid },
    { kind: 'text', values: ['a name'], valid },
  ];
  const record = new RecordEncoder(data).encode(0).slice();
  const meta = encodeSegmentMeta({
    products: [
      { factors: [0], first: 0, limbs: 2, width: 16, maxAbs: 77n },
      { factors: [0, 1], first: 2, limbs: 3, width: 16, maxAbs: 10n ** 20n },
    ],
    factors: [{ column: 0, first: 5, limbs: 2, width: 18, maxAbs: 77n }],
    columns: [{ nulls: 1, distinct: 5, equality: true, range: true, parts: true }],
  });
  const checked = encodeSegmentMeta({
    products: [{ factors: [0], first: 0, limbs: 1, width: 16, maxAbs: 1n }],
    factors: [],
    columns: [],
    checks: {
      origin: { segment: ID, epoch: 3 },
      first: 2,
      of: Uint32Array.of(0, 1),
      totals: [5, 2 ** 47],
      buckets: 3,
    },
  });
  const section = encodeColumnSection({
    dictionary: [{ value: utf8('a'), rows: 3 }],
    boundaries: seed,
  });
  const values: [ColumnType, bigint | number | string][] = [
    ['integer', -(10n ** 300n)],
    ['decimal', 255n],
    ['real', -1.5],
    ['text', 'ä'],
  ];
  return [
    {
      name: 'column in wire form',
      seeds: [
        encodeWireColumn(shape, [
          { c0, seed },
          { c0, seed },
        ]),
      ],
      parse: (bytes) => {
        const column = parseWireColumn(bytes, WHAT);
        for (let i = 0; i < column.shape.chunks; i++) column.chunk(i);
      },
    },
    {
      name: 'column in resident form',
      seeds: [resident],
      parse: (bytes) => {
        const column = parseResidentColumn(bytes, WHAT);
        column.words();
        for (let i = 0; i < column.shape.chunks; i++) column.seed(i);
        checkResidentColumn(Uint8Array.of(...bytes, ...sha256(bytes)), WHAT);
      },
    },
    ...(['RECS', 'SEAL'] as const).map((type): Target => ({
      name: `blobs ${type}`,
      seeds: [encodeBlobs(type, [seed, new Uint8Array(0), key]), encodeBlobs(type, [])],
      parse: (bytes) => {
        const blobs = parseBlobs(type, bytes, WHAT);
        for (let i = 0; i < blobs.count; i++) blobs.blob(i);
      },
    })),
    { name: 'manifest', seeds: [manifest], parse: (bytes) => parseManifest(bytes, WHAT) },
    {
      name: 'manifest, signed',
      seeds: [manifest],
      parse: (bytes) => verifyManifest(bytes, ID, owner),
    },
    ...contentTargets(utf8(JSON.stringify(schema))),
    {
      name: 'deleted rows',
      seeds: [encodeDeletedRows(RowSet.of(70, Uint32Array.of(0, 5, 69)))],
      parse: (bytes) => {
        checkDeletedRows(bytes, WHAT);
        parseDeletedRows(bytes, 70, 3, WHAT);
      },
    },
    { name: 'record', seeds: [record], parse: (bytes) => decodeRecord(bytes, columns) },
    { name: 'segment metadata', seeds: [meta, checked], parse: decodeSegmentMeta },
    { name: 'column metadata', seeds: [section], parse: decodeColumnSection },
    ...values.map(([type, value]): Target => ({
      name: `canonical ${type}`,
      seeds: [canonicalBytes(value, type)],
      parse: (bytes) => decodeCanonical(bytes, type),
    })),
    { name: 'padding', seeds: [pad(seed, 96)], parse: (bytes) => unpad(bytes, WHAT) },
    {
      name: 'schema',
      seeds: [utf8(JSON.stringify(schema))],
      parse: (bytes) => {
        const json = jsonOf(bytes);
        if (json !== undefined) parseSchema(json);
      },
    },
  ];
}

/** What is sealed in a manifest, as one who has the keys may have written it. */
function contentTargets(schema: Uint8Array): Target[] {
  const place = fromHex(ID, WHAT);
  const roots = new Writer().u32(1).raw(place).raw(key).finish();
  const content = (text: Uint8Array, wrapped: Uint8Array): Uint8Array =>
    new Writer()
      .bytes(text)
      .raw(place)
      .bytes(sealBytes(key, wrapped, place))
      .finish();
  const open = (bytes: Uint8Array): void => {
    openManifestContent(key, ID, sealBytes(key, bytes, place)).unwrap(key);
  };
  return [
    { name: 'manifest content', seeds: [content(schema, roots)], parse: open },
    { name: 'segment roots', seeds: [roots], parse: (bytes) => open(content(schema, bytes)) },
  ];
}

/** A JSON value, or undefined where the bytes are none: JSON's parser is not ours to test. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function planTargets(): Target[] {
  const words = Uint32Array.of(1, 2, 3);
  const segment = {
    segment: ID,
    nodes: [
      { kind: 'all' as const },
      { kind: 'posting' as const, token: key },
      { kind: 'rows' as const, rows: words },
      { kind: 'and' as const, args: [0, 1] },
      { kind: 'not' as const, arg: 2 },
    ],
    filter: 3,
    groups: [[1, -1], [2]],
    counts: [0, -1],
    sums: [
      { output: 1, column: 4, over: -1 },
      { output: 2, column: 5, times: 6, over: -1 },
    ],
    tallies: [{ tally: 6, node: 2 }],
    members: [1, 3],
  };
  const outputs = [
    { kind: 'sum' as const, limbs: 1 },
    { kind: 'sum' as const, limbs: 2 },
    { kind: 'product' as const, limbs: 3 },
  ];
  const aggregate = { kind: 'aggregate' as const, outputs, counts: 2, tallies: 7, maxGroups: 9 };
  const fragment = { version: 1 as const, table: ID, epoch: 4, segments: [segment, segment] };
  const sums = [{ limbs: 1, b: words, a: words }];
  const tallies = { numbers: Uint32Array.of(0, 3, 900), counts: Uint32Array.of(1, 300, 2) };
  const members = { segment: ID, keys: [[1], [2]], groups: [Uint32Array.of(0, 2, 1)] };
  return [
    {
      name: 'fragment',
      seeds: [
        encodeFragment({ ...fragment, work: aggregate }),
        encodeFragment({
          ...fragment,
          segments: [{ ...segment, sums: [], tallies: [] }],
          work: { kind: 'rows', limit: 5 },
        }),
        encodeFragment({
          ...fragment,
          segments: [{ ...segment, sums: [], tallies: [] }],
          work: { kind: 'members', maxGroups: 5 },
        }),
        encodeFragment({
          ...fragment,
          segments: [
            { ...segment, sums: [], tallies: [], scores: { columns: [4], constants: words } },
          ],
          work: { kind: 'scores', degree: 3, limbs: 2 },
        }),
      ],
      parse: decodeFragment,
    },
    {
      name: 'aggregate reply',
      seeds: [encodeAggregateReply({ groups: [{ key: [1], counts: [2, 3], tallies, sums }] })],
      parse: decodeAggregateReply,
    },
    {
      name: 'rows reply',
      seeds: [encodeRowsReply({ segments: [{ segment: ID, rows: words }] })],
      parse: decodeRowsReply,
    },
    {
      name: 'members reply',
      seeds: [encodeMembersReply({ segments: [members, members] })],
      parse: decodeMembersReply,
    },
    {
      name: 'scores reply',
      seeds: [encodeScoresReply({ segments: [{ segment: ID, rows: words, chunks: [key, key] }] })],
      parse: decodeScoresReply,
    },
    {
      name: 'partial result',
      seeds: [
        encodePartial([
          { key: [1], counts: [2], tallies, sums: [{ output: 0, sample: { b: words, a: words } }] },
        ]),
      ],
      parse: decodePartial,
    },
  ];
}

function searchTargets(): Target[] {
  const rows = 900;
  const values = Array.from({ length: 30 }, (_, i) => canonicalBytes(BigInt(i), 'integer'));
  const codes = Int32Array.from({ length: rows }, (_, row) => (row % 31) - 1);
  const column = { id: 1, values, codes, equality: true, range: true };
  const { part, boundaries } = buildIndex(key, rows, [column]);
  const tokens = [nullToken(key, 1), ...values.map((value) => valueToken(key, 1, value))];
  const label = edgeLabel(key, 1, 0);
  const listed = tokens[1]!;
  const bucket = new Writer().u16(1).raw(key.subarray(0, 22)).raw(new Uint8Array(30)).finish();
  const list = Uint32Array.from({ length: 40 }, (_, i) => i * 20);
  const posting = new Uint32Array(Math.ceil(postingBits(list.length, rows) / 32));
  encodePosting(list, 0, list.length, rows, posting, 0);
  const place = utf8('place');
  const edge = {
    values: values.slice(0, 2),
    starts: Uint32Array.of(0, 2, 3),
    rows: list.slice(0, 3),
  };
  return [
    {
      name: 'sse index',
      seeds: [part],
      parse: (bytes) => {
        const index = parseIndex(bytes);
        for (const token of tokens) lookupPosting(index, token);
        lookupSealed(index, label);
        lookupSealed(index, labelOf(key));
      },
    },
    {
      name: 'sse record that the vault opens',
      seeds: [lookupSealed(parseIndex(part), labelOf(listed))!.slice()],
      parse: (bytes) => {
        const head = listHead(listed, bytes, rows);
        openList(listed, head, [bytes, ...head.labels.map(() => bytes)], rows);
      },
    },
    {
      name: 'MACs of posting lists',
      seeds: [bucket],
      parse: (bytes) => judgeList(bytes, label, label),
    },
    { name: 'sse boundaries', seeds: [encodeBoundaries(boundaries[0]!)], parse: decodeBoundaries },
    {
      name: 'posting list',
      seeds: [wordBytes(posting)],
      parse: (bytes) => {
        // Its length follows from the count, which the caller checks.
        const whole = new Uint8Array(4 * posting.length);
        whole.set(bytes.subarray(0, whole.length));
        decodePosting(wordsOf(whole), list.length, rows);
      },
    },
    {
      name: 'edge block',
      seeds: [encodeEdge(edge, rows)],
      parse: (bytes) => openSealedEdge(key, place, sealEdge(key, place, bytes, bytes.length)),
    },
  ];
}

/** Indexes that hide their answers: parts and queries at the store, states in the vault. */
function hidingTargets(): Target[] {
  const lists = [[0, 5, 6, 80], [1], [2, 3], Array.from({ length: 90 }, (_, row) => row)];
  const starts = Uint32Array.of(0, 4, 5, 7, 97);
  const keywords = lists.map((_, i) => keyword(KEYWORD_KIND.value, Uint8Array.of(i)));
  const postings = { rows: 100, keywords, starts, members: Uint32Array.from(lists.flat()) };
  const indexes = [0, 2].map((base) => buildPadded(key, postings, { base }));
  const smooth = buildSmooth(key, postings);
  const queries = [16, 32, 33].map((length) => new Uint8Array(length));
  return [
    {
      name: 'padded index',
      seeds: indexes.map(({ part }) => part),
      parse: (bytes) => {
        const index = parsePadded(bytes);
        for (const query of [new Uint8Array(0), ...queries]) {
          try {
            index.answer!(query);
          } catch (error) {
            if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
          }
        }
      },
    },
    {
      name: 'query of a padded index',
      seeds: queries.slice(1),
      parse: (bytes) => parsePadded(indexes[bytes.length === 33 ? 1 : 0]!.part).answer!(bytes),
    },
    {
      name: 'state of a padded index',
      seeds: indexes.map(({ state }) => state),
      parse: (bytes) => openPadded(key, bytes),
    },
    {
      name: 'smoothed index',
      seeds: [smooth.part],
      parse: (bytes) => parseSmooth(bytes).answer!(queries[0]!),
    },
    {
      name: 'state of a smoothed index',
      seeds: [smooth.state],
      parse: (bytes) => openSmooth(key, bytes),
    },
  ];
}

function keyTargets(): Target[] {
  const cost = { memory: 32, passes: 1, parallelism: 1 };
  const contents = { master: key, signing: key, ring: seed, store: '/store', storeToken: '' };
  const vault = sealVault(contents, 'a passphrase', cost);
  const id = fromHex(ID, WHAT);
  const whole = (bytes: Uint8Array, decode: (reader: Reader) => unknown): void => {
    const reader = new Reader(bytes, WHAT);
    decode(reader);
    reader.end();
  };
  const head = Uint8Array.of(...frame('HEAD').finish(), ...new Uint8Array(28 + 4 + 56));
  return [
    { name: 'vault header', seeds: [vault], parse: (bytes) => checkKeyFile(bytes, WHAT) },
    {
      name: 'vault file',
      seeds: [vault],
      parse: async (bytes) => {
        // An altered cost within its limits is a cost like any other, and takes its time.
        const same = bytes.subarray(16, 28).every((byte, i) => byte === vault[16 + i]);
        if (same) await openVaultFile(bytes, 'a passphrase', 'vault.opal');
      },
    },
    {
      name: 'backup',
      seeds: [
        encodeBackup(
          new Map([
            ['heads.opal', head],
            ['keys.opal', key],
            ['vault.opal', vault],
          ]),
        ),
      ],
      parse: (bytes) => parseBackup(bytes, WHAT),
    },
    {
      name: 'pins',
      seeds: [new Writer().u32(1).raw(id).u64(3).raw(key).finish()],
      parse: (bytes) => whole(bytes, decodePins),
    },
    {
      name: 'release state',
      seeds: [new Writer().u8(1).u64(1_700_000_000_000).finish()],
      parse: (bytes) => whole(bytes, decodeReleaseState),
    },
    {
      name: 'wrapping keys',
      seeds: [new Writer().u32(2).raw(id).raw(id).raw(key).raw(id).raw(id).raw(key).finish()],
      parse: (bytes) => whole(bytes, decodeWrappingKeys),
    },
    { name: 'vault heads', seeds: [head], parse: (bytes) => checkHeadFile(bytes, WHAT) },
  ];
}

/** Reads whatever the bytes say to read: the low three bits of each choose. */
function readAtWill(bytes: Uint8Array): void {
  const reader = new Reader(bytes, WHAT);
  const reads = [
    (): unknown => reader.u8(),
    (): unknown => reader.u16(),
    (): unknown => reader.u32(),
    (): unknown => reader.u64(),
    (): unknown => reader.bytes(),
    (): unknown => reader.text(),
    (): unknown => reader.words(),
    (): unknown => reader.raw(reader.count(3)),
  ];
  while (reader.remaining > 0) reads[reader.u8() & 7]!();
  reader.end();
}

function codecTargets(): Target[] {
  const error = toWire(new RangeError('secret'));
  return [
    {
      name: 'codec',
      seeds: [
        Uint8Array.of(0, 1, 4, 2, 0, 0, 0, 9, 9, 6, 1, 0, 0, 0, 1, 2, 3, 4, 5, 1, 0, 0, 0, 65),
      ],
      parse: readAtWill,
    },
    {
      name: 'frame',
      seeds: [frame('RECS').finish()],
      parse: (bytes) => unframe(bytes, 'RECS', WHAT),
    },
    {
      name: 'error',
      seeds: [utf8(JSON.stringify(error))],
      parse: (bytes) => {
        const { message } = fromWire(jsonOf(bytes));
        if (typeof message !== 'string') throw new TypeError('no message');
      },
    },
  ];
}

/** Every parser of bytes from outside. */
export function fuzzTargets(): Target[] {
  const targets = [
    ...sealTargets(),
    ...tableTargets(),
    ...planTargets(),
    ...searchTargets(),
    ...hidingTargets(),
    ...rungTargets(),
    ...tagAndOreTargets(),
    ...keyTargets(),
    ...auditTargets(),
    ...codecTargets(),
  ];
  // What inspect says of any of them: it may not even refuse by throwing.
  const seeds = targets.flatMap((target) => target.seeds).filter((bytes) => bytes.length < 20_000);
  const inspect: Target = {
    name: 'inspect',
    seeds,
    parse: async (bytes) => {
      const { valid, problems } = await inspectBytes(bytes).catch((error: unknown) => {
        throw new Error('inspect threw', { cause: error });
      });
      if (valid !== (problems.length === 0)) throw new Error('valid with problems');
      if (problems.some((problem) => problem.startsWith('INTERNAL'))) throw new Error(problems[0]);
    },
  };
  return [...targets, inspect];
}
