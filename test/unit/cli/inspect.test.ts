import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type FrameType, frame } from '../../../src/bytes/framing.ts';
import { publicKeyOf } from '../../../src/bytes/signature.ts';
import { sha256 } from '../../../src/bytes/hash.ts';
import { FORMATS } from '../../../src/cli/inspect/formats.ts';
import { inspectBytes } from '../../../src/cli/inspect/inspect-file.ts';
import { sealVault } from '../../../src/keys/sealed.ts';
import {
  encodeAggregateReply,
  encodeMembersReply,
  encodeRowsReply,
} from '../../../src/plan/fragment-codec.ts';
import { buildIex } from '../../../src/search/iex/build.ts';
import { buildMitra } from '../../../src/search/mitra/build.ts';
import { encodeBlobs } from '../../../src/table/blob-part.ts';
import { encodeResidentColumn, encodeWireColumn } from '../../../src/table/column-part.ts';
import { signManifest } from '../../../src/table/manifest.ts';
import {
  caseBytes,
  GOLDEN,
  goldenBytes,
  hostileCase,
  parmsBytes,
} from '../../support/hostile-vectors.ts';
import { postingsOf } from '../../support/postings.ts';
import { SOURCE, opaline, run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-inspect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SHAPE = { n: 8, primes: [97, 113] };
const seed = new Uint8Array(64).fill(7);
const residues = Uint32Array.from({ length: 16 }, (_, i) => (i < 8 ? 96 : 112));
const table = '00112233445566778899aabbccddeeff';

const POSTINGS = postingsOf([['ant', 'bee'], ['ant']]);

const GOOD: [string, Uint8Array, Record<string, unknown>][] = [
  ['column-wire', encodeWireColumn(SHAPE, [{ c0: residues, seed }]), { n: 8, chunks: 1 }],
  ['column-resident', atRest(residues), { n: 8, primes: [97, 113] }],
  ['records', encodeBlobs('RECS', [seed, new Uint8Array(3)]), { blobs: 2 }],
  ['sealed-metadata', encodeBlobs('SEAL', []), { blobs: 0 }],
  ['aggregate-reply', encodeAggregateReply({ groups: [] }), { groups: 0 }],
  [
    'rows-reply',
    encodeRowsReply({ segments: [{ segment: table, rows: Uint32Array.of(1, 2) }] }),
    { segments: 1 },
  ],
  ['members-reply', encodeMembersReply({ segments: [] }), { segments: 0 }],
  ['vault-key', keyFile(), { kdf: 'argon2id, 32 KiB, 1 passes, 1 lanes' }],
  ['mitra-index', buildMitra(seed.subarray(32), POSTINGS).part, { rows: 2, records: 32 }],
  ['iex-index', buildIex(seed.subarray(32), POSTINGS).part, { rows: 2, records: 64 }],
  ['manifest', manifest(), { table, epoch: 3, segments: 0, rows: 0 }],
];

/** A column as a store keeps it: the resident form, then its digest. */
function atRest(c1: Uint32Array): Uint8Array {
  const resident = encodeResidentColumn(SHAPE, [{ c0: residues, c1, seed }]);
  return Uint8Array.of(...resident, ...sha256(resident));
}

function keyFile(): Uint8Array {
  const contents = { master: seed, signing: seed, ring: seed, store: '/store', storeToken: '' };
  const cost = { memory: 32, passes: 1, parallelism: 1 };
  const short = { ...contents, master: seed.subarray(32), signing: seed.subarray(32) };
  return sealVault(short, 'a passphrase', cost);
}

function manifest(): Uint8Array {
  const secret = new Uint8Array(32).fill(5);
  const content = {
    table,
    epoch: 3,
    segments: [],
    delta: [],
    owner: publicKeyOf(secret),
    sealed: seed,
  };
  return signManifest(content, secret);
}

describe('inspectBytes', () => {
  test.each(GOOD)('%s is recognised and valid', async (type, bytes, facts) => {
    const report = await inspectBytes(bytes);
    expect(report).toMatchObject({ type, version: 1, bytes: bytes.length, valid: true, facts });
    expect(report.problems).toEqual([]);
  });

  // The key file's contents are sealed: without the passphrase no end of it is wrong.
  test.each(GOOD.filter(([type]) => type !== 'vault-key'))('%s cut or grown', async (_, bytes) => {
    for (const altered of [bytes.subarray(0, -1), Uint8Array.of(...bytes, 0)]) {
      const { valid, problems } = await inspectBytes(altered);
      expect(valid).toBe(false);
      expect(problems[0]).toMatch(/^BYTES_INVALID: /);
    }
  });

  test.each(['column-wire', 'column-resident'])('%s: a residue at its prime', async (type) => {
    const over = residues.with(15, 113);
    const bytes =
      type === 'column-wire' ? encodeWireColumn(SHAPE, [{ c0: over, seed }]) : atRest(over);
    expect((await inspectBytes(bytes)).problems).toEqual([
      'BYTES_INVALID: the file: a residue is not below its prime',
    ]);
  });

  test('a version of the future', async () => {
    const bytes = encodeBlobs('RECS', []);
    bytes[8] = 9;
    const { version, valid, problems } = await inspectBytes(bytes);
    expect({ version, valid }).toEqual({ version: 9, valid: false });
    expect(problems[0]).toMatch(/^VERSION_UNSUPPORTED: /);
  });

  test('every frame type has a format', () => {
    for (const type of Object.keys(FORMATS) as FrameType[]) {
      expect(frame(type).finish()).toHaveLength(16);
    }
    expect(new Set(Object.values(FORMATS).map((format) => format.type)).size).toBe(
      Object.keys(FORMATS).length,
    );
  });

  test('any bytes get a report, whatever they claim to be', async () => {
    const tag = fc.constantFrom(...Object.keys(FORMATS));
    const framed = fc.tuple(tag, fc.uint8Array({ maxLength: 200 })).map(([type, body]) => {
      const head = frame(type as FrameType);
      return head.raw(body).finish();
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 64 }), framed), async (bytes) => {
        const report = await inspectBytes(bytes);
        expect(report.bytes).toBe(bytes.length);
        expect(report.valid).toBe(report.problems.length === 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an object of SEAL’s', () => {
  test('the list is whole', () => {
    expect(GOLDEN).toHaveLength(57);
  });

  const named = GOLDEN.map((golden) => [golden.file, golden.object, golden] as const);
  test.each(named)('%s (%s) has its name', async (file, _, golden) => {
    const bytes = goldenBytes(file);
    const [context = '', , compression] = file.split('.');
    const parms = parmsBytes(context);
    const known = await inspectBytes(bytes, { parms });
    expect(known).toMatchObject({
      type: golden.type,
      version: '4.1',
      bytes: bytes.length,
      valid: true,
      problems: [],
      facts: { scheme: golden.scheme, n: 1024, compression },
    });
    expect(known).not.toHaveProperty('alternatives');
    // A plaintext in coefficient form has no level, hence no primes.
    const inCoefficients = golden.type === 'Plaintext' && golden.scheme !== 'ckks';
    expect(known.facts?.['primes'] === null).toBe(inCoefficients);

    // Without the parameters the level is not known, which tells keys from data.
    const { type, alternatives = [], valid } = await inspectBytes(bytes);
    expect(valid).toBe(true);
    expect([type, ...alternatives]).toContain(golden.type);
    if (golden.scheme !== 'bgv') expect(type).toBe(golden.type);

    expect(await inspectBytes(bytes, { as: golden.type })).toMatchObject({
      type: golden.type,
      valid: true,
    });
  });

  test('the types that bytes alone cannot tell are listed, the likelier first', async () => {
    const typesOf = async (file: string): Promise<string[]> => {
      const { type, alternatives = [] } = await inspectBytes(goldenBytes(file));
      return [type, ...alternatives];
    };
    expect(await typesOf('bfv1024.pk.none.bin')).toEqual(['PublicKey', 'Ciphertext']);
    expect(await typesOf('bgv1024.ct.none.bin')).toEqual(['PublicKey', 'Ciphertext']);
    expect(await typesOf('bfv1024.sk.none.bin')).toEqual(['SecretKey', 'Plaintext']);
    expect(await typesOf('bfv1024.ct.none.bin')).toEqual(['Ciphertext']);
    expect(await typesOf('ckks1024.pt.zstd.bin')).toEqual(['Plaintext']);
    expect(await typesOf('bfv1024.rk.none.bin')).toEqual(['RelinKeys']);
    expect(await typesOf('bfv1024.gk1.none.bin')).toEqual(['GaloisKeys']);
  });

  test('primes past 2^53 are digits, others numbers', async () => {
    const bytes = goldenBytes('bfv1024.parms.none.bin');
    expect((await inspectBytes(bytes)).facts?.['primes']).toEqual([
      1073692673, 1073698817, 1073707009,
    ]);
    // SEAL's largest 60-bit prime for n = 1024.
    new DataView(bytes.buffer).setBigUint64(49, 0xffffffffffc0001n, true);
    expect((await inspectBytes(bytes)).facts?.['primes']).toEqual([
      '1152921504606584833',
      '1073698817',
      '1073707009',
    ]);
  });

  test.each([
    ['H031', /^BYTES_INVALID: /, 'a compressed body labelled as none'],
    ['H127', /inflates to more than 33554432 bytes/, 'a bomb of 1 GiB'],
    ['H129', /inflates to more than 33554432 bytes/, 'a bomb behind a valid ciphertext'],
    ['H131', /the zstd stream is damaged/, 'a truncated stream'],
    ['H133', /the zlib stream is damaged/, 'a stream without its checksum'],
    ['H135', /bytes after the end of the zstd stream/, 'a stream and more'],
    ['H137', /of 32881 bytes claims 113/, 'a stream that ends early, padded'],
    ['H139', /the coefficient array is compressed/, 'a bomb inside'],
  ])('%s is refused: %s (%s)', async (id, problem) => {
    const { valid, problems } = await inspectBytes(caseBytes(hostileCase(id)));
    expect(valid).toBe(false);
    expect(problems[0]).toMatch(problem);
  });

  test('a frame that asks for a window of 128 MiB is refused', async () => {
    const golden = goldenBytes('bfv1024.ct.zstd.bin');
    // Frame descriptor: no single segment, no content size; then the window descriptor, 2^27.
    const body = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 1, 0, 0);
    const bytes = Uint8Array.of(...golden.subarray(0, 16), ...body);
    new DataView(bytes.buffer).setBigUint64(8, BigInt(bytes.length), true);
    const { problems } = await inspectBytes(bytes);
    expect(problems[0]).toMatch(/the zstd stream is damaged/);
    bytes[21] = 8 << 3;
    expect((await inspectBytes(bytes)).problems[0]).toMatch(/truncated|header says/);
  });

  test('only a magic number', async () => {
    expect(await inspectBytes(Uint8Array.of(0x5e, 0xa1))).toMatchObject({
      type: 'microsoft-seal',
      version: null,
      problems: ['BYTES_INVALID: the file: truncated in a header'],
    });
  });

  test('taken for what it is not: the type asked for, and why not', async () => {
    const bytes = goldenBytes('bfv1024.sk.none.bin');
    const parms = parmsBytes('bfv1024');
    expect(await inspectBytes(bytes, { as: 'Plaintext', parms })).toMatchObject({
      type: 'Plaintext',
      problems: ['BYTES_INVALID: a plaintext: of the key level, where no data is'],
    });
    expect(await inspectBytes(bytes, { as: 'column-wire' })).toMatchObject({
      type: 'microsoft-seal',
      problems: ['it is not of the type column-wire'],
    });
    expect(await inspectBytes(GOOD[0]![1], { as: 'records' })).toMatchObject({
      type: 'column-wire',
      problems: ['it is not of the type records'],
    });
    expect(await inspectBytes(GOOD[0]![1], { as: 'Column-Wire' })).toMatchObject({ valid: true });
  });

  test('parameters that are none are refused as such', async () => {
    const bytes = goldenBytes('bfv1024.ct.none.bin');
    await expect(inspectBytes(bytes, { parms: bytes })).rejects.toMatchObject({
      code: 'BYTES_INVALID',
    });
    const parms = caseBytes(hostileCase('H193'));
    await expect(inspectBytes(bytes, { parms })).rejects.toMatchObject({
      code: 'PARAMETERS_INVALID',
    });
  });
});

describe('opaline inspect', () => {
  const path = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  test('one JSON object with the facts beside the verdict; exit 0 when valid', async () => {
    const file = path('column', GOOD[0]![1]);
    const { code, stdout, stderr } = await opaline(['inspect', file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      type: 'column-wire',
      version: 1,
      bytes: GOOD[0]![1].length,
      valid: true,
      problems: [],
      scheme: 'bfv',
      ...SHAPE,
      chunks: 1,
    });
  });

  test.each([
    ['an empty file', new Uint8Array(0), 'the file is empty'],
    ['text', new TextEncoder().encode('origin,delay\n'), 'not a file of Opaline’s or SEAL’s'],
  ])('%s: exit 1 and the reason', async (_, bytes, problem) => {
    const { code, stdout } = await opaline(['inspect', path('other', bytes)]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'unknown',
      valid: false,
      problems: [problem],
    });
  });

  test.each(['missing', '.'])('%s is no file: exit 1, one line', async (name) => {
    const { code, stdout, stderr } = await opaline(['inspect', join(folder, name)]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^opaline: INPUT_NOT_FOUND: [^\n]+\n$/);
  });

  test('an object of SEAL’s against its parameters', async () => {
    const file = path('key', goldenBytes('bgv1024.pk.none.bin'));
    const parms = path('parms', goldenBytes('bgv1024.parms.zlib.bin'));
    const right = await opaline(['inspect', file, '--as', 'public-key', '--parms', parms]);
    expect({ code: right.code, stderr: right.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(right.stdout)).toEqual({
      type: 'PublicKey',
      version: '4.1',
      bytes: 49265,
      valid: true,
      problems: [],
      scheme: 'bgv',
      n: 1024,
      primes: [1073692673, 1073698817, 1073707009],
      limbs: 3,
      seeded: false,
      compression: 'none',
    });
    const other = path('other-parms', parmsBytes('bfv1024'));
    const wrong = await opaline(['inspect', file, '--as', 'public-key', '--parms', other]);
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      type: 'PublicKey',
      valid: false,
      problems: ['BYTES_INVALID: a public key: not of the key level of the parameters'],
      scheme: null,
      n: null,
      primes: null,
    });
  });

  test('a type that nobody knows is a mistake in the command', async () => {
    const file = path('column', GOOD[0]![1]);
    const { code, stdout, stderr } = await opaline(['inspect', file, '--as', 'cipher']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^opaline: USAGE: --as takes one of Ciphertext, [^\n]+\n$/);
  });

  test('a full disk is reported, not ignored', async () => {
    const command = `'${process.execPath}' '${SOURCE}' inspect '${path('column', GOOD[0]![1])}'`;
    const { code, stderr } = await run('sh', ['-c', `${command} > /dev/full`], {});
    expect(code).toBe(1);
    expect(stderr).toBe('opaline: OUTPUT_FAILED: cannot write the output: ENOSPC\n');
  });

  test('a reader that goes away is no failure', async () => {
    const command = `'${process.execPath}' '${SOURCE}' inspect '${path('column', GOOD[0]![1])}'`;
    const { code, stderr } = await run(
      'bash',
      ['-c', `{ sleep 0.2; ${command}; echo "$?" >&2; } | true`],
      {},
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '0\n' });
  });
});
