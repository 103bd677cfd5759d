import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog, type LogSecrets } from '../../src/audit/file/audit-log.ts';
import { formatKey } from '../../src/bytes/note-key.ts';
import { randomBytes } from '../../src/bytes/random.ts';
import { publicKeyOf } from '../../src/bytes/signature.ts';
import { IntentLog } from '../../src/client/custody/intent-log.ts';
import type { LweSample } from '../../src/engine/engine.ts';
import { replyDigest } from '../../src/gate/custody/reply-digest.ts';
import { type PartialsRequest, signRequest } from '../../src/gate/custody/request.ts';
import { Answered } from '../../src/gateway/custodian/answered.ts';
import { Custodian, type Replay } from '../../src/gateway/custodian/custodian.ts';
import { KnownLog } from '../../src/gateway/custodian/known-log.ts';
import { dealKey } from '../../src/keys/threshold/deal.ts';
import {
  type DividedKey,
  encodeDividedKey,
  openDividedEngine,
} from '../../src/keys/threshold/public-key.ts';
import { fewestThresholdLimbs } from '../../src/params/threshold-noise.ts';
import type { AggregateReply, Fragment } from '../../src/plan/fragment.ts';
import { encodeAggregateReply, encodeFragment } from '../../src/plan/fragment-codec.ts';
import { createWasmRing } from '../../src/ring/simd/wasm-ring.ts';
import { signManifest } from '../../src/table/manifest.ts';

export const TABLE = '00112233445566778899aabbccddeeff';
const SEGMENT = 'ffeeddccbbaa99887766554433221100';
export const VALUE = -123_456n;
export const ROWS = 5;

/** See `custodianSet`. */
export interface CustodianSet extends AsyncDisposable {
  readonly fragment: Fragment;
  readonly reply: AggregateReply;
  /** The least level that a sum of the table holds at. */
  readonly limbs: number;
  /** The sum of one row of that value, at that level or at another. */
  sampleOf(value: bigint, limbs?: number): LweSample;
  /** Ed25519 secret that signs requests. */
  readonly gate: Uint8Array;
  readonly log: AuditLog;
  readonly secrets: LogSecrets;
  /** Announces in it. */
  readonly intents: IntentLog;
  readonly key: DividedKey;
  readonly folder: string;
  custodian(i: number, replayed?: Partial<Replay>, answered?: string): Promise<Custodian>;
  /**
   * A signed request, changed; the log announces it, changed once more, and is proved from what the custodian knows who
   * was made last, or from another entry on.
   */
  request(
    change?: Partial<PartialsRequest>,
    announced?: Partial<PartialsRequest>,
    known?: number,
  ): Promise<Uint8Array>;
}

/** Custodians of a key, 3 of 5 where nothing is said, a log, and a table of one segment with one sum. */
export async function custodianSet(threshold = 3, count = 5): Promise<CustodianSet> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-custodian-'));
  const [gate, owner] = [randomBytes(32), randomBytes(32)];
  const secrets = { signing: randomBytes(32), sealing: randomBytes(32) };
  const log = await AuditLog.create(join(folder, 'log'), 'a-test', secrets);
  const intents = new IntentLog(log, () => 0);
  const { key, shares } = await dealKey(threshold, count);
  const engine = await openDividedEngine(encodeDividedKey(key));
  const { n, dataPrimes } = engine.parameters;
  const ring = createWasmRing(n, dataPrimes);
  const limbs = fewestThresholdLimbs(engine.parameters, ROWS);
  const sampleOf = (value: bigint, level = limbs): LweSample => {
    const { c0, c1 } = engine.encrypt([value]);
    const [a, b] = [ring.allocate(c1.length), ring.allocate(dataPrimes.length)];
    ring.view(a).set(c1);
    ring.inverseNtt(a);
    dataPrimes.forEach((_, limb) => (ring.view(b)[limb] = c0[limb * n]!));
    for (let left = dataPrimes.length; left > level; left -= 1) {
      ring.modulusSwitch(ring.slice(a, 0, left * n), left);
      ring.modulusSwitch(ring.slice(b, 0, left), left);
    }
    return {
      limbs: level,
      b: ring.view(b).slice(0, level),
      a: ring.view(a).slice(0, level * n),
    };
  };
  const reply = replyOf(sampleOf(VALUE));
  const part = (i: number): { id: string; bytes: number; digest: Uint8Array } => {
    return { id: `${i}`.padStart(32, '0'), bytes: 1, digest: new Uint8Array(32) };
  };
  const entry = {
    id: SEGMENT,
    rows: ROWS,
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
    work: {
      kind: 'aggregate',
      outputs: [{ kind: 'divided', limbs }],
      counts: 1,
      tallies: 0,
      maxGroups: 1,
    },
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
  const held = new Map<string, AsyncDisposable>();
  let latest: KnownLog | undefined;
  return {
    fragment,
    reply,
    limbs,
    sampleOf,
    gate,
    log,
    secrets,
    intents,
    key,
    folder,
    custodian: async (i, replayed = {}, path = `${i}.${held.size}.answered`) => {
      // As after a restart: one at a time holds the file.
      await held.get(path)?.[Symbol.asyncDispose]();
      const answered = await Answered.open(join(folder, path));
      held.set(path, answered);
      latest = await KnownLog.open(join(folder, `${path}.checkpoint`), log.key);
      const share = {
        key: key.id,
        division: key.division,
        custodians: count,
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
      return new Custodian(share, replay, answered, latest);
    },
    request: async (change = {}, announced = {}, known = latest?.size ?? 0) => {
      const about = {
        key: key.id,
        quorum: Array.from({ length: threshold }, (_, i) => i + 1),
        fragment: encodeFragment(fragment),
        digest: replyDigest(reply),
        ...change,
      };
      const said = await intents.announce({ ...about, ...announced });
      const intent = change.intent ?? (await intents.prove(said, known));
      return signRequest({ ...about, intent }, gate);
    },
    [Symbol.asyncDispose]: async () => {
      engine[Symbol.dispose]();
      for (const one of held.values()) await one[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A reply of one group with these sums. */
export function replyOf(...sums: readonly LweSample[]): AggregateReply {
  const tallies = { numbers: new Uint32Array(), counts: new Uint32Array() };
  return { groups: [{ key: [], counts: [1], tallies, sums }] };
}
