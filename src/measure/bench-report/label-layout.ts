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

/** Whether a label stands on one of the lines. */
export function standsOnLine({ box }: Placed, lines: readonly Segment[]): boolean {
  return lines.some((line) => segmentMeetsBox(line, box));
}

/** Pixels from a symbol's edge to its label, tried one after another. */
const GAPS = [2, 8, 16, 26, 38, 52, 68, 86, 106, 128, 154, 184, 220];
/**
 * Where a label stands to its symbol: beside it (−1 left, 1 right), above or below it (−1, 1), and by how much of its
 * width it is then shifted. What is read first is tried first.
 */
const SIDES: readonly (readonly [beside: number, below: number, shift: number])[] = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, -1, 0],
  [0, 1, 0],
  [1, -1, 0],
  [1, 1, 0],
  [-1, -1, 0],
  [-1, 1, 0],
  [0, -1, 0.25],
  [0, 1, 0.25],
  [0, -1, -0.25],
  [0, 1, -0.25],
  [0, -1, 0.5],
  [0, 1, 0.5],
  [0, -1, -0.5],
  [0, 1, -0.5],
];
/** Corners first, which leave room for neighbours; tried in every second attempt. */
const CORNERS_FIRST = SIDES.toSorted((a, b) => centred(a) - centred(b));
const ORDERS = [SIDES, CORNERS_FIRST];

function centred([beside, below, shift]: (typeof SIDES)[number]): number {
  return beside !== 0 && below !== 0 ? 0 : Math.abs(shift) === 0.5 ? 1 : 2;
}

/** What a side costs against the next gap. */
const SIDE_COST = 0.6;
const LEADER_FROM = 6;
/** A leader that is level would run through neighbours of the same height, and along the lines that join them. */
const BESIDE_UP_TO = 8;
/** What a line that is run through costs, in pixels of distance. */
const LINE_COST = 45;
const LEADER_CROSSING_COST = 80;
const LEADER_OVER_LINE_COST = 8;
/** Better than no label at all. */
const LEADER_OVER_LABEL_COST = 400;
/** Of a leader through another's symbol: not forbidden, since symbols themselves may lie on each other. */
const SYMBOL_COST = 150;

/** Rounds of an attempt: one to place, one to move to what has become better. */
const ROUNDS = 2;
const ATTEMPTS = 24;
const UNPLACED_COST = 10_000;
/** What a label in an awkward place costs at least. */
const AWKWARD_COST = LINE_COST;

/**
 * Places for labels in which none overlaps another label or a symbol, nor, where that can be, another's leader: greedily, those with the most
 * neighbours first, then each once more with all others in place. Those that found no place, or an awkward one, go first
 * in the next attempt (squeaky wheel optimisation, Joslin and Clements 1999); the best attempt is taken. The same input
 * gives the same output.
 * @param frame what labels stay within
 * @param lines what labels keep off where they can
 * @returns in the order of the labels; undefined: no place was found, the frame is too small
 */
export function placeLabels(
  labels: readonly Label[],
  frame: Box,
  lines: readonly Segment[] = [],
): readonly (Placed | undefined)[] {
  const symbols = labels.map(({ anchor, radius }) => boxAround(anchor, radius));
  const near = labels.map((label) => neighbours(label, labels));
  let order = labels.map((_, i) => i).sort((a, b) => near[b]! - near[a]! || a - b);
  let best: { readonly found: readonly (Choice | undefined)[]; readonly cost: number } | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const sides = ORDERS[attempt % ORDERS.length]!;
    const found = placedInOrder(labels, order, { frame, lines, symbols, sides });
    const costs = found.map((one) => one?.cost ?? UNPLACED_COST);
    const cost = costs.reduce((sum, one) => sum + one, 0);
    if (best === undefined || cost < best.cost) best = { found, cost };
    const awkward = order.filter((i) => costs[i]! >= AWKWARD_COST);
    if (awkward.length === 0) break;
    if (attempt % ORDERS.length === 0) continue;
    const easy = order.filter((i) => costs[i]! < AWKWARD_COST);
    const next = [...awkward, ...easy];
    // The same order would give the same: let the second of the awkward lead.
    order = next.every((i, k) => i === order[k]) ? [...next.slice(1), next[0]!] : next;
  }
  return best?.found.map((one) => one?.placed) ?? [];
}

/** A place with what it costs among all others. */
interface Choice {
  readonly placed: Placed;
  readonly cost: number;
}

function placedInOrder(
  labels: readonly Label[],
  order: readonly number[],
  around: Omit<Surroundings, 'others'>,
): readonly (Choice | undefined)[] {
  const found: (Choice | undefined)[] = labels.map(() => undefined);
  for (let round = 0; round < ROUNDS; round++) {
    for (const i of order) {
      const others = found.flatMap((one, j) => (one === undefined || j === i ? [] : [one.placed]));
      found[i] = bestPlace(labels[i]!, i, { ...around, others });
    }
  }
  return found;
}

interface Surroundings {
  readonly frame: Box;
  readonly lines: readonly Segment[];
  readonly symbols: readonly Box[];
  readonly others: readonly Placed[];
  readonly sides: typeof SIDES;
}

function bestPlace(label: Label, own: number, around: Surroundings): Choice | undefined {
  let best: Choice | undefined;
  for (const gap of GAPS) {
    // Nothing further out can be cheaper.
    if (best !== undefined && best.cost <= gap) break;
    for (const [rank, side] of around.sides.entries()) {
      if (side[1] === 0 && gap > BESIDE_UP_TO) continue;
      const placed = placedAt(label, gap, side);
      const cost = costOf(placed, own, around);
      if (cost === undefined) continue;
      const total = gap + rank * SIDE_COST + cost;
      if (best === undefined || total < best.cost) best = { placed, cost: total };
    }
  }
  return best;
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
    if (leader !== null && segmentMeetsBox(leader, other.box)) cost += LEADER_OVER_LABEL_COST;
    if (other.leader === null) continue;
    if (segmentMeetsBox(other.leader, box)) cost += LEADER_OVER_LABEL_COST;
    if (leader !== null && segmentsCross(leader, other.leader)) cost += LEADER_CROSSING_COST;
  }
  for (const line of lines) {
    if (segmentMeetsBox(line, box)) cost += LINE_COST;
    if (leader !== null && segmentsCross(leader, line)) cost += LEADER_OVER_LINE_COST;
  }
  return cost;
}

function placedAt(
  { anchor, radius, width, height }: Label,
  gap: number,
  [beside, below, shift]: (typeof SIDES)[number],
): Placed {
  // Diagonally, so that the corner is as far away as an edge would be.
  const reach = (radius + gap) * (beside !== 0 && below !== 0 ? Math.SQRT1_2 : 1);
  const x = anchor.x + beside * (reach + width / 2) + shift * width;
  const y = anchor.y + below * (reach + height / 2);
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
