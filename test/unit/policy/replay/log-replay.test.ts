import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { toHex } from '../../../../src/bytes/hex.ts';
import { sha256 } from '../../../../src/bytes/hash.ts';
import { utf8 } from '../../../../src/bytes/codec.ts';
import type { OpenedEntry } from '../../../../src/policy/replay/entry.ts';
import { LogReplay } from '../../../../src/policy/replay/log-replay.ts';
import type { ReplayOptions, ReplayVerdict } from '../../../../src/policy/replay/verdict.ts';
import { policyText } from '../../../../src/policy/signed-policy.ts';
import {
  APPROVERS,
  documentOf,
  gateHistory,
  type MadeEntry,
  rendered,
  TOOL,
} from '../../../support/gate-log.ts';
import { type Draw, draws } from '../../../support/malicious-link.ts';

function replayed(entries: readonly OpenedEntry[], options: ReplayOptions = {}): ReplayVerdict {
  const replay = new LogReplay(options);
  for (const entry of entries) replay.visit(entry);
  return replay.finish();
}

const problems = (entries: readonly MadeEntry[], options?: ReplayOptions): string[] =>
  replayed(rendered(entries), options)
    .findings.filter(({ level }) => level === 'problem')
    .map(({ index, text }) => `${index}: ${text}`);

type Content = Readonly<Record<string, unknown>>;
const contentOf = (entry: MadeEntry): Content => entry.content as Content;

/** A history in which something is not as it was; undefined: there is nothing of the kind in it. */
type Mutation = (entries: readonly MadeEntry[], draw: Draw) => MadeEntry[] | undefined;

/** One of the entries that are meant, in whose place others come; intents follow. */
const inPlaceOf =
  (
    isMeant: (entry: MadeEntry, entries: readonly MadeEntry[], at: number) => boolean,
    others: (entry: MadeEntry, entries: readonly MadeEntry[], at: number) => readonly MadeEntry[],
  ): Mutation =>
  (entries, draw) => {
    const places = entries.flatMap((one, at) => (isMeant(one, entries, at) ? [at] : []));
    if (places.length === 0) return undefined;
    const at = places[draw(places.length)]!;
    const entry = entries[at]!;
    const put = others(entry, entries, at);
    const heir = put.find(({ kind }) => kind === entry.kind);
    return [...entries.slice(0, at), ...put, ...entries.slice(at + 1)].map((one) =>
      one.intent === entry && heir !== undefined ? { ...one, intent: heir } : one,
    );
  };

const changed = (
  isMeant: (entry: MadeEntry, entries: readonly MadeEntry[], at: number) => boolean,
  change: (content: Content, entry: MadeEntry) => Content,
): Mutation =>
  inPlaceOf(isMeant, (entry) => [
    { ...entry, content: { ...contentOf(entry), ...change(contentOf(entry), entry) } },
  ]);

const isReleased = ({ kind, content }: MadeEntry): boolean =>
  kind === 'release.outcome' && (content as Content)['released'] === true;
const isAnswered = (entry: MadeEntry, entries: readonly MadeEntry[]): boolean =>
  entry.kind === 'release.intent' && entries.some((one) => one.intent === entry && isReleased(one));
const isOf =
  (purpose: string) =>
  (entry: MadeEntry, entries: readonly MadeEntry[]): boolean =>
    isAnswered(entry, entries) && contentOf(entry)['purpose'] === purpose;
const isTools = (entry: MadeEntry, entries: readonly MadeEntry[]): boolean =>
  isAnswered(entry, entries) && contentOf(entry)['principal'] === TOOL.name;
const cutOff = (time: number, kind: string): MadeEntry => {
  return { kind, time, content: { tool: TOOL.name, bundle: TOOL.bundle, reason: 'too much' } };
};
const approvalOf = (content: Content): { signatures: readonly Content[] } =>
  content['approval'] as { signatures: readonly Content[] };
