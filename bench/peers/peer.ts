import type { Flight } from '../flights/flights.ts';

/** The queries of the comparison, which every peer answers in its own way. */
export const PEER_QUERIES = ['filtered', 'grouped', 'product'] as const;
export type PeerQuery = (typeof PEER_QUERIES)[number];

/** How one peer did. */
export interface PeerResult {
  readonly peer: string;
  /** What it hides, and from whom. */
  readonly security: string;
  /** Bytes a row that the store keeps for these queries. */
  readonly bytesPerRow: number;
  /** Milliseconds for all rows; absent where it cannot. */
  readonly ms: Readonly<Partial<Record<PeerQuery, number>>>;
  /** Rows it was measured on where they are fewer: its work grows in proportion, and `ms` is for all. */
  readonly measuredRows: Readonly<Partial<Record<PeerQuery, number>>>;
}

/** The columns of the queries. */
export interface PeerColumns {
  readonly rows: number;
  readonly delay: Int32Array;
  readonly distance: Int32Array;
  readonly origin: Uint8Array;
  readonly origins: readonly string[];
}

export function columnsOf(flights: Iterable<Flight>, rows: number): PeerColumns {
  const [delay, distance] = [new Int32Array(rows), new Int32Array(rows)];
  const origin = new Uint8Array(rows);
  const origins: string[] = [];
  const numbers = new Map<string, number>();
  let row = 0;
  for (const flight of flights) {
    delay[row] = flight.delay;
    distance[row] = flight.distance;
    let number = numbers.get(flight.origin);
    if (number === undefined) {
      number = origins.push(flight.origin) - 1;
      numbers.set(flight.origin, number);
    }
    origin[row++] = number;
  }
  return { rows, delay, distance, origin, origins };
}

/** The filter of the comparison, as FILTERED has it. */
export const late = (delay: number): boolean => delay > 30;

/** How many rows were measured, where it was not all. */
export function fewer(
  measured: Readonly<Partial<Record<PeerQuery, number>>>,
  rows: number,
): Partial<Record<PeerQuery, number>> {
  return Object.fromEntries(Object.entries(measured).filter(([, count]) => count < rows));
}

/** An answer that is wrong is no measurement. */
export function requireSame(peer: string, query: PeerQuery, found: bigint, wanted: bigint): void {
  if (found !== wanted) throw new Error(`${peer} answers ${query} with ${found}, not ${wanted}`);
}

/** Σ over the first `rows` rows in plain. */
export function plainSum(
  columns: PeerColumns,
  rows: number,
  of: (row: number) => number | undefined,
): bigint {
  let sum = 0n;
  for (let row = 0; row < Math.min(rows, columns.rows); row++) sum += BigInt(of(row) ?? 0);
  return sum;
}
