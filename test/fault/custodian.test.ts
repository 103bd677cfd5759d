import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/file/audit-log.ts';
import { formatProof } from '../../src/audit/tlog-proof.ts';
import { formatKey } from '../../src/bytes/note-key.ts';
import { randomBytes } from '../../src/bytes/random.ts';
import { publicKeyOf } from '../../src/bytes/signature.ts';
import { type CustodianLink, Custodians } from '../../src/client/custody/custodians.ts';
import { replyDigest } from '../../src/gate/custody/reply-digest.ts';
import { encodePartials, decodePartials } from '../../src/gate/custody/partials.ts';
import {
  INTENT_KIND,
  intentOf,
  type PartialsRequest,
  signRequest,
} from '../../src/gate/custody/request.ts';
import { AnsweredPlans } from '../../src/gateway/custodian/answered.ts';
import { Custodian, type Replay } from '../../src/gateway/custodian/custodian.ts';
import { dealKey } from '../../src/keys/threshold/deal.ts';
import { encodeDividedKey, openDividedEngine } from '../../src/keys/threshold/public-key.ts';
import type { AggregateReply, Fragment } from '../../src/plan/fragment.ts';
import { encodeAggregateReply, encodeFragment } from '../../src/plan/fragment-codec.ts';
import { createWasmRing } from '../../src/ring/simd/wasm-ring.ts';
import { signManifest } from '../../src/table/manifest.ts';

const TABLE = '00112233445566778899aabbccddeeff';
const SEGMENT = 'ffeeddccbbaa99887766554433221100';
const VALUE = -123_456n;
const refused = expect.objectContaining({ code: 'CUSTODIAN_REFUSED' });