const hashed = (text: string): string => toHex(sha256(utf8(text)));

/** By what is wrong: what is told of it, and how it comes about. */
const MUTATIONS: Readonly<Record<string, readonly [string, Mutation]>> = {
  'an intent is missing': ['released without an intent', inPlaceOf(isAnswered, () => [])],
  'an intent comes after its release': [
    'released without an intent',
    (entries, draw) => {
      const released = entries.filter(isReleased);
      if (released.length === 0) return undefined;
      const { intent } = released[draw(released.length)]!;
      const outcome = released.find((one) => one.intent === intent)!;
      return entries.flatMap((one) =>
        one === intent ? [] : one === outcome ? [outcome, intent!] : [one],
      );
    },
  ],
  'a release is there twice': [
    'a second outcome',
    inPlaceOf(isReleased, (entry) => [entry, { ...entry }]),
  ],
  'more was released than the intent said': [
    'more cells than its intent',
    changed(isReleased, () => ({ cells: 5 })),
  ],
  'it was looked at again before the intent': [
    'not looked at again',
    changed(isReleased, (_, { intent }) => ({
      checked: intent!.time - 1,
    })),
  ],
  'it was looked at again after the release': [
    'not looked at again',
    changed(isReleased, (_, { time }) => ({
      checked: time + 1,
    })),
  ],
  'the policy is another': [
    'another policy than revision',
    changed(isAnswered, ({ policy }) => ({
      policy: { ...(policy as Content), digest: hashed('x') },
    })),
  ],
  'the policy is of another revision': [
    'another policy than revision',
    changed(isAnswered, ({ policy }) => ({
      policy: { ...(policy as Content), revision: 77 },
    })),
  ],
  'the first policy is missing': [
    'does not follow',
    (entries) => {
      const [first, ...more] = entries.filter(({ kind }) => kind === 'policy.sign');
      return more.length === 0 ? undefined : entries.filter((one) => one !== first);
    },
  ],
  'a policy skips a revision': [
    'does not follow',
    inPlaceOf(
      ({ kind }) => kind === 'policy.sign',
      (entry) => [{ ...entry, content: policyText(documentOf(99)) }],
    ),
  ],
  'the log begins again': [
    'begins once more',
    inPlaceOf(isAnswered, (entry, entries) => [{ ...entries[0]!, time: entry.time }, entry]),
  ],
  'nobody is known to begin with': [
    'does not begin with its officers',
    (entries) => entries.slice(1),
  ],
  'a column is not necessary': [
    'does not need "cost"',
    changed(isAnswered, () => ({ fields: ['ward', 'cost'] })),
  ],
  'rows were asked for': [
    'no rule allows it to ask for rows',
    changed(isAnswered, () => ({ operations: ['rows'] })),
  ],
  'the table is another': [
    '"stays" is not the purpose’s',
    changed(isAnswered, () => ({ table: 'stays' })),
  ],
  'the purpose is none': [
    'no purpose "nothing"',
    changed(isAnswered, () => ({ purpose: 'nothing' })),
  ],
  'a stranger asked': ['nobody known asks', changed(isAnswered, () => ({ principal: 'eve' }))],
  'somebody without the role asked': [
    'no rule allows',
    changed(isOf('quality'), () => ({ principal: 'max' })),
  ],
  'who asked was revoked before': [
    'was revoked or over',
    inPlaceOf(
      (one) => isReleased(one),
      (entry) => {
        const name = contentOf(entry.intent!)['principal'];
        const time = (contentOf(entry)['checked'] as number) - 1;
        return [{ kind: 'principal.revoke', time, content: { name } }, entry];
      },
    ),
  ],
  'who asked is there twice': [
    'a second principal',
    inPlaceOf(
      ({ kind }) => kind === 'principal.add',
      (entry) => [entry, { ...entry }],
    ),
  ],
  'the consents are others': [
    'other consents than those in force',
    changed(isOf('quality'), ({ consent }) => ({
      consent: { ...(consent as Content), digest: hashed('x') },
    })),
  ],
  'the subjects are more': [
    'counts other subjects',
    changed(isOf('quality'), ({ consent }) => ({
      consent: { ...(consent as Content), subjects: 40 },
    })),
  ],
  'consents are asked of a purpose that needs none': [
    'other consents than those in force',
    changed(isOf('billing'), ({ consent }) => ({
      consent: { ...(consent as Content), digest: hashed('x') },
    })),
  ],
  'a subject withdrew long before the release': [
    'consent had ended',
    inPlaceOf(
      (one, entries) => isReleased(one) && liveGrant(one, entries) !== undefined,
      (entry, entries) => {
        const records = [liveGrant(entry, entries)!];
        const time = entry.intent!.time - 40_000;
        return [{ kind: 'consent.withdraw', time, content: { records } }, entry];
      },
    ),
  ],
  'an approval is missing': [
    '1 of the 2 approvals',
    changed(isOf('billing'), (content) => ({
      approval: { ...approvalOf(content), signatures: approvalOf(content).signatures.slice(1) },
    })),
  ],
  'all approvals are missing': [
    '0 of the 2 approvals',
    changed(isOf('billing'), () => ({ approval: undefined })),
  ],
  'one person approved twice': [
    '1 of the 2 approvals',
    changed(isOf('billing'), (content) => {
      const [first] = approvalOf(content).signatures;
      return { approval: { ...approvalOf(content), signatures: [first!, first!] } };
    }),
  ],
  'one person approved under two names': [
    '1 of the 2 approvals',
    changed(isOf('billing'), (content) => {
      const [first] = approvalOf(content).signatures;
      const other = Object.keys(APPROVERS).find((name) => name !== first!['approver']);
      const signatures = [first!, { ...first!, approver: other }];
      return { approval: { ...approvalOf(content), signatures } };
    }),
  ],
  'an approval is of another request': [
    '0 of the 2 approvals',
    changed(isOf('billing'), () => ({
      sql: 'SELECT SUM(days) FROM visits',
    })),
  ],
  'an approval is not signed': [
    '1 of the 2 approvals',
    changed(isOf('billing'), (content) => ({
      approval: {
        ...approvalOf(content),
        signatures: approvalOf(content).signatures.map((one, i) =>
          i === 0 ? { ...one, signature: '0'.repeat(128) } : one,
        ),
      },
    })),
  ],
  'an approver was revoked before': [
    '1 of the 2 approvals',
    inPlaceOf(isOf('billing'), (entry) => {
      const time = (contentOf(entry)['decided'] as number) - 1;
      return [{ kind: 'principal.revoke', time, content: { name: 'mia' } }, entry];
    }),
  ],
  'an approver may not approve': [
    '1 of the 2 approvals',
    changed(
      ({ kind, content }, entries) =>
        kind === 'principal.add' &&
        (content as Content)['name'] === 'max' &&
        entries.some((one) => isOf('billing')(one, entries)),
      () => ({ roles: [] }),
    ),
  ],
  'what was approved was released twice': [
    'by the approvals that entry',
    inPlaceOf(
      (one) => isReleased(one) && contentOf(one.intent!)['purpose'] === 'billing',
      (entry) => {
        const intent = { ...entry.intent!, time: entry.time };
        return [
          entry,
          intent,
          { ...entry, intent, content: { ...contentOf(entry), checked: entry.time } },
        ];
      },
    ),
  ],
  'the attestation is altered': [
    'no current attestation of training',
    changed(
      ({ kind, content }, entries) =>
        kind === 'principal.attest' && coversRelease(content as Content, entries),
      ({ expires }) => ({ expires: (expires as number) + 1 }),
    ),
  ],
  'nobody was trained': [
    'no current attestation of training',
    (entries) =>
      entries.some(isReleased)
        ? entries.filter(({ kind }) => kind !== 'principal.attest')
        : undefined,
  ],
  'nothing was assessed': [
    'was not assessed',
    (entries) =>
      entries.some(isReleased) ? entries.filter(({ kind }) => kind !== 'assessment') : undefined,
  ],
  'the assessment had expired': [
    'assessment expired',
    (entries) =>
      entries.some(isReleased)
        ? entries.map((one) =>
            one.kind === 'assessment'
              ? {
                  ...one,
                  content: { ...contentOf(one), expires: (contentOf(one)['issued'] as number) + 1 },
                }
              : one,
          )
        : undefined,
  ],
  'the quota was exceeded': [
    'more queries than',
    inPlaceOf(isOf('quality'), (entry) => [
      ...Array.from({ length: 4 }, () => ({
        ...entry,
        content: { ...contentOf(entry), reserved: undefined },
      })).map((one) => ({ ...one })),
      entry,
    ]),
  ],
  'more cells than the purpose allows': [
    'more cells than the purpose',
    changed(isAnswered, () => ({ cells: 61 })),
  ],
  'releases were frozen': [
    'released though releases were frozen',
    inPlaceOf(isReleased, (entry) => [
      {
        kind: 'release.denied',
        time: entry.intent!.time,
        content: { released: false, intent: null, code: 'PART_CORRUPT', again: false, froze: true },
      },
      entry,
    ]),
  ],
  'an incident froze the gate': [
    'released though releases were frozen',
    inPlaceOf(isReleased, (entry) => [
      {
        kind: 'incident.measure',
        time: entry.intent!.time,
        content: { incident: 'an', measure: 'freeze', what: '' },
      },
      {
        kind: 'incident.close',
        time: entry.intent!.time,
        content: { incident: 'other', note: '' },
      },
      entry,
    ]),
  ],
  'the freeze was not lifted': [
    'released though releases were frozen',
    (entries) => {
      const at = entries.findIndex(({ kind }) => kind === 'release.lift');
      if (at === -1 || !entries.slice(at).some(isReleased)) return undefined;
      return entries.filter(({ kind }) => kind !== 'release.lift');
    },
  ],
  'a tool was never certified': [
    'its tool was not certified',
    (entries) =>
      entries.some((one) => isTools(one, entries))
        ? entries.filter(({ kind }) => kind !== 'tool.certify')
        : undefined,
  ],
  'a tool was suspended before it asked': [
    'allowed though its tool was cut off',
    inPlaceOf(isTools, (entry) => [
      cutOff((contentOf(entry)['decided'] as number) - 40_000, 'tool.suspend'),
      entry,
    ]),
  ],
  'a tool was revoked while it was worked for': [
    'released though its tool was cut off',
    inPlaceOf(
      (one) => isReleased(one) && contentOf(one.intent!)['principal'] === TOOL.name,
      (entry) => [cutOff((contentOf(entry)['checked'] as number) - 40_000, 'tool.revoke'), entry],
    ),
  ],
  'another version of a tool was certified': [
    'its tool was cut off',
    inPlaceOf(isTools, (entry) => [
      {
        kind: 'tool.certify',
        time: (contentOf(entry)['decided'] as number) - 40_000,
        content: { tool: TOOL.name, bundle: 'cd'.repeat(32), expires: entry.time + 1e9 },
      },
      entry,
    ]),
  ],
  'a tool’s certificate had expired': [
    'certificate had expired',
    (entries) =>
      entries.some((one) => isTools(one, entries))
        ? entries.map((one) =>
            one.kind === 'tool.certify'
              ? { ...one, content: { ...contentOf(one), expires: one.time } }
              : one,
          )
        : undefined,
  ],
  'a tool asked outside of its bundle': [
    'no query of its tool',
    changed(isTools, () => ({ tool: undefined })),
  ],
  'a reservation costs more than the budget': [
    'more than its privacy budget',
    changed(
      ({ content }) => typeof content !== 'string' && content['reserved'] !== undefined,
      ({ reserved }) => ({
        reserved: {
          ...(reserved as Content),
          cost: { microEpsilon: 71, microRho: 0, picoDelta: 0 },
        },
      }),
    ),
  ],
  'a reservation serves again for another cost': [
    'another cost than before',
    inPlaceOf(
      ({ content }) => typeof content !== 'string' && content['reserved'] !== undefined,
      (entry) => {
        const { reserved } = contentOf(entry);
        const cost = { microEpsilon: 3, microRho: 0, picoDelta: 0 };
        return [
          entry,
          {
            ...entry,
            content: { ...contentOf(entry), reserved: { ...(reserved as Content), cost } },
          },
        ];
      },
    ),
  ],
  'what an intent says is of no form': [
    'not of the form of a release.intent',
    changed(isAnswered, () => ({ cells: 'many' })),
  ],
  'a denial released something': [
    'a denial that released',
    inPlaceOf(isReleased, (entry) => [{ ...entry, kind: 'release.denied' }]),
  ],
};

