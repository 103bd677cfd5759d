import type * as fs from 'node:fs/promises';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openCheckpoint } from '../../src/audit/checkpoint.ts';
import { AuditLog } from '../../src/audit/file/audit-log.ts';
import { parseProof, verifyProof } from '../../src/audit/tlog-proof.ts';
import { type CustodianLink, Custodians } from '../../src/client/custody/custodians.ts';
import { type Announcement, IntentLog } from '../../src/client/custody/intent-log.ts';
import { OpalineError } from '../../src/errors/opaline-error.ts';
import { replyDigest } from '../../src/gate/custody/reply-digest.ts';
import { type LoggedIntent, parseRequest, signRequest } from '../../src/gate/custody/request.ts';
import { Custodian } from '../../src/gateway/custodian/custodian.ts';
import { KnownLog } from '../../src/gateway/custodian/known-log.ts';
import type { AggregateReply, Fragment } from '../../src/plan/fragment.ts';
import {
  decodeFragment,
  encodeAggregateReply,
  encodeFragment,
} from '../../src/plan/fragment-codec.ts';
import { type CustodianSet, custodianSet, replyOf, ROWS } from '../support/custodian-set.ts';
import { DurableDisk } from '../support/durable-disk.ts';
import { probe, watch } from '../support/fs-probe.ts';

vi.mock('node:fs/promises', async (original) => {
  const { probed } = await import('../support/fs-probe.ts');
  return probed(await original<typeof fs>());
});

const about = ({ key, fragment, reply }: CustodianSet) => ({
  key: key.id,
  quorum: [1, 2, 3],
  fragment: encodeFragment(fragment),
  digest: replyDigest(reply),
});

/** A request by a log that may be another than the set's, proved as somebody would who wants it accepted. */
async function requestBy(
  set: CustodianSet,
  log: IntentLog,
  known: number,
  change: Partial<LoggedIntent> = {},
): Promise<Uint8Array> {
  const announced = await log.announce(about(set));
  const intent = { ...(await log.prove(announced, known)), ...change };
  return signRequest({ ...about(set), intent }, set.gate);
}

