import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boxesOverlap,
  boxHolds,
  segmentMeetsBox,
  segmentsCross,
  type Box,
} from '../../../../src/measure/bench-report/geometry.ts';
import { placeLabels, type Label } from '../../../../src/measure/bench-report/label-layout.ts';
import { spread } from '../../../../src/measure/bench-report/stacking.ts';
import { textWidth, wrapped } from '../../../../src/measure/bench-report/text-width.ts';

const FRAME: Box = { left: 0, top: 0, right: 600, bottom: 400 };

const label = fc.record({
  anchor: fc.record({ x: fc.integer({ min: 10, max: 590 }), y: fc.integer({ min: 10, max: 390 }) }),
  radius: fc.constant(6),
  width: fc.integer({ min: 20, max: 140 }),
  height: fc.constant(14),
});
/** As it is with privacy: many points at the same height. */
const inRows = label.map((one) => ({
  ...one,
  anchor: { x: one.anchor.x, y: Math.round(one.anchor.y / 190) * 190 + 5 },
}));

describe('labels', () => {
  test.each([
    ['anywhere', label],
    ['of points in three rows', inRows],
  ])('%s overlap nothing and stay inside', (_, arbitrary) => {
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 14 }), (labels) => {
        const placed = placeLabels(labels, FRAME);
        const boxes = placed.flatMap((one) => (one === undefined ? [] : [one.box]));
        for (const [i, box] of boxes.entries()) {
          expect(boxHolds(FRAME, box)).toBe(true);
          for (const other of boxes.slice(i + 1)) expect(boxesOverlap(box, other)).toBe(false);
          for (const { anchor } of labels) {
            const centre = { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
            expect(
              boxesOverlap(box, { ...centre, right: anchor.x + 1, bottom: anchor.y + 1 }),
            ).toBe(false);
          }
        }
      }),
    );
  });

  test('all have a place where there is room', () => {
    fc.assert(
      fc.property(fc.array(inRows, { maxLength: 14 }), (labels) => {
        const roomy = { ...FRAME, top: -200, bottom: 600 };
        expect(placeLabels(labels, roomy)).not.toContain(undefined);
      }),
    );
  });

  test('a frame that is too small leaves some out rather than on each other', () => {
    const one: Label = { anchor: { x: 20, y: 10 }, radius: 4, width: 30, height: 14 };
    const frame = { left: 0, top: 0, right: 60, bottom: 20 };
    const placed = placeLabels([one, one, one], frame);
    expect(placed.filter((place) => place !== undefined)).toHaveLength(1);
  });

  test('a leader keeps off labels where it can', () => {
    const at = (x: number): Label => ({ anchor: { x, y: 200 }, radius: 5, width: 90, height: 14 });
    const placed = placeLabels(
      Array.from({ length: 11 }, (_, i) => at(260 + 10 * i)),
      FRAME,
    );
    const leaders = placed.flatMap((one) => (one?.leader == null ? [] : [one]));
    expect(leaders.length).toBeGreaterThan(0);
    for (const { leader, box } of leaders) {
      const others = placed.filter((one) => one!.box !== box);
      expect(others.some((one) => segmentMeetsBox(leader!, one!.box))).toBe(false);
    }
  });

  test('a label keeps off a line where it can', () => {
    const one: Label = { anchor: { x: 100, y: 100 }, radius: 4, width: 40, height: 14 };
    const line = { from: { x: 100, y: 100 }, to: { x: 600, y: 100 } };
    const [placed] = placeLabels([one], FRAME, [line]);
    expect(segmentMeetsBox(line, placed!.box)).toBe(false);
  });
});

describe('geometry', () => {
  const box = { left: 0, top: 0, right: 10, bottom: 10 };
  test.each([
    [{ x: -5, y: 5 }, { x: 15, y: 5 }, true],
    [{ x: -5, y: 5 }, { x: -1, y: 5 }, false],
    [{ x: -5, y: 0 }, { x: 15, y: 0 }, false],
    [{ x: -5, y: 8 }, { x: 2, y: 15 }, false],
    [{ x: -5, y: 5 }, { x: 5, y: 15 }, false],
    [{ x: -5, y: 2 }, { x: 5, y: 12 }, true],
    [{ x: 2, y: 2 }, { x: 3, y: 3 }, true],
  ])('from %o to %o through the box: %s', (from, to, meets) => {
    expect(segmentMeetsBox({ from, to }, box)).toBe(meets);
  });

  test('segments cross in their insides', () => {
    const flat = { from: { x: 0, y: 0 }, to: { x: 10, y: 0 } };
    expect(segmentsCross(flat, { from: { x: 5, y: -5 }, to: { x: 5, y: 5 } })).toBe(true);
    expect(segmentsCross(flat, { from: { x: 5, y: 0 }, to: { x: 5, y: 5 } })).toBe(false);
    expect(segmentsCross(flat, { from: { x: 0, y: 1 }, to: { x: 10, y: 1 } })).toBe(false);
  });
});

describe('stacked labels', () => {
  test('are a gap apart, in order, inside where there is room', () => {
    const positions = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 12 });
    fc.assert(
      fc.property(positions, (given) => {
        const placed = spread(given, 17, [0, 300]);
        const order = given.map((_, i) => i).sort((a, b) => given[a]! - given[b]! || a - b);
        for (const [k, i] of order.entries()) {
          expect(placed[i]!).toBeGreaterThanOrEqual(-1e-9);
          expect(placed[i]!).toBeLessThanOrEqual(300 + 1e-9);
          if (k > 0) expect(placed[i]! - placed[order[k - 1]!]!).toBeGreaterThanOrEqual(17 - 1e-9);
        }
      }),
    );
  });

  test('stay where they are if they are far enough apart', () => {
    expect(spread([100, 20, 60], 17, [0, 300])).toEqual([100, 20, 60]);
  });

  test('two that collide move as much as each other', () => {
    expect(spread([100, 100], 20, [0, 300])).toEqual([90, 110]);
  });
});

describe('text', () => {
  test('is broken into lines that fit, and nothing is lost', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 80 }),
        fc.integer({ min: 30, max: 200 }),
        (text, width) => {
          const lines = wrapped(text, 12, width);
          expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
          for (const line of lines) {
            if ([...line].length > 1) expect(textWidth(line, 12)).toBeLessThanOrEqual(width);
          }
        },
      ),
    );
  });
});