/** Id of a grant that a release counted, by the one live consent of its subject. */
function liveGrant(outcome: MadeEntry, entries: readonly MadeEntry[]): string | undefined {
  const intent = outcome.intent!;
  if (contentOf(intent)['purpose'] !== 'quality') return undefined;
  const { time } = contentOf(intent)['consent'] as { time: number };
  const earlier = entries.slice(0, entries.indexOf(intent));
  const gone = new Set(
    earlier.flatMap(({ kind, content }) =>
      kind === 'consent.withdraw' ? ((content as Content)['records'] as string[]) : [],
    ),
  );
  const grants = earlier
    .filter(({ kind }) => kind === 'consent.grant')
    .map(
      (one) =>
        contentOf(one) as {
          id: string;
          subject: string;
          notice: string;
          given: number;
          expires: number | null;
        },
    )
    .filter(({ id, notice }) => !gone.has(id) && notice !== '3');
  return grants.find(
    ({ id, subject, given, expires }) =>
      given <= time &&
      (expires === null || time < expires) &&
      grants.every((other) => other.id === id || other.subject !== subject),
  )?.id;
}

/** Whether without an attestation a release would have none. */
function coversRelease({ principal }: Content, entries: readonly MadeEntry[]): boolean {
  const own = entries.filter(
    ({ kind, content }) =>
      kind === 'principal.attest' && (content as Content)['principal'] === principal,
  );
  return (
    own.length === 1 &&
    entries.some((one) => isReleased(one) && contentOf(one.intent!)['principal'] === principal)
  );
}

