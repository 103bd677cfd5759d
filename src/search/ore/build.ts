import { wordBytes } from '../../bytes/codec.ts';
import { randomBytes } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { ColumnType } from '../../table/value.ts';
import type { RungInput } from '../rung-input.ts';
import type { BuiltRung } from '../rung.ts';
import { encryptBlock, type SortedRows } from './build/plane.ts';
import { codeWords } from './code.ts';
import { encodeOre, MAX_ROWS, SALT_BYTES } from './format.ts';
import { BEYOND_LIMIT, hasCode, ordinalKind, ordinalOf } from './ordinal.ts';
import { padsOf } from './pads.ts';
import { blocksFor, encodeOreState, type OreState } from './state.ts';
import { blockSource } from './token/blocks.ts';

/** One column of one segment. */
export interface OreColumn {
  readonly type: ColumnType;
  /** 1 to 2^18. */
  readonly rows: number;
  /** Canonical bytes of the distinct values, ascending; each has a row. */
  readonly values: readonly Uint8Array[];
  /** Per row the place of its value, −1 for NULL, −2 for the place of an erased row, which is encrypted as NULL is. */
  readonly codes: Int32Array;
}

/**
 * The right ciphertexts of a column of a segment. `key` is 32 bytes and of this build alone: a second build under it
 * would mask other entries by the same pads.
 * @throws CAPABILITY_MISSING for a type without numbers, or whole numbers of 2^63 or more
 * @throws INTERNAL when the column is not as `OreColumn` says
 */
export function buildOre(key: Uint8Array, column: OreColumn, name = 'the column'): BuiltRung {
  const { type, rows, values, codes } = column;
  const kind = ordinalKind(type);
  if (typeof kind !== 'string') throw refused(name, kind.refused);
  if (key.length !== 32) invalid('the key is not 32 bytes');
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS) invalid('row count out of range');
  if (codes.length !== rows) invalid('not one code a row');
  const ordinals = values.map((value) => ordinalOf(value, kind));
  if (ordinals.some((ordinal, i) => i > 0 && ordinal <= ordinals[i - 1]!)) {
    invalid('values do not ascend');
  }
  if (!ordinals.every((ordinal) => hasCode(ordinal, kind))) throw refused(name, BEYOND_LIMIT);
  const [least, most] = [ordinals[0], ordinals.at(-1)];
  const span = least === undefined || most === undefined ? undefined : { least, most };
  const blocks = span === undefined ? blocksFor({ least: 1n, most: 1n }) : blocksFor(span);
  const sorted = sortRows(codeWords([0n, ...ordinals.map((o) => o - least! + 1n)]), codes);
  const salt = randomBytes(SALT_BYTES);
  const pads = padsOf(salt);
  const source = blockSource(key);
  const planes: Uint8Array[] = [];
  for (let block = 0; block < blocks; block++) {
    planes.push(wordBytes(encryptBlock(sorted, block, blocks, source, pads)));
  }
  const nulls = codes.some((code) => code < 0);
  const state: OreState = { rows, blocks, kind, nulls, span };
  return { part: encodeOre(rows, salt, planes), state: encodeOreState(state) };
}

/** As the registry of rungs wants it. Throws the same. */
export function buildOreRung(key: Uint8Array, { type, rows, coded }: RungInput): BuiltRung {
  return buildOre(key, { type, rows, ...(coded ?? invalid('no values')) });
}

/** Rows by code: NULL first, then the values in order. */
function sortRows(codes: Uint32Array, places: Int32Array): SortedRows {
  const count = codes.length / 2;
  const starts = new Uint32Array(count + 1);
  for (const place of places) {
    if (place < -2 || place >= count - 1) invalid('a code has no value');
    starts[Math.max(0, place + 1) + 1]! += 1;
  }
  for (let i = 0; i < count; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice();
  const members = new Uint32Array(places.length);
  places.forEach((place, row) => {
    members[next[Math.max(0, place + 1)]!++] = row;
  });
  return { codes, starts, members };
}

function refused(column: string, needs: string): OpalineError {
  return new OpalineError('CAPABILITY_MISSING', { operation: 'an ore index', column, needs });
}

function invalid(reason: string): never {
  throw new OpalineError('INTERNAL', { reason: `ore: ${reason}` });
}