describe('a custodian', () => {
  let set: CustodianSet;
  beforeEach(async () => {
    set = await custodianSet();
  });
  afterEach(() => set[Symbol.asyncDispose]());

  const path = '1.answered';
  const custodian = (): Promise<Custodian> => set.custodian(1, {}, path);
  const known = async (): Promise<number> =>
    openCheckpoint(await readFile(join(set.folder, `${path}.checkpoint`)), set.log.key, 'it').size;

  /** A copy of the log as it is now. */
  const copied = async (name: string): Promise<IntentLog> => {
    const copy = join(set.folder, name);
    await cp(join(set.folder, 'log'), copy, { recursive: true });
    return new IntentLog(await AuditLog.open(copy, set.secrets), () => 0);
  };

  it('refuses a log that was rolled back, and what it then becomes, before and after a restart', async () => {
    let one = await custodian();
    await one.admit(await set.request());
    const older = await copied('older');
    for (let i = 0; i < 3; i++) await one.admit(await set.request());
    expect(await known()).toBe(4);
    const expected: [number, object][] = [
      // Whatever is proved, it has fewer entries.
      [0, { code: 'LOG_ROLLBACK', details: { expected: 4, found: 2 } }],
      [1, { code: 'LOG_ROLLBACK', details: { expected: 4, found: 3 } }],
      [1, { code: 'LOG_FORK', details: { size: 4 } }],
      // From what is known, which its tree is not.
      [4, { code: 'LOG_FORK', details: { size: 4 } }],
      // And from elsewhere nothing is shown of it.
      [0, { code: 'LOG_UNPROVED', details: { known: 4 } }],
      [1, { code: 'LOG_UNPROVED', details: { known: 4 } }],
      [6, { code: 'LOG_UNPROVED', details: { known: 4 } }],
    ];
    for (const [from, error] of expected) {
      await expect(one.admit(await requestBy(set, older, from))).rejects.toMatchObject(error);
      one = await custodian();
    }
    expect(await known()).toBe(4);
    // The log itself goes on.
    await one.answer(await set.request());
    expect(await known()).toBe(5);
  });

  it('refuses another proof than that of its own entries', async () => {
    const one = await custodian();
    for (let i = 0; i < 3; i++) await one.admit(await set.request());
    const announced = await set.intents.announce(about(set));
    const intent = await set.intents.prove(announced, 3);
    const ask = (change: Partial<LoggedIntent['continuation']>): Promise<unknown> => {
      const continuation = { ...intent.continuation, ...change };
      return one.admit(
        signRequest({ ...about(set), intent: { ...intent, continuation } }, set.gate),
      );
    };
    const { hashes } = intent.continuation;
    const altered = hashes.map((hash, i) => (i === 0 ? hash.map((byte) => byte ^ 1) : hash));
    const fork = { code: 'LOG_FORK', details: { size: 3 } };
    await expect(ask({ hashes: altered })).rejects.toMatchObject(fork);
    await expect(ask({ hashes: [] })).rejects.toMatchObject(fork);
    await expect(ask({ from: 2 })).rejects.toMatchObject({ code: 'LOG_UNPROVED' });
    expect(await known()).toBe(3);
    await ask({});
    expect(await known()).toBe(4);
  });

  it('accepts what was overtaken once it is proved in the newer log, and not before', async () => {
    const one = await custodian();
    await one.admit(await set.request());
    const first = await set.intents.announce(about(set));
    const proved = (of: Announcement, from: number): Promise<Uint8Array> =>
      set.intents
        .prove(of, from)
        .then((intent) => signRequest({ ...about(set), intent }, set.gate));
    const slow = await proved(first, 1);
    await one.admit(await set.request());
    expect(await known()).toBe(3);
    await expect(one.admit(slow)).rejects.toMatchObject({
      code: 'LOG_ROLLBACK',
      details: { expected: 3, found: 2 },
    });
    await one.answer(await proved(first, 3));
    expect(await known()).toBe(3);
  });

  it('knows what it accepted although it was ended before it answered', async () => {
    const dies = await set.custodian(
      1,
      { aggregate: () => Promise.reject(new OpalineError('ABORTED', {})) },
      path,
    );
    await dies.admit(await set.request());
    const older = await copied('older');
    await expect(dies.answer(await set.request())).rejects.toMatchObject({ code: 'ABORTED' });
    const after = await custodian();
    expect(await known()).toBe(2);
    await expect(after.admit(await requestBy(set, older, 1))).rejects.toMatchObject({
      code: 'LOG_FORK',
    });
    // Nothing was answered: it may be asked for.
    await after.answer(await set.request());
  });

  it('answers nothing that it could not keep the checkpoint of', async () => {
    const one = await custodian();
    const place = join(set.folder, `${path}.checkpoint`);
    // A folder in the file's place: nothing can be kept.
    await mkdir(join(place, 'inner'), { recursive: true });
    const request = await set.request();
    await expect(one.answer(request)).rejects.toMatchObject({
      code: 'STORE_IO',
      details: { operation: 'keeping what is known of a log' },
    });
    await rm(place, { recursive: true });
    await one.answer(request);
    expect(await known()).toBe(1);
  });

  it('does not begin with a file that the log’s key did not sign', async () => {
    await (await custodian()).admit(await set.request());
    const place = join(set.folder, `${path}.checkpoint`);
    const kept = await readFile(place);
    for (const bytes of [kept.subarray(0, -9), Buffer.from('nothing'), new Uint8Array(0)]) {
      await writeFile(place, bytes);
      await expect(KnownLog.open(place, set.log.key)).rejects.toMatchObject({
        code: 'BYTES_INVALID',
      });
    }
    kept[kept.indexOf('\n') + 1]! ^= 1;
    await writeFile(place, kept);
    await expect(KnownLog.open(place, set.log.key)).rejects.toMatchObject({
      code: 'BYTES_INVALID',
    });
  });

  it('has it on the disk when it may answer, whichever call the power fails at', async () => {
    const request = parseRequest(await set.request());
    const { entry, proof, continuation } = request.intent;
    const head = verifyProof(parseProof(new TextEncoder().encode(proof)), entry, set.log.key);
    let [accepted, at] = [0, 0];
    for (let failed = true; failed;) {
      at += 1;
      const before = await mkdtemp(join(set.folder, 'before-'));
      const disk = new DurableDisk(before);
      const log = await KnownLog.open(join(before, 'checkpoint'), set.log.key);
      watch(before, { at, effect: 'lost', code: 'EIO', crash: true });
      probe.after = (call) => disk.note(call);
      const done = await log.accept(head, continuation).then(
        () => true,
        () => false,
      );
      failed = probe.calls.length >= at;
      watch(undefined);
      const left = join(set.folder, `left-${at}`);
      disk.restore(left);
      const after = await KnownLog.open(join(left, 'checkpoint'), set.log.key);
      if (done) {
        accepted += 1;
        expect(after.size).toBe(1);
      }
      // It can go on, whatever was left.
      await after.accept(head, continuation);
      expect((await KnownLog.open(join(left, 'checkpoint'), set.log.key)).size).toBe(1);
    }
    expect(accepted).toBeGreaterThan(0);
    expect(at).toBeGreaterThan(4);
  });
});

