import { utf8 } from '../../../bytes/codec.ts';
import { sha256 } from '../../../bytes/hash.ts';
import { type Column, inputColumns, type Schema } from '../../../table/schema.ts';
import { formatDecimal } from '../../../table/decimal-text.ts';
import type { Row } from '../../ingest/rows.ts';

type Cell = string | number | bigint | boolean | null;

export interface SyntheticOptions {
  readonly rows: number;
  readonly subjects: number;
  /** The same seed gives the same rows. */
  readonly seed: string;
  /** Values that queries ask for, by column: as cells of an input. */
  readonly wanted: ReadonlyMap<string, readonly Cell[]>;
}

/**
 * Rows of a schema that are nobody's: made from a seed, the schema and what queries ask for, and from no row of
 * anybody. Every column has the ends of its range and other edges, NULL where it may, and values in between.
 */
export function syntheticRows(schema: Schema, options: SyntheticOptions): readonly Row[] {
  const columns = inputColumns(schema).map((column) => {
    const wanted = options.wanted.get(column.name) ?? [];
    const edges = [...edgesOf(column), ...wanted];
    return { column, edges, draw: draws(`${options.seed}\n${column.name}`) };
  });
  const taken = new Set<string>();
  const rows: Row[] = [];
  for (let i = 0; i < options.rows; i++) {
    const row = Object.fromEntries(
      columns.map(({ column, edges, draw }) => {
        if (column.name === schema.subject) {
          return [column.name, numbered(column, i % options.subjects)];
        }
        if (schema.key?.includes(column.name) === true) return [column.name, numbered(column, i)];
        return [column.name, cellOf(column, edges, i, draw)];
      }),
    );
    // Rows of one key are one row.
    const key = schema.key?.map((name) => String(row[name]));
    if (key !== undefined && taken.has(JSON.stringify(key))) continue;
    if (key !== undefined) taken.add(JSON.stringify(key));
    rows.push(row);
  }
  return rows;
}

/** Every edge once, then one in four; NULLs one in eight. */
function cellOf(
  column: Column,
  edges: readonly Cell[],
  row: number,
  draw: (below: bigint) => bigint,
): Cell {
  if (row < edges.length) return edges[row]!;
  if (column.nullable && draw(8n) === 0n) return null;
  if (draw(4n) === 0n) return edges[Number(draw(BigInt(edges.length)))]!;
  return between(column, draw);
}

/** Where nothing is declared. */
const WIDTH = 1000n;

/** Scaled, of whole numbers. */
function rangeOf({ range, scale }: Column): readonly [bigint, bigint] {
  const unit = 10n ** BigInt(scale);
  return range ?? [-WIDTH * unit, WIDTH * unit];
}

const TEXTS = ['', 'a', 'A', 'ä', 'z', 'two words', '%', '_'];
const DAYS = ['1969-12-31', '1970-01-01', '1999-12-31', '2000-02-29', '2024-02-29'];
const WORDS = ['fever', 'cough', 'rest', 'ward', 'sleep', 'salt', 'water', 'night'];

function edgesOf(column: Column): readonly Cell[] {
  const own: readonly Cell[] = column.nullable ? [null] : [];
  switch (column.type) {
    case 'integer':
    case 'decimal': {
      const [low, high] = rangeOf(column);
      const all = [low, low + 1n, -1n, 0n, 1n, high - 1n, high];
      const within = all.filter((value) => low <= value && value <= high);
      return [...own, ...[...new Set(within)].map((value) => wholeCell(column, value))];
    }
    case 'real':
      return [...own, 0, 1, -1, 0.5, -0.001, 1000];
    case 'boolean':
      return [...own, true, false];
    case 'date':
      return [...own, ...DAYS];
    case 'timestamp':
      return [...own, ...DAYS.map((day) => `${day}T23:59:59.999999Z`)];
    case 'text':
      return [...own, ...TEXTS];
    case 'document':
      return [...own, '', ...WORDS];
    default:
      return column.type satisfies never;
  }
}

function between(column: Column, draw: (below: bigint) => bigint): Cell {
  switch (column.type) {
    case 'integer':
    case 'decimal': {
      const [low, high] = rangeOf(column);
      return wholeCell(column, low + draw(high - low + 1n));
    }
    case 'real':
      return Number(draw(2_000_001n) - 1_000_000n) / 1000;
    case 'boolean':
      return draw(2n) === 1n;
    case 'date':
      return new Date(Number(draw(20_000n)) * 86_400_000).toISOString().slice(0, 10);
    case 'timestamp':
      return new Date(Number(draw(1_700_000_000n)) * 1000).toISOString();
    case 'text':
      return `value ${draw(6n)}`;
    case 'document':
      return Array.from({ length: 3 }, () => WORDS[Number(draw(BigInt(WORDS.length)))]).join(' ');
    default:
      return column.type satisfies never;
  }
}

const wholeCell = ({ scale }: Column, digits: bigint): Cell => formatDecimal({ digits, scale });

/** A value that no other number gives, as far as the type has so many. */
function numbered(column: Column, i: number): Cell {
  switch (column.type) {
    case 'integer':
    case 'decimal': {
      const [low, high] = rangeOf(column);
      return wholeCell(column, low + (BigInt(i) % (high - low + 1n)));
    }
    case 'real':
      return i;
    case 'boolean':
      return i % 2 === 1;
    case 'date':
      return new Date(i * 86_400_000).toISOString().slice(0, 10);
    case 'timestamp':
      return new Date(i * 1000).toISOString();
    case 'text':
    case 'document':
      return `synthetic ${i}`;
    default:
      return column.type satisfies never;
  }
}

/** Whole numbers below a bound, as evenly as 128 bits are: SHA-256 of seed and counter. */
function draws(seed: string): (below: bigint) => bigint {
  let counter = 0;
  return (below) => {
    const digest = sha256(utf8(`opaline synthetic v1\n${seed}\n${counter++}`));
    const view = new DataView(digest.buffer, digest.byteOffset);
    return ((view.getBigUint64(0) << 64n) | view.getBigUint64(8)) % below;
  };
}
