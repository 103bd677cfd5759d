import { areaY, line, ruleX, ruleY } from '@observablehq/plot';
import { logAxis, scaleOf, shareAxis, xAxisMarks, yAxisMarks, type Axis } from './axes.ts';
import { FONT_SIZE, type Drawing } from './drawing.ts';
import { frontierOf } from './frontier.ts';
import type { Segment } from './geometry.ts';
import { placeLabels, type Label, type Placed } from './label-layout.ts';
import { markup, type Markup } from './markup.ts';
import { entryName, titled } from './names.ts';
import { estimateText, shareText, timeText } from './quantity.ts';
import { render, type Rendered } from './render.ts';
import { px, symbolMark } from './symbols.ts';
import { textWidth } from './text-width.ts';
import type { Theme } from './theme.ts';
import type { Entry, WorkloadView } from './views.ts';

const MARGIN = { left: 48, right: 12, top: 26, bottom: 44 };
const RADIUS = 5;
/** Heights by the width, tried until every label has a place. */
const SHAPES = [0.62, 0.8, 1, 1.3, 1.7, 2.4, 3.4];

/** Axes that several plots share, so that they can be compared. */
export function frontierAxes(
  views: readonly WorkloadView[],
  mostTicks?: number,
): readonly [x: Axis, y: Axis] {
  const times = views.flatMap(({ entries }) => entries.flatMap(({ time }) => [time.low, time.high]));
  return [
    logAxis(times, 'median time of one answer (log scale)', timeText, mostTicks),
    shareAxis('advantage of the attacker (0: guesses, 1: knows all)'),
  ];
}

/**
 * Time against the attacker’s advantage, both with their intervals, and the Pareto frontier as steps. What is beyond the
 * steps is shaded: there something is both faster and more private. The lower left is where one would like to be.
 */
export function frontierPlot(
  view: WorkloadView,
  x: Axis,
  y: Axis,
  theme: Theme,
  width: number,
): Drawing {
  const labels = view.entries.map(entryName);
  for (const shape of SHAPES) {
    const height = Math.round(width * shape);
    const rendered = base(view, { x, y, theme, width, height });
    const places = placed(view, labels, rendered, width, height);
    if (places.includes(undefined) && shape !== SHAPES.at(-1)) continue;
    const body = markup`${rendered.body}${overlay(view.entries, labels, places, rendered, theme)}`;
    return { width, height, body, title: titled(view.workload), description: described(view) };
  }
  throw new Error('unreachable: the last shape is taken');
}

interface Frame {
  readonly x: Axis;
  readonly y: Axis;
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
}

function base(view: WorkloadView, { x, y, theme, width, height }: Frame): Rendered {
  const steps = stepsOf(view, x.domain[1]);
  const entries = [...view.entries];
  const paint = (entry: Entry): string => theme[entry.look.colour];
  const whisker = { stroke: paint, strokeWidth: 1.4, strokeOpacity: 0.75 };
  return render({
    width,
    height,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: scaleOf(x, RADIUS * 2),
    y: scaleOf(y, RADIUS * 2),
    marks: [
      areaY(steps, { x: 'time', y1: 'advantage', y2: 1, curve: 'step-after', fill: theme.region }),
      ...xAxisMarks(x, theme),
      ...yAxisMarks(y, theme),
      line([{ ...steps[0]!, advantage: 1 }, ...steps], {
        x: 'time',
        y: 'advantage',
        curve: 'step-after',
        stroke: theme.frontier,
        strokeWidth: 1.8,
      }),
      ruleY(entries, {
        y: (one: Entry) => one.advantage.value,
        x1: (one: Entry) => one.time.low,
        x2: (one: Entry) => one.time.high,
        ...whisker,
      }),
      ruleX(entries, {
        x: (one: Entry) => one.time.value,
        y1: (one: Entry) => one.advantage.low,
        y2: (one: Entry) => one.advantage.high,
        ...whisker,
      }),
    ],
  });
}

interface Step {
  readonly time: number;
  readonly advantage: number;
}