describe('gates that ask at once', () => {
  const SUMS = 6;
  const linkTo = (custodian: Custodian): CustodianLink => ({
    index: custodian.index,
    name: `number ${custodian.index}`,
    isThere: () => Promise.resolve(true),
    ask: (request) => custodian.answer(request),
  });

  it('are all answered, whichever overtakes which', async () => {
    await using set = await custodianSet(2, 3);
    const replies = Array.from({ length: SUMS }, (_, i) => replyOf(set.sampleOf(BigInt(i))));
    const fragments = replies.map((_, i) => withGroups(set.fragment, i + 1));
    const aggregate = (bytes: Uint8Array): Promise<Uint8Array> =>
      Promise.resolve(encodeAggregateReply(replies[groupsOf(bytes) - 1]!));
    const links = await Promise.all(
      [1, 2, 3].map(async (i) => linkTo(await set.custodian(i, { aggregate }))),
    );
    // Each a process of its own would have: its own view of one log, which the files hold.
    const gates = await Promise.all(
      [0, 1, 2].map(async (i) => {
        const log = await AuditLog.open(join(set.folder, 'log'), set.secrets);
        const asked = [...links.slice(i), ...links.slice(0, i)];
        const options = { key: set.key, links: asked, signing: set.gate };
        return new Custodians({ ...options, log: new IntentLog(log, () => 0) });
      }),
    );
    const sums = await Promise.all(
      replies.map((reply: AggregateReply, i) =>
        gates[i % 3]!.decrypt({ fragment: fragments[i]!, reply, rows: ROWS }, {}),
      ),
    );
    expect(sums).toEqual(replies.map((_, i) => [[BigInt(i)]]));
  });

  it('give up on a custodian that always knows more, and say so of one that knows too much', async () => {
    await using set = await custodianSet(2, 3);
    const { fragment, reply, key, gate } = set;
    const asking = async (refusal: OpalineError): Promise<{ asked: number; error: unknown }> => {
      let asked = 0;
      const link = (index: number, ask: CustodianLink['ask']): CustodianLink => ({
        index,
        name: String(index),
        isThere: () => Promise.resolve(true),
        ask,
      });
      const lying = link(1, () => {
        asked += 1;
        return Promise.reject(refusal);
      });
      const silent = link(2, () => Promise.withResolvers<Uint8Array>().promise);
      const options = { key, links: [lying, silent], signing: gate, log: set.intents };
      const gateway = new Custodians(options);
      const error: unknown = await gateway.decrypt({ fragment, reply, rows: ROWS }, {}).then(
        () => undefined,
        (one: unknown) => one,
      );
      return { asked, error };
    };
    const always = await asking(new OpalineError('LOG_UNPROVED', { known: 1 }));
    expect(always).toMatchObject({ asked: 32, error: { code: 'LOG_UNPROVED' } });
    const much = await asking(new OpalineError('LOG_ROLLBACK', { expected: 1000, found: 2 }));
    expect(much).toMatchObject({ asked: 1, error: { code: 'LOG_ROLLBACK' } });
    for (const known of [-1, 0.5, Number.NaN, 2 ** 60]) {
      const odd = await asking(new OpalineError('LOG_UNPROVED', { known }));
      expect(odd).toMatchObject({ asked: 1, error: { code: 'LOG_UNPROVED' } });
    }
  });
});

function withGroups(fragment: Fragment, maxGroups: number): Fragment {
  return { ...fragment, work: { ...fragment.work, maxGroups } as Fragment['work'] };
}

function groupsOf(bytes: Uint8Array): number {
  const { work } = decodeFragment(bytes);
  return work.kind === 'aggregate' ? work.maxGroups : 0;
}
