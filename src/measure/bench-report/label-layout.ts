import {
  boxHolds,
  boxesOverlap,
  nearestOf,
  segmentMeetsBox,
  segmentsCross,
  type Box,
  type Point,
  type Segment,
} from './geometry.ts';

/** A label of a point, in pixels. */
export interface Label {
  readonly anchor: Point;
  /** Of the symbol at the anchor. */
  readonly radius: number;
  readonly width: number;
  readonly height: number;
}

export interface Placed {
  readonly box: Box;
  /** From the box to the symbol, where they are too far apart to be taken together. */
  readonly leader: Segment | null;
}

/** Pixels from a symbol's edge to its label, tried one after another. */
const GAPS = [2, 8, 16, 26, 38, 52, 68, 86, 106, 128, 154, 184, 220];
/** In sixteenths of a turn from east, y downwards: sides first, diagonals next. */
const DIRECTIONS = [0, 8, 12, 4, 14, 2, 10, 6, 15, 1, 9, 7, 13, 11, 3, 5];
/** What a direction costs against the next gap: labels to the right are read first. */
const DIRECTION_COST = 0.6;
const LEADER_FROM = 6;
/** What a line that is run through costs, in pixels of distance. */
const LINE_COST = 12;
const LEADER_CROSSING_COST = 40;
/** Of a leader through another's symbol: not forbidden, since symbols themselves may lie on each other. */
const SYMBOL_COST = 30;

/**
 * Places for labels in which none overlaps another label, a symbol, or another's leader: greedily, those with the most
 * neighbours first, then each once more with all others in place. The same input gives the same output.
 * @param frame what labels stay within
 * @param lines what labels keep off where they can
 * @returns in the order of the labels; undefined: there is no place left, the frame is too small
 */
export function placeLabels(
  labels: readonly Label[],
  frame: Box,
  lines: readonly Segment[] = [],
): readonly (Placed | undefined)[] {
  const symbols = labels.map(({ anchor, radius }) => boxAround(anchor, radius));
  const placed: (Placed | undefined)[] = labels.map(() => undefined);
  const order = labels
    .map((label, i) => ({ i, near: neighbours(label, labels) }))
    .sort((a, b) => b.near - a.near || a.i - b.i);
  for (let round = 0; round < 3; round++) {
    for (const { i } of order) {
      const others = placed.filter((one, j) => one !== undefined && j !== i) as Placed[];
      placed[i] = bestPlace(labels[i]!, i, { frame, lines, symbols, others });
    }
  }
  return placed;
}

interface Surroundings {
  readonly frame: Box;
  readonly lines: readonly Segment[];
  readonly symbols: readonly Box[];
  readonly others: readonly Placed[];
}

function bestPlace(label: Label, own: number, around: Surroundings): Placed | undefined {
  let best: { readonly placed: Placed; readonly cost: number } | undefined;
  for (const gap of GAPS) {
    // Nothing further out can be cheaper.
    if (best !== undefined && best.cost <= gap) break;
    for (const [rank, sixteenth] of DIRECTIONS.entries()) {
      const placed = placedAt(label, gap, sixteenth);
      const cost = costOf(placed, own, around);
      if (cost === undefined) continue;
      const total = gap + rank * DIRECTION_COST + cost;
      if (best === undefined || total < best.cost) best = { placed, cost: total };
    }
  }
  return best?.placed;
}

/** Undefined: not allowed there. */
function costOf(
  { box, leader }: Placed,
  own: number,
  { frame, lines, symbols, others }: Surroundings,
): number | undefined {
  if (!boxHolds(frame, box)) return undefined;
  let cost = 0;
  for (const [i, symbol] of symbols.entries()) {
    if (boxesOverlap(box, symbol)) return undefined;
    if (i !== own && leader !== null && segmentMeetsBox(leader, symbol)) cost += SYMBOL_COST;
  }
  for (const other of others) {
    if (boxesOverlap(box, other.box)) return undefined;
    if (leader !== null && segmentMeetsBox(leader, other.box)) return undefined;
    if (other.leader === null) continue;
    if (segmentMeetsBox(other.leader, box)) return undefined;
    if (leader !== null && segmentsCross(leader, other.leader)) cost += LEADER_CROSSING_COST;
  }
  for (const line of lines) if (segmentMeetsBox(line, box)) cost += LINE_COST;
  return cost;
}

function placedAt({ anchor, radius, width, height }: Label, gap: number, sixteenth: number): Placed {
  const angle = (sixteenth * Math.PI) / 8;
  const [along, down] = [Math.cos(angle), Math.sin(angle)];
  // The centre of the box whose edge is the gap away in this direction.
  const reach = Math.min(
    Math.abs(along) < 1e-9 ? Infinity : width / 2 / Math.abs(along),
    Math.abs(down) < 1e-9 ? Infinity : height / 2 / Math.abs(down),
  );
  const x = anchor.x + along * (radius + gap + reach);
  const y = anchor.y + down * (radius + gap + reach);
  const box = {
    left: x - width / 2,
    right: x + width / 2,
    top: y - height / 2,
    bottom: y + height / 2,
  };
  const from = nearestOf(box, anchor);
  const distance = Math.hypot(from.x - anchor.x, from.y - anchor.y);
  if (distance - radius < LEADER_FROM) return { box, leader: null };
  const share = radius / distance;
  const to = {
    x: anchor.x + (from.x - anchor.x) * share,
    y: anchor.y + (from.y - anchor.y) * share,
  };
  return { box, leader: { from, to } };
}

function neighbours({ anchor, width }: Label, all: readonly Label[]): number {
  return all.filter(
    (other) => Math.hypot(other.anchor.x - anchor.x, other.anchor.y - anchor.y) < width,
  ).length;
}

function boxAround({ x, y }: Point, radius: number): Box {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}