describe('what a log says', () => {
  test('of a gate that keeps its rules, nothing is wrong', () => {
    let released = 0;
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 120 }), (seed, steps) => {
        const history = gateHistory(draws(seed), steps);
        expect(problems(history)).toEqual([]);
        released += replayed(rendered(history)).releases.length;
      }),
      { numRuns: 40 },
    );
    expect(released).toBeGreaterThan(100);
  });

  it.each(Object.entries(MUTATIONS))('is found where %s', (_, [text, mutate]) => {
    let made = 0;
    for (let seed = 1; made < 5; seed++) {
      if (seed > 400) throw new Error('it is nowhere');
      const draw = draws(seed * 7919);
      const entries = mutate(gateHistory(draw, 40), draw);
      if (entries === undefined) continue;
      made++;
      const found = problems(entries).filter((one) => one.includes(text));
      expect(found.length, `seed ${seed}`).toBeGreaterThan(0);
    }
  });

  it('is wrong where what an intent says is gone, or cannot be opened', () => {
    const entries = rendered(gateHistory(draws(3), 60));
    for (const state of ['gone', 'sealed'] as const) {
      const without = entries.map((one) =>
        one.kind === 'release.intent' ? { ...one, details: [state] } : one,
      );
      expect(replayed(without).problems).toBeGreaterThan(0);
    }
  });

  it('of a subject who was forgotten is not told as wrong, and not as right', () => {
    const entries = rendered(gateHistory(draws(3), 60)).map((one) =>
      one.kind === 'consent.grant' && one.index % 2 === 0
        ? { ...one, details: ['gone' as const] }
        : one,
    );
    const { findings, problems: wrong } = replayed(entries);
    expect(wrong).toBe(0);
    expect(findings.some(({ text }) => text.includes('forgotten'))).toBe(true);
  });

  it('is held against the policies that were signed', () => {
    const entries = gateHistory(draws(5), 60);
    const digests = entries
      .filter(({ kind }) => kind === 'policy.sign')
      .map(({ content }, i): [number, string] => [i + 1, hashed(content as string)]);
    expect(problems(entries, { signed: new Map(digests) })).toEqual([]);
    expect(problems(entries, { signed: new Map(digests.slice(1)) })).toEqual([
      expect.stringContaining('revision 1 of the policy, which nobody has'),
    ]);
    expect(problems(entries, { signed: new Map([...digests, [1, hashed('x')]]) })).toEqual([
      expect.stringContaining('revision 1 of the policy is not the one that the officers signed'),
    ]);
  });
});

