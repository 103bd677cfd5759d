/** Scores of rows from a store that lies: refused wherever a reply does not fit the query, and never a crash. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScoreRowsOptions } from '../../src/client/api.ts';
import { decodeFragment } from '../../src/plan/fragment-codec.ts';
import {
  decodeScoresReply,
  encodeScoresReply,
  type ScoredSegment,
} from '../../src/plan/fragment-scores.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 't',
  key: 'id',
  columns: {
    id: { type: 'integer' },
    x: { type: 'real', score: true },
    y: { type: 'integer', nullable: true, score: true },
  },
};
/** Two chunks of slots, of which the second is short. */
const ROWS = 5_000;
const rows = Array.from({ length: ROWS }, (_, id) => {
  return { id, x: Math.cos(id), y: id % 50 === 7 ? null : id % 11 };
});

type Lie = (segment: ScoredSegment) => ScoredSegment | readonly ScoredSegment[];

describe('a store that lies about scores', () => {
  let temp: TempVault;
  let lie: Lie = (segment) => segment;

  beforeAll(async () => {
    temp = await tempVault('memory', (link) => lying(link));
    await temp.vault.ingest(schema, rows);
    await temp.vault.delete('DELETE FROM t WHERE id BETWEEN 100 AND 110');
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  function lying(link: StoreLink): StoreLink {
    return new Proxy(link, {
      get: (target, property) => {
        if (property === 'aggregate') {
          return async (...args: Parameters<StoreLink['aggregate']>): Promise<Uint8Array> => {
            const reply = await target.aggregate(...args);
            if (decodeFragment(args[0]).work.kind !== 'scores') return reply;
            return encodeScoresReply({ segments: decodeScoresReply(reply).segments.flatMap(lie) });
          };
        }
        const member: unknown = Reflect.get(target, property);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  async function ask(told: Lie, options: Partial<ScoreRowsOptions> = {}): Promise<string> {
    lie = told;
    const request = { table: 't', weights: { x: 1, y: 0.5 }, select: [], ...options };
    return await temp.vault.scoreRows(request).then(
      ({ rows: found }) => `${found.length} rows`,
      (error: { code: string }) => error.code,
    );
  }
  const every = { weights: { x: 1 } };

  it('is believed where it does not', async () => {
    expect(await ask((segment) => segment)).toBe('4890 rows');
    expect(await ask((segment) => segment, every)).toBe('4989 rows');
  });

  it('is refused rows that are none or deleted', async () => {
    const named = (change: (found: Uint32Array) => Uint32Array): Promise<string> =>
      ask((segment) => ({ ...segment, rows: change(segment.rows) }));
    const all = Uint32Array.from({ length: ROWS }, (_, row) => row);
    for (const change of [(found: Uint32Array) => found.with(found.length - 1, ROWS), () => all]) {
      expect(await named(change)).toBe('BYTES_INVALID');
    }
  });

  it('is refused rows that are left out where all are asked for', async () => {
    const fewer: Lie = (segment) => ({ ...segment, rows: segment.rows.slice(0, -1) });
    expect(await ask(fewer, every)).toBe('BYTES_INVALID');
    // Of a filter this is not seen, as of any other query (SECURITY.md).
    expect(await ask(fewer)).toBe('4889 rows');
  });

  it('is refused segments that were not asked for, twice, or not at all', async () => {
    expect(await ask((segment) => [segment, segment])).toBe('BYTES_INVALID');
    expect(await ask(() => [])).toBe('BYTES_INVALID');
    expect(await ask((segment) => ({ ...segment, segment: 'ab'.repeat(16) }))).toBe(
      'BYTES_INVALID',
    );
  });

  it('is refused ciphertexts that are too many, too few, of another size, or of no ring', async () => {
    const given = (change: (chunks: readonly Uint8Array[]) => Uint8Array[]): Promise<string> =>
      ask((segment) => ({ ...segment, chunks: change(segment.chunks) }));
    for (const change of [
      (chunks: readonly Uint8Array[]) => chunks.slice(1),
      (chunks: readonly Uint8Array[]) => [...chunks, chunks[0]!],
      (chunks: readonly Uint8Array[]) => [chunks[0]!, chunks[1]!.subarray(1)],
      (chunks: readonly Uint8Array[]) => [chunks[0]!, new Uint8Array(chunks[1]!.length).fill(0xff)],
      (chunks: readonly Uint8Array[]) => [chunks[0]!, new Uint8Array(0)],
    ]) {
      expect(await given(change)).toBe('BYTES_INVALID');
    }
  });

  it('is found out by the records of what it scored otherwise, and only by them', async () => {
    const swapped: Lie = (segment) => {
      const [first, second] = segment.chunks;
      return { ...segment, chunks: [second!, first!] };
    };
    for (const options of [{ select: ['id'] }, { select: ['id'], top: 3 }]) {
      expect(await ask((segment) => segment, options)).toMatch(/ rows$/);
      expect(await ask(swapped, options)).toBe('BYTES_INVALID');
    }
    expect(await ask(swapped)).toBe('4890 rows');
  });

  it('is refused a row whose record does not match, where its key is read', async () => {
    const where = { where: 'y = 3', select: ['id'] };
    const other: Lie = (segment) => {
      const wrong = Array.from({ length: 4096 }, (_, row) => row).find(
        (row) => !segment.rows.includes(row),
      )!;
      return { ...segment, rows: Uint32Array.from([wrong, ...segment.rows.slice(1)]).sort() };
    };
    expect(await ask((segment) => segment, where)).toMatch(/ rows$/);
    expect(await ask(other, where)).toBe('BYTES_INVALID');
  });
});
