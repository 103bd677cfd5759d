import { bfvPartBytes } from './bfv/format.ts';
import {
  bfvAnswerBytes,
  bfvQueryBytes,
  chooseBfvLayout,
  widenedBfv,
  type BfvLayout,
} from './bfv/layout.ts';
import { bucketsOf, heightOf } from './bfv/parameters.ts';
import { lwePartBytes } from './lwe/format.ts';
import { answerBytes, chooseLayout, queryBytes, widened, type Layout } from './lwe/layout.ts';
import type { Lists, PirScheme } from './records.ts';

/** A table of buckets, whichever scheme retrieves them. */
export type PirLayout =
  ({ readonly scheme: 'lwe' } & Layout) | ({ readonly scheme: 'bfv' } & BfvLayout);

/** What it comes to. */
export interface PirSizes {
  readonly buckets: number;
  /** Bytes of a bucket. */
  readonly height: number;
  /** Of the part at the store. */
  readonly bytes: number;
  /** Of one retrieval; a lookup makes two for each part of the longest list. */
  readonly queryBytes: number;
  readonly answerBytes: number;
}

export const retrievalsOf = ({ parts }: PirLayout): number => 2 * parts;

/** @throws REQUEST_TOO_LARGE where no table within the scheme's bounds holds the lists */
export function choosePirLayout(scheme: PirScheme, lists: Lists): PirLayout {
  return scheme === 'lwe'
    ? { scheme, ...chooseLayout(lists) }
    : { scheme, ...chooseBfvLayout(lists) };
}

/** The next larger table; undefined at the scheme's bounds. */
export function widerLayout(layout: PirLayout): PirLayout | undefined {
  if (layout.scheme === 'lwe') {
    const wider = widened(layout);
    return wider && { scheme: 'lwe', ...wider };
  }
  const wider = widenedBfv(layout);
  return wider && { scheme: 'bfv', ...wider };
}

export function sizesOf(layout: PirLayout): PirSizes {
  if (layout.scheme === 'lwe') {
    return {
      buckets: layout.columns,
      height: layout.height,
      bytes: lwePartBytes(layout),
      queryBytes: queryBytes(layout),
      answerBytes: answerBytes(layout),
    };
  }
  return {
    buckets: bucketsOf(layout),
    height: heightOf(layout),
    bytes: bfvPartBytes(layout),
    queryBytes: bfvQueryBytes(layout),
    answerBytes: bfvAnswerBytes(layout),
  };
}
