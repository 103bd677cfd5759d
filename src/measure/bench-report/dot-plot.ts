import { ruleY } from '@observablehq/plot';
import { scaleOf, xAxisMarks, type Axis } from './axes.ts';
import { FONT_SIZE, type Drawing } from './drawing.ts';
import { markup, type Markup } from './markup.ts';
import { render } from './render.ts';
import type { SchemeLook } from './scheme-look.ts';
import type { Estimate } from './summary.ts';
import { px, symbolMark } from './symbols.ts';
import { textWidth, wrapped } from './text-width.ts';
import type { Theme } from './theme.ts';

export interface Dot {
  readonly at: Estimate;
  readonly look: SchemeLook;
  /** What a pointer that rests on it is told. */
  readonly title: string;
}

export interface DotRow {
  readonly label: string;
  /** Those that the axis cannot show, zeros on a logarithmic one, are for the note. */
  readonly dots: readonly Dot[];
  /** At the right end. */
  readonly note: string;
}

const TOP = 8;
const BOTTOM = 44;
const LABEL_LINE = 15;
const RADIUS = 5;
/** Share of the width that labels at the left may take; longer ones stand above their row. */
const LABELS_AT_LEFT = 0.36;

/** Rows of dots along one axis, each row’s dots joined by a line, with their intervals. */
export function dotPlot(
  rows: readonly DotRow[],
  axis: Axis,
  theme: Theme,
  width: number,
  about: Pick<Drawing, 'title' | 'description'>,
): Drawing {
  const place = placesOf(rows, width);
  const height = place.height + BOTTOM;
  const shown = rows.flatMap(({ dots }, row) => dots.map((dot) => ({ ...dot, row })));
  const y = (row: number): number => place.lines[row]!;
  const rendered = render({
    width,
    height,
    marginLeft: place.left,
    marginRight: place.right,
    marginTop: 0,
    marginBottom: BOTTOM,
    x: scaleOf(axis, 10),
    y: { type: 'linear', domain: [0, place.height], range: [0, place.height], axis: null },
    marks: [
      ...xAxisMarks(axis, theme),
      ruleY(
        rows.flatMap(({ dots }, row) => (dots.length < 2 ? [] : [{ row, dots }])),
        {
          y: ({ row }: { row: number }) => y(row),
          x1: ({ dots }: DotRow) => Math.min(...dots.map(({ at }) => at.value)),
          x2: ({ dots }: DotRow) => Math.max(...dots.map(({ at }) => at.value)),
          stroke: theme.muted,
          strokeWidth: 1,
          strokeDasharray: '2 3',
        },
      ),
      ruleY(shown, {
        y: ({ row }: { row: number }) => y(row),
        x1: ({ at }: Dot) => at.low,
        x2: ({ at }: Dot) => at.high,
        stroke: ({ look }: Dot) => theme[look.colour],
        strokeWidth: 1.6,
      }),
    ],
  });
  const texts = rows.map((row, i) => rowTexts(row, i, place, theme, width));
  const symbols = shown.map(({ at, look, row, title }) =>
    symbolMark(look, { x: rendered.x(at.value), y: y(row) }, RADIUS, theme, title),
  );
  const body = markup`${rowLines(place, theme, width)}${rendered.body}${symbols}${texts}`;
  return { ...about, width, height, body };
}

interface Places {
  readonly above: boolean;
  readonly left: number;
  readonly right: number;
  readonly height: number;
  /** Where each row’s dots are. */
  readonly lines: readonly number[];
  readonly labels: readonly (readonly string[])[];
}

function placesOf(rows: readonly DotRow[], width: number): Places {
  const widest = Math.max(0, ...rows.map(({ label }) => textWidth(label, FONT_SIZE)));
  const notes = Math.max(0, ...rows.map(({ note }) => textWidth(note, FONT_SIZE)));
  const above = widest > width * LABELS_AT_LEFT;
  const labels = rows.map(({ label }) => (above ? wrapped(label, FONT_SIZE, width - 8) : [label]));
  const lines: number[] = [];
  let top = TOP;
  for (const label of labels) {
    if (above) top += label.length * LABEL_LINE;
    lines.push(top + 12);
    top += above ? 30 : 25;
  }
  return {
    above,
    left: above ? 14 : Math.ceil(widest) + 14,
    right: notes === 0 ? 16 : Math.ceil(notes) + 20,
    height: top,
    lines,
    labels,
  };
}

function rowTexts(
  row: DotRow,
  i: number,
  { above, left, right, lines, labels }: Places,
  theme: Theme,
  width: number,
): Markup {
  const line = lines[i]!;
  const first = line - 12 - (labels[i]!.length - 1) * LABEL_LINE;
  const label = above
    ? labels[i]!.map(
        (text, k) =>
          markup`<text x="2" y="${px(first + k * LABEL_LINE)}" text-anchor="start">${text}</text>`,
      )
    : markup`<text x="${px(left - 12)}" y="${px(line + 4)}" text-anchor="end">${row.label}</text>`;
  const note = markup`<text x="${px(width - right + 14)}" y="${px(line + 4)}" text-anchor="start" fill="${theme.muted}">${row.note}</text>`;
  return markup`${label}${note}`;
}

/** A thin line through each row, from edge to edge. */
function rowLines({ left, right, lines }: Places, theme: Theme, width: number): Markup {
  return markup`${lines.map((line) => markup`<line x1="${left}" x2="${px(width - right)}" y1="${px(line)}" y2="${px(line)}" stroke="${theme.rule}" stroke-width="1"/>`)}`;
}
