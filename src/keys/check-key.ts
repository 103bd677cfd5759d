import { aesBlocks, AES_BLOCK } from '../bytes/aes-blocks.ts';
import { wipe } from '../bytes/compare.ts';
import { fromHex } from '../bytes/hex.ts';
import { deriveKey, hmacSha256 } from '../bytes/hash.ts';
import { Writer } from '../bytes/codec.ts';
import { CHECK_PRIME, ResidueSum } from '../params/check-field.ts';

/** Where a ciphertext column was made: its pads are under this name, and no other column's are. */
export interface ColumnOrigin {
  /** 32 hex digits of the segment that it was first made for. */
  readonly segment: string;
  /** Epoch in which that segment was published. */
  readonly epoch: number;
  /** Number of the ciphertext column in that segment: tells columns, moments, limbs and groups apart. */
  readonly column: number;
}

/** The pads of one column: residues, one a row. */
export interface Pads {
  /** Those of rows [from, to). */
  of(from: number, to: number): Float64Array;
  /** Calls `take` with each of some rows, ascending or not, and its pad. */
  each(rows: Uint32Array, take: (row: number, pad: number) => void): void;
  /** Σ over rows, in [0, p). */
  sum(rows: Uint32Array): bigint;
}

/** What the check columns of one table are made and judged with. */
export interface CheckKey {
  /** α, in [0, p). */
  readonly factor: number;
  pads(origin: ColumnOrigin): Pads;
}

/** Rows whose pads are made in one call of the cipher. */
const ROWS_AT_ONCE = 4096;

/**
 * The secrets of a table's check columns, τ_i = α·x_i + F(origin, i) mod p. F is AES-128 as a pseudorandom function of the
 * row's number, under a key of the column's origin that HMAC-SHA-256 derives; at most 2^18 blocks under one key are far
 * from AES's birthday bound. A block has two candidates of 48 bits, and the first below p is the pad, so
 * that a pad is uniform; both are at p or above in 2^-84 of all blocks, where the pad is drawn on from an HMAC.
 *
 * @param secret 32 bytes of the vault's @param table 32 hex digits
 */
export function checkKey(secret: Uint8Array, table: string): CheckKey {
  const own = deriveKey(secret, `opaline/1/check/${table}`);
  const factor = drawResidue(own, new TextEncoder().encode('factor'));
  const columns = deriveKey(own, 'opaline/1/check/pads');
  wipe(own);
  return {
    factor,
    pads: (origin) => padsUnder(hmacSha256(columns, originBytes(origin))),
  };
}

function originBytes({ segment, epoch, column }: ColumnOrigin): Uint8Array {
  return new Writer(32).raw(fromHex(segment, 'a segment id')).u64(epoch).u32(column).finish();
}

function padsUnder(key: Uint8Array): Pads {
  const cipher = aesBlocks(key.slice(0, 16));
  const rest = key.slice(16);
  const each: Pads['each'] = (rows, take) => {
    const blocks = new Uint8Array(Math.min(rows.length, ROWS_AT_ONCE) * AES_BLOCK);
    const view = new DataView(blocks.buffer);
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, rows.length - from);
      for (let i = 0; i < count; i++) view.setUint32(i * AES_BLOCK, rows[from + i]!, true);
      const out = cipher(blocks.subarray(0, count * AES_BLOCK));
      const words = new DataView(out.buffer, out.byteOffset, out.byteLength);
      for (let i = 0; i < count; i++) {
        const row = rows[from + i]!;
        take(row, padIn(words, i * AES_BLOCK) ?? drawResidue(rest, Uint32Array.of(row)));
      }
    }
  };
  return {
    of: (from, to) => {
      const rows = Uint32Array.from({ length: to - from }, (_, i) => from + i);
      const pads = new Float64Array(to - from);
      each(rows, (row, pad) => (pads[row - from] = pad));
      return pads;
    },
    each,
    sum: (rows) => {
      const sum = new ResidueSum();
      each(rows, (_, pad) => sum.add(pad));
      return BigInt(sum.value);
    },
  };
}

/** The first of a block's two numbers of 48 bits that is a residue. */
function padIn(words: DataView, at: number): number | undefined {
  for (const start of [at, at + 8]) {
    const candidate = words.getUint16(start + 4, true) * 2 ** 32 + words.getUint32(start, true);
    if (candidate < CHECK_PRIME) return candidate;
  }
  return undefined;
}

/** A uniform residue: the first 48 bits of HMAC(key, attempt ‖ label) that are one. */
function drawResidue(key: Uint8Array, label: Uint8Array | Uint32Array): number {
  const bytes = label instanceof Uint32Array ? new Writer(4).u32(label[0]!).finish() : label;
  for (let attempt = 0; ; attempt++) {
    const drawn = hmacSha256(key, new Writer(8 + bytes.length).u32(attempt).raw(bytes).finish());
    const view = new DataView(drawn.buffer, drawn.byteOffset, drawn.byteLength);
    const candidate = view.getUint16(4, true) * 2 ** 32 + view.getUint32(0, true);
    if (candidate < CHECK_PRIME) return candidate;
  }
}
