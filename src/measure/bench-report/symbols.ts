import { markup, type Markup } from './markup.ts';
import type { Point } from './geometry.ts';
import type { SchemeLook, SymbolName } from './scheme-look.ts';
import type { Theme } from './theme.ts';

/** Corners around the origin, in units of the radius; y downwards. A circle has none. */
const CORNERS: Readonly<
  Record<Exclude<SymbolName, 'circle'>, readonly (readonly [number, number])[]>
> = {
  square: around([0.5, 1.5, 2.5, 3.5], 4, 1.18),
  diamond: around([0, 1, 2, 3], 4, 1.25),
  'triangle-up': around([-0.75, 0.25, 1.25], 3, 1.25),
  'triangle-down': around([0.75, 1.75, 2.75], 3, 1.25),
  star: around(
    [...Array(10).keys()].map((i) => i - 2.5),
    10,
    1.35,
    0.58,
  ),
  cross: [
    [-0.42, -1.1],
    [0.42, -1.1],
    [0.42, -0.42],
    [1.1, -0.42],
    [1.1, 0.42],
    [0.42, 0.42],
    [0.42, 1.1],
    [-0.42, 1.1],
    [-0.42, 0.42],
    [-1.1, 0.42],
    [-1.1, -0.42],
    [-0.42, -0.42],
  ],
};

/** @param turns where corners are, in parts of a turn from east; every second one may be nearer */
function around(
  turns: readonly number[],
  parts: number,
  radius: number,
  inner: number = radius,
): readonly (readonly [number, number])[] {
  return turns.map((turn, i) => {
    const angle = (turn / parts) * 2 * Math.PI;
    const length = i % 2 === 0 ? radius : inner;
    return [length * Math.cos(angle), length * Math.sin(angle)];
  });
}

/** A symbol with what a pointer that rests on it is told. */
export function symbolMark(
  { symbol, colour, fill }: SchemeLook,
  { x, y }: Point,
  radius: number,
  theme: Theme,
  title?: string,
): Markup {
  const paint = theme[colour];
  const inside = fill === 'full' ? paint : theme.ground;
  const dot =
    fill === 'dotted' ? markup`<circle cx="${px(x)}" cy="${px(y)}" r="1.6" fill="${paint}"/>` : '';
  const told = title === undefined ? '' : markup`<title>${title}</title>`;
  return markup`<g><path d="${pathOf(symbol, x, y, radius)}" fill="${inside}" stroke="${paint}" stroke-width="1.6" stroke-linejoin="round"/>${dot}${told}</g>`;
}

function pathOf(symbol: SymbolName, x: number, y: number, radius: number): string {
  if (symbol === 'circle') {
    const [left, right] = [px(x - radius), px(x + radius)];
    return `M${left},${px(y)}A${radius},${radius} 0 1 1 ${right},${px(y)}A${radius},${radius} 0 1 1 ${left},${px(y)}Z`;
  }
  const corners = CORNERS[symbol].map(
    ([dx, dy]) => `${px(x + dx * radius)},${px(y + dy * radius)}`,
  );
  return `M${corners.join('L')}Z`;
}

/** Tenths of pixels. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