describe('what happened at nearly the same time', () => {
  /** A history that ends with a release to which consents are needed, and its intent. */
  function released(isMeant: (entries: readonly MadeEntry[]) => boolean = () => true): {
    entries: MadeEntry[];
    intent: MadeEntry;
  } {
    for (let seed = 1; ; seed++) {
      const history = gateHistory(draws(11 + 1000 * seed), 30);
      const at = history.findIndex(
        (one) => isReleased(one) && contentOf(one.intent!)['purpose'] === 'quality',
      );
      const entries = history.slice(0, at + 1);
      if (at !== -1 && isMeant(entries)) return { entries, intent: entries[at]!.intent! };
    }
  }

  it('a withdrawal that held before its entry was written is no other consent', () => {
    const isWithdrawal = ({ kind }: MadeEntry): boolean => kind === 'consent.withdraw';
    const { entries, intent } = released((all) => all.some(isWithdrawal));
    const moved = entries.findLast(isWithdrawal)!;
    // Its file was written in time; its entry came after the intent's.
    const later = entries.filter((one) => one !== moved);
    later.splice(later.indexOf(intent) + 1, 0, moved);
    expect(problems(later)).toEqual([]);
  });

  it('a grant whose entry was written before it held is no other consent', () => {
    const { entries, intent } = released();
    const { time } = contentOf(intent)['consent'] as { time: number };
    const grant = {
      kind: 'consent.grant',
      time,
      content: {
        id: 'ab'.repeat(16),
        subject: 's9',
        purpose: 'quality',
        notice: '1',
        given: time,
        expires: null,
        withdrawn: null,
      },
    };
    entries.splice(entries.indexOf(intent), 0, grant);
    expect(problems(entries)).toEqual([]);
  });

  it('a policy whose entry was written before it was in force is no other policy', () => {
    const { entries, intent } = released();
    const revision = (contentOf(intent)['policy'] as { revision: number }).revision + 1;
    const time = contentOf(intent)['decided'] as number;
    const sign = { kind: 'policy.sign', time, content: policyText(documentOf(revision)) };
    entries.splice(entries.indexOf(intent), 0, sign);
    // It was replaced long before the release, then.
    expect(problems(entries)).toEqual([expect.stringContaining('a policy that was replaced')]);
    const outcome = entries.at(-1)!;
    const soon = { ...outcome, content: { ...contentOf(outcome), checked: intent.time } };
    const quick = [...entries.slice(0, -1), soon].map((one) =>
      one === sign ? { ...sign, time: intent.time - 1000 } : one,
    );
    expect(problems(quick)).toEqual([]);
  });
});