/** Custodians 1 to 5 of a 3-of-5 key, a log, and a table of one segment whose sum is a fresh ciphertext's first value. */
async function setUp(): Promise<{
  fragment: Fragment;
  reply: AggregateReply;
  gate: Uint8Array;
  log: AuditLog;
  key: Awaited<ReturnType<typeof dealKey>>['key'];
  custodian(i: number, replayed?: Partial<Replay>): Promise<Custodian>;
  request(change?: Partial<PartialsRequest>, announced?: Partial<PartialsRequest>): Promise<Uint8Array>;
  folder: string;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-custodian-'));
  const [gate, owner] = [randomBytes(32), randomBytes(32)];
  const secrets = { signing: randomBytes(32), sealing: randomBytes(32) };
  const log = await AuditLog.create(join(folder, 'log'), 'a-test', secrets);
  const { key, shares } = await dealKey(3, 5);
  using engine = await openDividedEngine(encodeDividedKey(key));
  const { n, dataPrimes } = engine.parameters;
  const { c0, c1 } = engine.encrypt([VALUE]);
  const ring = createWasmRing(n, dataPrimes);
  const span = ring.allocate(n * dataPrimes.length);
  ring.view(span).set(c1);
  ring.inverseNtt(span);
  const limbs = dataPrimes.length;
  const b = Uint32Array.from(dataPrimes, (_, limb) => c0[limb * n]!);
  const tallies = { numbers: new Uint32Array(), counts: new Uint32Array() };
  const reply = {
    groups: [{ key: [], counts: [1], tallies, sums: [{ limbs, b, a: ring.view(span).slice() }] }],
  };
  const part = (i: number): { id: string; bytes: number; digest: Uint8Array } => {
    return { id: `${i}`.padStart(32, '0'), bytes: 1, digest: new Uint8Array(32) };
  };
  const entry = {
    id: SEGMENT,
    rows: 5,
    birthEpoch: 1,
    index: part(1),
    records: part(2),
    metadata: part(3),
    columns: [part(4)],
    deleted: undefined,
    rungs: [],
  };
  const manifest = {
    table: TABLE,
    epoch: 7,
    segments: [entry],
    delta: [],
    owner: publicKeyOf(owner),
    sealed: new Uint8Array(4),
  };
  const head = signManifest(manifest, owner);
  const fragment: Fragment = {
    version: 1,
    table: TABLE,
    epoch: 7,
    work: { kind: 'aggregate', outputs: [{ kind: 'divided', limbs }], counts: 1, tallies: 0, maxGroups: 1 },
    segments: [
      {
        segment: SEGMENT,
        nodes: [{ kind: 'all' }],
        filter: 0,
        groups: [],
        counts: [-1],
        sums: [{ output: 0, column: 0, over: -1 }],
        tallies: [],
        members: [],
      },
    ],
  };
  const held: AsyncDisposable[] = [];
  return {
    fragment,
    reply,
    gate,
    log,
    key,
    folder,
    custodian: async (i, replayed = {}) => {
      const answered = await AnsweredPlans.open(join(folder, `${i}.${held.length}.answered`));
      held.push(answered);
      const share = {
        key: key.id,
        division: key.division,
        custodians: 5,
        share: shares[i - 1]!,
        owner: publicKeyOf(owner),
        gate: publicKeyOf(gate),
        log: formatKey(log.key),
      };
      const replay = {
        head: () => Promise.resolve(head),
        aggregate: () => Promise.resolve(encodeAggregateReply(reply)),
        ...replayed,
      };
      return new Custodian(share, replay, answered);
    },
    request: async (change = {}, announced = {}) => {
      const about = {
        key: key.id,
        quorum: [1, 2, 3],
        fragment: encodeFragment(fragment),
        digest: replyDigest(reply),
        ...change,
      };
      const details = [{ content: intentOf({ ...about, ...announced }) }];
      const [logged] = await log.append([{ kind: INTENT_KIND, time: 0, details }]);
      const { entry: line, proof } = logged!;
      const salt = (await log.read(proof.index)).opened[0]!.salt;
      const intent = { entry: line, salt, proof: formatProof(proof) };
      return signRequest({ ...about, intent, ...(change.intent && { intent: change.intent }) }, gate);
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of held) await one[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe('a custodian', () => {
  it('answers a request that is signed, announced and replayed, once', async () => {
    await using set = await setUp();
    const custodian = await set.custodian(2);
    const request = await set.request();
    const { index, scalars } = decodePartials(await custodian.answer(request));
    expect({ index, scalars: scalars.map(({ length }) => length) }).toEqual({ index: 2, scalars: [7] });
    await expect(custodian.answer(request)).rejects.toThrow(refused);
    // Nor in another quorum, in which it would give another scalar.
    await expect(custodian.answer(await set.request({ quorum: [2, 4, 5] }))).rejects.toThrow(refused);
  });

  it('answers one of many equal requests at once', async () => {
    await using set = await setUp();
    const custodian = await set.custodian(1);
    const request = await set.request();
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => custodian.answer(request)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('refuses what is not signed by the gate, byte by byte', async () => {
    await using set = await setUp();
    const custodian = await set.custodian(1);
    const request = await set.request();
    for (let at = 0; at < request.length; at += 101) {
      const altered = request.slice();
      altered[at]! ^= 1;
      await expect(custodian.answer(altered)).rejects.toThrow(
        expect.objectContaining({ code: 'BYTES_INVALID' }),
      );
    }
    await expect(custodian.answer(new Uint8Array())).rejects.toThrow();
    await custodian.answer(request);
  });

  it('refuses what the log does not announce', async () => {
    await using set = await setUp();
    const custodian = await set.custodian(1);
    const other = encodeFragment({ ...set.fragment, epoch: 8 });
    await expect(custodian.answer(await set.request({}, { fragment: other }))).rejects.toThrow(refused);
    await expect(custodian.answer(await set.request({}, { quorum: [1, 2, 4] }))).rejects.toThrow(refused);
    const [logged] = await set.log.append([{ kind: 'release.intent', time: 0 }]);
    const intent = { entry: logged!.entry, salt: new Uint8Array(32), proof: formatProof(logged!.proof) };
    await expect(custodian.answer(await set.request({ intent }))).rejects.toThrow(refused);
    const foreign = await AuditLog.create(join(set.folder, 'foreign'), 'a-test', {
      signing: randomBytes(32),
      sealing: randomBytes(32),
    });
    const about = { key: set.key.id, quorum: [1, 2, 3], fragment: encodeFragment(set.fragment) };
    const details = [{ content: intentOf(about) }];
    const [unknown] = await foreign.append([{ kind: INTENT_KIND, time: 0, details }]);
    const salt = (await foreign.read(0)).opened[0]!.salt;
    const forged = { entry: unknown!.entry, salt, proof: formatProof(unknown!.proof) };
    await expect(custodian.answer(await set.request({ intent: forged }))).rejects.toThrow(
      expect.objectContaining({ code: 'BYTES_INVALID' }),
    );
  });

  it('refuses a result that is another here, and does not count it as answered', async () => {
    await using set = await setUp();
    const [group] = set.reply.groups as [AggregateReply['groups'][0]];
    const [sample] = group.sums as [(typeof group.sums)[0]];
    const b = sample.b.slice();
    b[0] = b[0] === 0 ? 1 : b[0]! - 1;
    const lied = { groups: [{ ...group, sums: [{ ...sample, b }] }] };
    const custodian = await set.custodian(1);
    const request = await set.request({ digest: replyDigest(lied) });
    await expect(custodian.answer(request)).rejects.toThrow(refused);
    await custodian.answer(await set.request());
  });

  it('refuses another key, another quorum, another epoch and plans of other sums', async () => {
    await using set = await setUp();
    const custodian = await set.custodian(1);
    for (const change of [
      { key: '0'.repeat(32) },
      { quorum: [1, 2] },
      { quorum: [1, 2, 3, 4] },
      { quorum: [2, 3, 4] },
      { quorum: [1, 2, 6] },
    ]) {
      await expect(custodian.answer(await set.request(change))).rejects.toThrow(refused);
    }
    const fragments: [Fragment, string][] = [
      [{ ...set.fragment, epoch: 6 }, 'EPOCH_CONFLICT'],
      [{ ...set.fragment, work: { kind: 'rows' } }, 'BYTES_INVALID'],
      [
        {
          ...set.fragment,
          work: { kind: 'aggregate', outputs: [{ kind: 'sum', limbs: 1 }], counts: 1, tallies: 0, maxGroups: 1 },
        },
        'BYTES_INVALID',
      ],
      // One limb has no room for the flooding noise.
      [
        {
          ...set.fragment,
          work: { kind: 'aggregate', outputs: [{ kind: 'divided', limbs: 5 }], counts: 1, tallies: 0, maxGroups: 1 },
        },
        'NOISE_BOUND',
      ],
    ];
    for (const [fragment, code] of fragments) {
      await expect(
        custodian.answer(await set.request({ fragment: encodeFragment(fragment) })),
      ).rejects.toThrow(expect.objectContaining({ code }));
    }
  });
});

describe('a gate with custodians in this process', () => {
  const linkTo = (custodian: Custodian, change: (bytes: Uint8Array) => Uint8Array = (b) => b): CustodianLink => ({
    index: custodian.index,
    name: `number ${custodian.index}`,
    isThere: () => Promise.resolve(true),
    ask: async (request) => change(await custodian.answer(request)),
  });
  const announcer = (log: AuditLog): { announce(about: Omit<PartialsRequest, 'intent' | 'digest'>): Promise<PartialsRequest['intent']> } => ({
    announce: async (about) => {
      const details = [{ content: intentOf(about) }];
      const [logged] = await log.append([{ kind: INTENT_KIND, time: 0, details }]);
      const salt = (await log.read(logged!.proof.index)).opened[0]!.salt;
      return { entry: logged!.entry, salt, proof: formatProof(logged!.proof) };
    },
  });

  it('adds up what three answer, and notices one that answers wrongly', async () => {
    await using set = await setUp();
    const { fragment, reply, gate, key, log } = set;
    const sums = { fragment, reply, rows: [5] };
    const gateOf = async (change?: (bytes: Uint8Array) => Uint8Array): Promise<Custodians> => {
      const links = [
        linkTo(await set.custodian(1)),
        linkTo(await set.custodian(3)),
        linkTo(await set.custodian(5), change),
      ];
      return new Custodians({ key, links, signing: gate, log: announcer(log) });
    };
    expect(await (await gateOf()).decrypt(sums, {})).toEqual([[VALUE]]);
    const alter = (bytes: Uint8Array): Uint8Array => {
      const { index, scalars } = decodePartials(bytes);
      const [scalar] = scalars as [Uint32Array];
      return encodePartials({ index, scalars: [scalar.with(2, (scalar[2]! + 1) % 1000)] });
    };
    await expect((await gateOf(alter)).decrypt(sums, {})).rejects.toThrow(
      expect.objectContaining({ code: 'PARTIALS_INVALID' }),
    );
    const empty = (): Uint8Array => encodePartials({ index: 5, scalars: [] });
    await expect((await gateOf(empty)).decrypt(sums, {})).rejects.toThrow(
      expect.objectContaining({ code: 'BYTES_INVALID' }),
    );
    const another = (): Uint8Array => encodePartials({ index: 4, scalars: [] });
    await expect((await gateOf(another)).decrypt(sums, {})).rejects.toThrow(refused);
  });
});

describe('what was answered', () => {
  it('is there after a crash, and a half-written record is not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'opaline-answered-'));
    const path = join(folder, 'share.answered');
    const plan = (i: number): { table: string; epoch: number; plan: Uint8Array } => {
      return { table: TABLE, epoch: i, plan: new Uint8Array(32).fill(i) };
    };
    {
      await using plans = await AnsweredPlans.open(path);
      expect(await plans.record(plan(1))).toBe(true);
      expect(await plans.record(plan(2))).toBe(true);
      expect(await plans.record(plan(2))).toBe(false);
      await expect(AnsweredPlans.open(path)).rejects.toThrow(refused);
    }
    await appendFile(path, new Uint8Array(17).fill(9));
    {
      await using plans = await AnsweredPlans.open(path);
      expect([plan(1), plan(2), plan(3)].map((one) => plans.has(one))).toEqual([true, true, false]);
      expect(plans.newestEpoch(TABLE)).toBe(2);
      expect(await plans.record(plan(3))).toBe(true);
    }
    expect((await readFile(path)).length).toBe(16 + 3 * 64);
    const altered = await readFile(path);
    altered[20]! ^= 1;
    await writeFile(path, altered);
    await expect(AnsweredPlans.open(path)).rejects.toThrow(
      expect.objectContaining({ code: 'BYTES_INVALID' }),
    );
    await rm(folder, { recursive: true, force: true });
  });
});
