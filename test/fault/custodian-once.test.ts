import type * as fs from 'node:fs/promises';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodePartials } from '../../src/gate/custody/partials.ts';
import { replyDigest } from '../../src/gate/custody/reply-digest.ts';
import { sumDigest } from '../../src/gate/custody/sum-digest.ts';
import { Answered, type AnsweredSums } from '../../src/gateway/custodian/answered.ts';
import type { AggregateReply, Fragment } from '../../src/plan/fragment.ts';
import { encodeAggregateReply, encodeFragment } from '../../src/plan/fragment-codec.ts';
import { DurableDisk } from '../support/durable-disk.ts';
import { probe, watch } from '../support/fs-probe.ts';
import { type CustodianSet, custodianSet, replyOf, TABLE } from '../support/custodian-set.ts';

vi.mock('node:fs/promises', async (original) => {
  const { probed } = await import('../support/fs-probe.ts');
  return probed(await original<typeof fs>());
});

const refused = expect.objectContaining({ code: 'CUSTODIAN_REFUSED' });

/** One sum, one answer, at one epoch. */
describe('a custodian', () => {
  let set: CustodianSet;
  beforeEach(async () => {
    set = await custodianSet();
  });
  afterEach(async () => {
    await set[Symbol.asyncDispose]();
  });

  /** A fragment of so many sums. */
  const fragmentOf = (sums: number): Fragment => ({
    ...set.fragment,
    work: {
      kind: 'aggregate',
      outputs: Array.from({ length: sums }, () => ({ kind: 'divided', limbs: set.limbs })),
      counts: 1,
      tallies: 0,
      maxGroups: 1,
    },
    segments: set.fragment.segments.map((part) => ({
      ...part,
      sums: Array.from({ length: sums }, (_, output) => ({ output, column: 0, over: -1 })),
    })),
  });

  /** Asks a custodian who evaluates any plan to this reply. */
  const asking = async (
    answered: string,
    reply: AggregateReply,
    fragment: Fragment = set.fragment,
  ): Promise<readonly Uint32Array[]> => {
    const custodian = await set.custodian(
      2,
      { aggregate: () => Promise.resolve(encodeAggregateReply(reply)) },
      answered,
    );
    const change = { fragment: encodeFragment(fragment), digest: replyDigest(reply) };
    return decodePartials(await custodian.answer(await set.request(change))).scalars;
  };

  it('answers a request that is signed, announced and replayed, once', async () => {
    const custodian = await set.custodian(2);
    const request = await set.request();
    const { index, scalars } = decodePartials(await custodian.answer(request));
    expect({ index, scalars: scalars.map(({ length }) => length) }).toEqual({
      index: 2,
      scalars: [set.limbs],
    });
    await expect(custodian.answer(request)).rejects.toThrow(refused);
    // Nor in another quorum, in which it would give another scalar.
    const other = await set.request({ quorum: [2, 4, 5] });
    await expect(custodian.answer(other)).rejects.toThrow(refused);
  });

  it('answers one of many equal requests at once', async () => {
    const custodian = await set.custodian(1);
    const request = await set.request();
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => custodian.answer(request)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is not got around by writing the plan in another way', async () => {
    const { reply, fragment } = set;
    await asking('2.answered', reply);
    const [part] = fragment.segments as [Fragment['segments'][0]];
    const rewritten: Fragment[] = [
      {
        ...fragment,
        segments: [{ ...part, nodes: [{ kind: 'all' }, { kind: 'all' }], filter: 1 }],
      },
      {
        ...fragment,
        segments: [{ ...part, nodes: [{ kind: 'none' }, { kind: 'not', arg: 0 }], filter: 1 }],
      },
      { ...fragment, work: { ...fragmentOf(1).work, maxGroups: 7 } as Fragment['work'] },
    ];
    const plain = Buffer.from(encodeFragment(fragment)).toString('hex');
    for (const other of rewritten) {
      expect(Buffer.from(encodeFragment(other)).toString('hex')).not.toBe(plain);
      await expect(asking('2.answered', reply, other)).rejects.toThrow(refused);
    }
    // Nor by asking for something else beside it, which is then not answered either, and can be asked for alone.
    const [[one]] = reply.groups.map(({ sums }) => sums) as [
      [AggregateReply['groups'][0]['sums'][0]],
    ];
    const fresh = set.sampleOf(5n);
    const both = replyOf(fresh, one);
    await expect(asking('2.answered', both, fragmentOf(2))).rejects.toThrow(refused);
    expect(await asking('2.answered', replyOf(fresh))).toHaveLength(1);
    // Nor in another group.
    const grouped = { groups: [{ ...replyOf(one).groups[0]!, key: [3] }] };
    await expect(asking('2.answered', grouped)).rejects.toThrow(refused);
  });

  it('gives one scalar for a sum that a reply has twice', async () => {
    const [one, two] = [set.sampleOf(1n), set.sampleOf(2n)];
    const scalars = await asking('2.answered', replyOf(one, two, one), fragmentOf(3));
    expect(scalars[2]).toEqual(scalars[0]);
    expect(scalars[1]).not.toEqual(scalars[0]);
    expect((await readFile(join(set.folder, '2.answered'))).length).toBe(16 + 2 * 64);
  });

  it('answers for sums over no row as often as it is asked', async () => {
    const { limbs, a, b } = set.sampleOf(0n);
    const nothing = replyOf({ limbs, a: a.fill(0), b: b.fill(0) });
    const [[first], [second]] = [
      await asking('2.answered', nothing),
      await asking('2.answered', nothing),
    ];
    expect(first).not.toEqual(second);
  });

  it('has it on the disk before the answer leaves', async () => {
    const path = '2.answered';
    const custodian = await set.custodian(2, {}, path);
    const request = await set.request();
    await rm(join(set.folder, path));
    // A folder in the file's place: nothing can be recorded.
    await mkdir(join(set.folder, path));
    await expect(custodian.answer(request)).rejects.toThrow(
      expect.objectContaining({ code: 'STORE_IO' }),
    );
    // It may have been written: it counts.
    await expect(custodian.answer(request)).rejects.toThrow(refused);
  });

  it('remembers after it was ended', async () => {
    const { reply } = set;
    await asking('2.answered', reply);
    await expect(asking('2.answered', reply)).rejects.toThrow(refused);
    const kept = await readFile(join(set.folder, '2.answered'));
    expect(kept.length).toBe(16 + 64);
    expect(kept.includes(Buffer.from(sumDigest(reply.groups[0]!.sums[0]!)))).toBe(true);
  });
});

