import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatKey } from '../../src/bytes/note-key.ts';
import { Custodians } from '../../src/client/custody/custodians.ts';
import { IntentLog } from '../../src/client/custody/intent-log.ts';
import { requestKey, requestPublicKey } from '../../src/client/custody/request-key.ts';
import { writeCustody } from '../../src/client/custody/vault-custody.ts';
import { createFolder } from '../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../src/client/vault.ts';
import type { Custody } from '../../src/gate/custody/custody.ts';
import { decodePartials, encodePartials } from '../../src/gate/custody/partials.ts';
import { Answered } from '../../src/gateway/custodian/answered.ts';
import { Custodian, type Replay } from '../../src/gateway/custodian/custodian.ts';
import { KnownLog } from '../../src/gateway/custodian/known-log.ts';
import { replayOn } from '../../src/gateway/custodian/replay.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { dealKey } from '../../src/keys/threshold/deal.ts';
import { encodeDividedKey } from '../../src/keys/threshold/public-key.ts';
import { thresholdParameters } from '../../src/params/presets.ts';
import { fromResidues, product, toResidues } from '../../src/ring/residues.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { PASSPHRASE } from './vaults.ts';

/** What a custodian does to its answer's bytes. */
export type Lie = (answer: Uint8Array) => Uint8Array;

/** Custodians who remember nothing of what others answered. */
export interface AskedCustodians {
  /** Those who are there; all if absent. */
  readonly present?: readonly number[];
  /** By index. */
  readonly lies?: Readonly<Record<number, Lie>>;
  /** They believe the store, whatever it answered: all of them are at one with it. */
  readonly collude?: boolean;
}

/** A vault whose key is divided among custodians in this process, and a store that a test may disturb. */
export interface CheckedCustody extends AsyncDisposable {
  readonly vault: LocalVault;
  /** Of whom the vault asks from now on; what is returned counts the requests to each. */
  ask(custodians?: AskedCustodians): ReadonlyMap<number, number>;
}

const DIVISION = { quorum: 3, custodians: 5 };

/** @param wrap may disturb the link of the vault; custodians who do not collude read the true store */
export async function checkedCustody(
  wrap: (link: StoreLink) => StoreLink,
): Promise<CheckedCustody> {
  const base = await mkdtemp(join(tmpdir(), 'opaline-checked-'));
  const created = await createFolder(join(base, 'vault'), 'memory', PASSPHRASE, '', LEAST_COST);
  const { path, secrets } = created;
  const { key, shares } = await dealKey(DIVISION.quorum, DIVISION.custodians);
  const addresses = shares.map((_, i) => `http://127.0.0.1:${i + 1}`);
  await writeCustody(path, secrets, {
    publicKey: encodeDividedKey(key),
    addresses,
    confirm: false,
  });
  const log = await IntentLog.open(path, secrets);
  const memory = new EmbeddedLink(new MemoryBackend());
  const honest = replayOn(notOwned(memory), {
    cache: join(base, 'cache'),
    cacheBytes: 1e9,
    owner: secrets.publicKey,
  });
  let answered: Uint8Array | undefined;
  const disturbed = wrap(memory);
  const link = overriding(disturbed, {
    aggregate: async (...asked: Parameters<StoreLink['aggregate']>) =>
      (answered = await disturbed.aggregate(...asked)),
  });
  const colluding: Replay = {
    head: (table) => memory.head(table),
    aggregate: () => Promise.resolve(answered!),
  };
  const files: Answered[] = [];
  let number = 0;
  const custodianOf = async (i: number, replay: Replay): Promise<Custodian> => {
    const path = join(base, `${number++}`);
    const file = await Answered.open(`${path}.answered`);
    files.push(file);
    const known = await KnownLog.open(`${path}.checkpoint`, log.key);
    const whom = { owner: secrets.publicKey, gate: requestPublicKey(secrets) };
    const held = { division: key.division, custodians: shares.length, share: shares[i - 1]! };
    const share = { key: key.id, ...held, ...whom, log: formatKey(log.key) };
    return new Custodian(share, replay, file, known);
  };
  let current: Custody | undefined;
  const custodians: Custody = {
    parameters: thresholdParameters(key.division),
    decrypt: (sums, options) => current!.decrypt(sums, options),
  };
  const folder = { ...created, host: { ...created.host, custodians: async () => custodians } };
  const vault = new LocalVault(folder, link, 0);
  return {
    vault,
    ask: ({ present, lies = {}, collude = false } = {}) => {
      const asked = new Map<number, number>();
      const made = new Map<number, Promise<Custodian>>();
      const links = shares.map(({ index }) => ({
        index,
        name: `custodian ${index}`,
        isThere: () => Promise.resolve(present?.includes(index) ?? true),
        ask: async (request: Uint8Array) => {
          asked.set(index, (asked.get(index) ?? 0) + 1);
          const known = made.get(index) ?? custodianOf(index, collude ? colluding : honest);
          made.set(index, known);
          const answer = await (await known).answer(request);
          return lies[index]?.(answer) ?? answer;
        },
      }));
      current = new Custodians({ key, links, signing: requestKey(secrets), log });
      return asked;
    },
    [Symbol.asyncDispose]: async () => {
      for (const file of files) await file[Symbol.asyncDispose]();
      await honest[Symbol.asyncDispose]();
      await vault.close();
      await rm(base, { recursive: true, force: true });
    },
  };
}

/**
 * A lie that adds whole numbers to what each sum of an answer comes to, modulo q of its level.
 * @param by of the place of a sum and q
 */
export function adding(by: (place: number, q: bigint) => bigint): Lie {
  const { dataPrimes } = thresholdParameters({ parties: 1, quorum: DIVISION.quorum });
  return (answer) => {
    const { index, scalars } = decodePartials(answer);
    const moved = scalars.map((scalar, place) => {
      const primes = dataPrimes.slice(0, scalar.length);
      const q = product(primes);
      return Uint32Array.from(toResidues(fromResidues(scalar, primes) + by(place, q), primes));
    });
    return encodePartials({ index, scalars: moved });
  };
}

function overriding(link: StoreLink, members: Partial<StoreLink>): StoreLink {
  return new Proxy(link, {
    get: (target, property) => {
      const member: unknown = Reflect.get(members, property) ?? Reflect.get(target, property);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

const notOwned = (link: StoreLink): StoreLink =>
  overriding(link, { [Symbol.asyncDispose]: () => Promise.resolve() });
