import { describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/file/audit-log.ts';
import { formatProof } from '../../src/audit/tlog-proof.ts';
import { join } from 'node:path';
import { randomBytes } from '../../src/bytes/random.ts';
import { type CustodianLink, Custodians } from '../../src/client/custody/custodians.ts';
import { IntentLog } from '../../src/client/custody/intent-log.ts';
import { decodePartials, encodePartials } from '../../src/gate/custody/partials.ts';
import { replyDigest } from '../../src/gate/custody/reply-digest.ts';
import type { Custodian } from '../../src/gateway/custodian/custodian.ts';
import type { AggregateReply, Fragment } from '../../src/plan/fragment.ts';
import { encodeFragment } from '../../src/plan/fragment-codec.ts';
import { fromResidues, product, toResidues } from '../../src/ring/residues.ts';
import { thresholdParameters } from '../../src/params/presets.ts';
import { custodianSet, ROWS, VALUE } from '../support/custodian-set.ts';

const refused = expect.objectContaining({ code: 'CUSTODIAN_REFUSED' });

describe('a custodian', () => {
  it('refuses what is not signed by the gate, byte by byte', async () => {
    await using set = await custodianSet();
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
    await using set = await custodianSet();
    const custodian = await set.custodian(1);
    const other = encodeFragment({ ...set.fragment, epoch: 8 });
    await expect(custodian.answer(await set.request({}, { fragment: other }))).rejects.toThrow(
      refused,
    );
    await expect(custodian.answer(await set.request({}, { quorum: [1, 2, 4] }))).rejects.toThrow(
      refused,
    );
    const [logged] = await set.log.append([{ kind: 'release.intent', time: 0 }]);
    const intent = {
      entry: logged!.entry,
      salt: new Uint8Array(32),
      proof: formatProof(logged!.proof),
      continuation: { from: 0, hashes: [] },
    };
    await expect(custodian.answer(await set.request({ intent }))).rejects.toThrow(refused);
    const foreign = await AuditLog.create(join(set.folder, 'foreign'), 'a-test', {
      signing: randomBytes(32),
      sealing: randomBytes(32),
    });
    const about = { key: set.key.id, quorum: [1, 2, 3], fragment: encodeFragment(set.fragment) };
    const elsewhere = new IntentLog(foreign, () => 0);
    const forged = await elsewhere.prove(await elsewhere.announce(about), 0);
    await expect(custodian.answer(await set.request({ intent: forged }))).rejects.toThrow(
      expect.objectContaining({ code: 'BYTES_INVALID' }),
    );
  });

  it('refuses a result that is another here, and does not count it as answered', async () => {
    await using set = await custodianSet();
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
    await using set = await custodianSet();
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
          work: {
            kind: 'aggregate',
            outputs: [{ kind: 'sum', limbs: 1 }],
            counts: 1,
            tallies: 0,
            maxGroups: 1,
          },
        },
        'BYTES_INVALID',
      ],
      // A limb less has no room for the flooding noise.
      [
        {
          ...set.fragment,
          work: {
            kind: 'aggregate',
            outputs: [{ kind: 'divided', limbs: set.limbs - 1 }],
            counts: 1,
            tallies: 0,
            maxGroups: 1,
          },
        },
        'NOISE_BOUND',
      ],
      // One more, and the same sum would be another.
      [
        {
          ...set.fragment,
          work: {
            kind: 'aggregate',
            outputs: [{ kind: 'divided', limbs: set.limbs + 1 }],
            counts: 1,
            tallies: 0,
            maxGroups: 1,
          },
        },
        'CUSTODIAN_REFUSED',
      ],
      // A row that counts twice has twice the noise.
      [
        {
          ...set.fragment,
          segments: set.fragment.segments.map((part) => ({
            ...part,
            sums: [...part.sums, ...part.sums],
          })),
        },
        'BYTES_INVALID',
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
  const linkTo = (
    custodian: Custodian,
    change: (bytes: Uint8Array) => Uint8Array = (b) => b,
  ): CustodianLink => ({
    index: custodian.index,
    name: `number ${custodian.index}`,
    isThere: () => Promise.resolve(true),
    ask: async (request) => change(await custodian.answer(request)),
  });

  it('adds up what three answer, and notices one that answers wrongly', async () => {
    await using set = await custodianSet();
    const { fragment, reply, gate, key, intents } = set;
    const sums = { fragment, reply, rows: ROWS };
    const gateOf = async (change?: (bytes: Uint8Array) => Uint8Array): Promise<Custodians> => {
      const links = [
        linkTo(await set.custodian(1)),
        linkTo(await set.custodian(3)),
        linkTo(await set.custodian(5), change),
      ];
      return new Custodians({ key, links, signing: gate, log: intents });
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

  it('does not see a sum shifted by a whole, and does where a second quorum confirms', async () => {
    await using set = await custodianSet(2, 4);
    const { fragment, reply, gate, key, intents, limbs } = set;
    const primes = thresholdParameters(key.division).dataPrimes.slice(0, limbs);
    const step = product(primes) / 2n ** 48n;
    const shift = (bytes: Uint8Array): Uint8Array => {
      const { index, scalars } = decodePartials(bytes);
      const moved = (fromResidues(scalars[0]!, primes) + 1000n * step) % product(primes);
      return encodePartials({ index, scalars: [Uint32Array.from(toResidues(moved, primes))] });
    };
    const ask = async (confirm: boolean): Promise<unknown> => {
      const links = await Promise.all(
        [1, 2, 3, 4].map(async (i) =>
          linkTo(await set.custodian(i), i === 1 ? shift : (bytes) => bytes),
        ),
      );
      const options = { key, links, signing: gate, log: intents, confirm };
      return await new Custodians(options).decrypt({ fragment, reply, rows: ROWS }, {});
    };
    expect(await ask(false)).toEqual([[VALUE + 1000n]]);
    await expect(ask(true)).rejects.toThrow(expect.objectContaining({ code: 'PARTIALS_INVALID' }));
  });
});
