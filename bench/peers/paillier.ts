import { generateRandomKeys } from 'paillier-bigint';
import { timed } from '../samples.ts';
import {
  late,
  type PeerColumns,
  type PeerQuery,
  type PeerResult,
  plainSum,
  requireSame,
} from './peer.ts';

const BITS = 2048;
/** Each takes milliseconds to encrypt; adding them is measured on many turns over them. */
const DISTINCT = 256;
const ADDED = 4096;

/** paillier-bigint: one ciphertext a value, additions alone, on as many rows as patience allows. */
export async function paillierPeer(columns: PeerColumns): Promise<PeerResult> {
  const peer = 'paillier-bigint';
  const { publicKey, privateKey } = await generateRandomKeys(BITS);
  const count = Math.min(DISTINCT, columns.rows);
  const encrypted = Array.from({ length: count }, (_, row) =>
    publicKey.encrypt(BigInt(columns.delay[row]!) + publicKey.n),
  );
  const distances = Array.from({ length: count }, (_, row) =>
    publicKey.encrypt(BigInt(columns.distance[row]!)),
  );
  const decrypt = (sum: bigint): bigint => {
    const value = privateKey.decrypt(sum);
    return value > publicKey.n / 2n ? value - publicKey.n : value;
  };
  const zero = publicKey.encrypt(0n);
  const [filtered, filteredMs] = await timed(() => {
    let sum = zero;
    for (let i = 0; i < ADDED; i++) {
      if (late(columns.delay[i % count]!)) sum = publicKey.addition(sum, distances[i % count]!);
    }
    return decrypt(sum);
  });
  requireSame(
    peer,
    'filtered',
    filtered,
    plainSum(columns, count, (row) =>
      late(columns.delay[row]!) ? columns.distance[row] : undefined,
    ) * BigInt(ADDED / count),
  );
  const [grouped, groupedMs] = await timed(() => {
    const sums = columns.origins.map(() => zero);
    for (let i = 0; i < ADDED; i++) {
      const group = columns.origin[i % count]!;
      sums[group] = publicKey.addition(sums[group]!, encrypted[i % count]!);
    }
    return sums.map(decrypt);
  });
  requireSame(
    peer,
    'grouped',
    grouped.reduce((sum, value) => sum + value, 0n),
    plainSum(columns, count, (row) => columns.delay[row]) * BigInt(ADDED / count),
  );
  const scale = columns.rows / ADDED;
  const ms: Partial<Record<PeerQuery, number>> = {
    filtered: filteredMs * scale,
    grouped: groupedMs * scale,
  };
  return {
    peer: `${peer}, ${BITS} bit`,
    security: 'values, from the store; which rows are added is plain',
    bytesPerRow: (2 * 2 * BITS) / 8,
    ms,
    measuredRows: { filtered: ADDED, grouped: ADDED },
  };
}