describe('what was answered', () => {
  const sums = (epoch: number, ...of: readonly number[]): AnsweredSums => ({
    table: TABLE,
    epoch,
    sums: of.map((byte) => new Uint8Array(32).fill(byte)),
  });
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'opaline-answered-'));
    path = join(folder, 'share.answered');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is there after a crash, and a half-written record is not', async () => {
    {
      await using answered = await Answered.open(path);
      expect(await answered.record(sums(1, 1, 2))).toBe('new');
      expect(await answered.record(sums(1, 2, 3))).toBe('answered');
      expect(await answered.record(sums(1, 3))).toBe('new');
      await expect(Answered.open(path)).rejects.toThrow(refused);
    }
    await appendFile(path, new Uint8Array(17).fill(9));
    {
      await using answered = await Answered.open(path);
      expect([1, 2, 3, 4].map((byte) => answered.standing(sums(1, byte)))).toEqual([
        'answered',
        'answered',
        'answered',
        'new',
      ]);
      expect(await answered.record(sums(1, 4))).toBe('new');
    }
    expect((await readFile(path)).length).toBe(16 + 4 * 64);
  });

  it('is on the disk when it may be answered, whichever call the power fails at', async () => {
    const folders: string[] = [];
    let answeredBefore = 0;
    for (let at = 1; ; at += 1) {
      const before = await mkdtemp(join(folder, 'before-'));
      const file = join(before, 'share.answered');
      const disk = new DurableDisk(before);
      watch(before, { at, effect: 'lost', code: 'EIO', crash: true });
      probe.after = (call) => disk.note(call);
      const answered = await Answered.open(file).catch(() => undefined);
      const standing = await answered?.record(sums(1, 1)).catch(() => 'failed');
      const failed = probe.calls.length >= at;
      watch(undefined);
      const left = join(folder, `left-${at}`);
      disk.restore(left);
      folders.push(left);
      await using after = await Answered.open(join(left, 'share.answered'));
      if (standing === 'new') {
        answeredBefore += 1;
        expect(after.standing(sums(1, 1))).toBe('answered');
      }
      // It can go on, whatever was left.
      expect(await after.record(sums(1, 2))).toBe('new');
      if (!failed) break;
    }
    expect(answeredBefore).toBeGreaterThan(0);
    expect(folders.length).toBeGreaterThan(6);
  });

  it('is by epoch, and no older one is answered for', async () => {
    await using answered = await Answered.open(path);
    expect(await answered.record(sums(2, 1))).toBe('new');
    expect(await answered.record(sums(3, 1))).toBe('new');
    expect(answered.standing(sums(2, 9))).toBe('superseded');
    expect(await answered.record({ ...sums(2, 1), table: 'f'.repeat(32) })).toBe('new');
  });

  it('is refused where it was altered', async () => {
    {
      await using answered = await Answered.open(path);
      await answered.record(sums(1, 1));
    }
    const altered = await readFile(path);
    altered[20]! ^= 1;
    await writeFile(path, altered);
    await expect(Answered.open(path)).rejects.toThrow(
      expect.objectContaining({ code: 'BYTES_INVALID' }),
    );
  });
});