/** Corners of the frontier, the last one carried on to the frame. */
function stepsOf({ entries }: WorkloadView, end: number): Step[] {
  const comparable = entries.filter(({ standing }) => standing !== null);
  const corners = frontierOf(comparable).map((place): Step => {
    const { time, advantage } = comparable[place]!;
    return { time: time.value, advantage: advantage.value };
  });
  return [...corners, { time: end, advantage: corners.at(-1)!.advantage }];
}

function placed(
  view: WorkloadView,
  labels: readonly string[],
  { x, y }: Rendered,
  width: number,
  height: number,
): readonly (Placed | undefined)[] {
  const requests = view.entries.map(
    ({ time, advantage, standing }, i): Label => ({
      anchor: { x: x(time.value), y: y(advantage.value) },
      radius: RADIUS + 1,
      width: textWidth(labels[i]!, FONT_SIZE) * (standing === 'frontier' ? 1.1 : 1),
      height: FONT_SIZE + 2,
    }),
  );
  const frame = {
    left: MARGIN.left + 2,
    right: width - MARGIN.right,
    top: MARGIN.top + 1,
    bottom: height - MARGIN.bottom - 1,
  };
  return placeLabels(requests, frame, linesOf(view, x, y));
}

/** The frontier and the whiskers, which labels should keep off. */
function linesOf(view: WorkloadView, x: Rendered['x'], y: Rendered['y']): readonly Segment[] {
  const steps = stepsOf(view, view.entries[0]!.time.value);
  const corners = steps.slice(0, -1).map((one) => ({ x: x(one.time), y: y(one.advantage) }));
  const frontier = corners.flatMap((from, i): Segment[] => {
    const next = corners[i + 1];
    if (next === undefined) return [{ from, to: { x: 1e5, y: from.y } }];
    const corner = { x: next.x, y: from.y };
    return [
      { from, to: corner },
      { from: corner, to: next },
    ];
  });
  const whiskers = view.entries.flatMap(({ time, advantage }): Segment[] => {
    const [across, down] = [x(time.value), y(advantage.value)];
    return [
      { from: { x: x(time.low), y: down }, to: { x: x(time.high), y: down } },
      { from: { x: across, y: y(advantage.high) }, to: { x: across, y: y(advantage.low) } },
    ];
  });
  return [...frontier, ...whiskers];
}

function overlay(
  entries: readonly Entry[],
  labels: readonly string[],
  places: readonly (Placed | undefined)[],
  { x, y }: Rendered,
  theme: Theme,
): Markup {
  const leaders = places.map((place) =>
    place?.leader == null
      ? ''
      : markup`<line x1="${px(place.leader.from.x)}" y1="${px(place.leader.from.y)}" x2="${px(place.leader.to.x)}" y2="${px(place.leader.to.y)}" stroke="${theme.muted}" stroke-width="0.8"/>`,
  );
  const symbols = entries.map(({ look, time, advantage }, i) =>
    symbolMark(
      look,
      { x: x(time.value), y: y(advantage.value) },
      RADIUS,
      theme,
      `${labels[i]}: ${estimateText(time, timeText)}, advantage ${estimateText(advantage, shareText)}`,
    ),
  );
  const texts = places.map((place, i) => {
    if (place === undefined) return '';
    const { left, right, bottom } = place.box;
    const weight = entries[i]!.standing === 'frontier' ? 'bold' : 'normal';
    return markup`<text x="${px((left + right) / 2)}" y="${px(bottom - 3.5)}" font-weight="${weight}">${labels[i]!}</text>`;
  });
  return markup`${leaders}${symbols}${texts}`;
}

function described({ entries, workload }: WorkloadView): string {
  const onIt = entries
    .filter(({ standing }) => standing === 'frontier')
    .sort((a, b) => a.time.value - b.time.value)
    .map(
      (one) =>
        `${entryName(one)} (${timeText(one.time.value)}, advantage ${shareText(one.advantage.value)})`,
    );
  return `Time of one ${workload.replaceAll('-', ' ')} against the advantage of an attacker, for ${entries.length} schemes. On the frontier, from the fastest to the most private: ${onIt.join('; ')}.`;
}
