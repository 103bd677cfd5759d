import { productParameters, sumParameters } from '../../src/params/presets.ts';
import type {
  AggregateReply,
  Fragment,
  GroupReply,
  RowsReply,
  SegmentFragment,
} from '../../src/plan/fragment.ts';
import {
  decodeAggregateReply,
  decodeFragment,
  decodeRowsReply,
  encodeAggregateReply,
  encodeFragment,
} from '../../src/plan/fragment-codec.ts';
import { encodePosting } from '../../src/search/sse/posting.ts';
import { keystream } from '../../src/search/sse/keystream.ts';
import { COUNT_WORDS, layoutOf, listBytes, recordBytes } from '../../src/search/sse/layout.ts';
import { LABEL_WORDS } from '../../src/search/sse/region.ts';
import { wordBytes } from '../../src/bytes/codec.ts';
import { toHex } from '../../src/bytes/hex.ts';
import type { StoreLink } from '../../src/store/link.ts';

type Sample = GroupReply['sums'][number];

/** Uniform in [0, below), from a seed. */
export type Draw = (below: number) => number;

/** mulberry32: for tests alone. */
export function draws(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What a malicious store may do in answering a query: it evaluates whatever it likes on what it holds. */
export interface Hands {
  readonly draw: Draw;
  readonly fragment: Fragment;
  /** The true reply. */
  readonly honest: AggregateReply;
  /** Outputs of sums; the others are their checks, in the same order. */
  readonly sums: number;
  /** The rows of the filter, by segment. */
  rows(): Promise<RowsReply['segments']>;
  evaluate(fragment: Fragment): Promise<AggregateReply>;
  /** Replies to other queries that had as many outputs. */
  readonly earlier: readonly AggregateReply[];
  /** The first reply to the same question: of the epoch of that time. */
  readonly old: AggregateReply | undefined;
}

export type Tampering = (hands: Hands) => Promise<AggregateReply> | AggregateReply;

/** A forged posting list: records to answer with, by label. */
export type Forgery = ReadonlyMap<string, Uint8Array>;

/** The ring of a sample: that of sums, or of sums under a divided key. */
export function ringOf({ limbs, a }: Sample): { n: number; dataPrimes: readonly number[] } {
  const sums = sumParameters(48);
  return a.length === limbs * sums.n ? sums : productParameters();
}

/** A link to a store that answers aggregates as `tamper` says, and searches as `forge` says. */
export class MaliciousLink {
  tamper: Tampering | undefined;
  forge: ((label: Uint8Array, reply: Uint8Array | undefined) => Uint8Array | undefined) | undefined;
  /** Of the query at hand: whether outputs come with checks. */
  checked = false;
  /** And what it asks. */
  question = '';
  /** Serves the first manifest of each table that it was ever asked for. */
  rollsBack = false;
  draw: Draw = draws(1);
  /** Tokens and filters that it was sent. */
  readonly seen: Fragment[] = [];
  private readonly replies: { readonly question: string; readonly reply: AggregateReply }[] = [];
  private readonly heads = new Map<string, Uint8Array>();
  private inner: StoreLink | undefined;

  wrap(inner: StoreLink): StoreLink {
    this.inner = inner;
    return new Proxy(inner, {
      get: (target, property) => {
        if (property === 'aggregate') return (bytes: Uint8Array) => this.aggregate(bytes);
        if (property === 'search') {
          return async (...args: Parameters<StoreLink['search']>) => {
            const replies = await target.search(...args);
            const { forge } = this;
            if (forge === undefined) return replies;
            return replies.map((reply, i) => forge(args[0].labels[i]!, reply));
          };
        }
        if (property === 'head') {
          return async (table: string) => {
            const head = await target.head(table);
            if (head !== undefined && !this.heads.has(table)) this.heads.set(table, head);
            return this.rollsBack ? this.heads.get(table) : head;
          };
        }
        const member: unknown = Reflect.get(target, property);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  private async aggregate(bytes: Uint8Array): Promise<Uint8Array> {
    const inner = this.inner!;
    const fragment = decodeFragment(bytes);
    const reply = await inner.aggregate(bytes);
    if (fragment.work.kind !== 'aggregate') return reply;
    this.seen.push(fragment);
    const honest = decodeAggregateReply(reply);
    const outputs = fragment.work.outputs.length;
    const { tamper, draw, checked, question } = this;
    const evaluate = async (other: Fragment): Promise<AggregateReply> =>
      decodeAggregateReply(await inner.aggregate(encodeFragment(other)));
    const fitting = this.replies.filter(({ reply: { groups } }) => {
      return groups[0]?.sums.length === outputs;
    });
    if (tamper === undefined) {
      this.replies.push({ question, reply: honest });
      return reply;
    }
    const answer = await tamper({
      draw,
      fragment,
      honest,
      sums: checked ? outputs / 2 : outputs,
      evaluate,
      earlier: fitting.map((one) => one.reply),
      old: fitting.find((one) => one.question === question)?.reply,
      rows: async () => {
        const segments = fragment.segments.map((share) => ({ ...share, ...NOTHING }));
        const rows = { ...fragment, work: { kind: 'rows' as const }, segments };
        return decodeRowsReply(await inner.aggregate(encodeFragment(rows))).segments;
      },
    });
    return encodeAggregateReply(answer);
  }
}

const NOTHING = { groups: [], counts: [], sums: [], tallies: [], members: [] };

/** The fragment over other rows than its filter's. */
export function overRows(
  fragment: Fragment,
  rows: (share: SegmentFragment, position: number) => Uint32Array,
): Fragment {
  const segments = fragment.segments.map((share, i) => ({
    ...share,
    nodes: [...share.nodes, { kind: 'rows' as const, rows: rows(share, i) }],
    filter: share.nodes.length,
  }));
  return { ...fragment, segments };
}

/** True counts beside other sums: groups that the other reply lacks keep theirs. */
export function graft(honest: AggregateReply, other: AggregateReply): AggregateReply {
  const byKey = new Map(other.groups.map((group) => [group.key.join(), group.sums]));
  return {
    groups: honest.groups.map((group) => ({
      ...group,
      sums: byKey.get(group.key.join()) ?? group.sums,
    })),
  };
}

/** a + factor·b, residue by residue. */
export function combine(a: Sample, factor: bigint, b: Sample): Sample {
  const { n, dataPrimes } = ringOf(a);
  const add = (x: Uint32Array, y: Uint32Array, each: number): Uint32Array =>
    x.map((residue, i) => {
      const prime = BigInt(dataPrimes[Math.floor(i / each)]!);
      const sum = (BigInt(residue) + factor * BigInt(y[i]!)) % prime;
      return Number((sum + prime) % prime);
    });
  return { limbs: a.limbs, b: add(a.b, b.b, 1), a: add(a.a, b.a, n) };
}

/** The sample with a message more: round(q·message/t) in its constant, q being that of its limbs. */
export function addMessage(sample: Sample, message: bigint, t: bigint): Sample {
  const primes = ringOf(sample).dataPrimes.slice(0, sample.limbs);
  const q = primes.reduce((product, prime) => product * BigInt(prime), 1n);
  const scaled = (q * message + t / 2n) / t;
  const b = sample.b.map((residue, limb) => {
    const prime = BigInt(primes[limb]!);
    return Number((BigInt(residue) + scaled) % prime);
  });
  return { ...sample, b };
}

/** A list of the same length in which `from` gave way to `to`, as the store can write it once it has the token. */
export function forgeList(
  token: Uint8Array,
  list: Uint32Array,
  rows: number,
): { readonly records: Forgery } {
  const layout = layoutOf(list.length, rows);
  const stream = keystream(token, listBytes(layout) / 4);
  const plain = new Uint32Array(stream.length);
  plain[0] = list.length;
  encodePosting(list, 0, list.length, rows, plain, COUNT_WORDS);
  const records = new Map<string, Uint8Array>();
  let word = 0;
  for (let record = 0, at = 0; at < stream.length; record++) {
    const end = at + recordBytes(layout, record) / 4;
    const label = toHex(wordBytes(stream.slice(at, at + LABEL_WORDS)));
    const payload = stream.slice(at + LABEL_WORDS, end).map((pad) => (pad ^ plain[word++]!) >>> 0);
    records.set(label, wordBytes(payload).slice());
    at = end;
  }
  return { records };
}
