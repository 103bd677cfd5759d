import { areaY, line, ruleX, ruleY } from '@observablehq/plot';
import { logAxis, scaleOf, shareAxis, xAxisMarks, yAxisMarks, type Axis } from './axes.ts';
import { FONT_SIZE, type Drawing } from './drawing.ts';
import { frontierOf } from './frontier.ts';
import type { Segment } from './geometry.ts';
import { placeLabels, standsOnLine, type Label, type Placed } from './label-layout.ts';
import { markup, type Markup } from './markup.ts';
import { entryName, titled } from './names.ts';
import { estimateText, rowsText, shareText, timeText } from './quantity.ts';
import { render, type Rendered } from './render.ts';
import { px, symbolMark } from './symbols.ts';
import { textWidth } from './text-width.ts';
import type { Theme } from './theme.ts';
import type { Entry, WorkloadView } from './views.ts';

/** Times are of programs in one process: what a network adds for the bytes is for the reader’s own network. */
const TIME_LABEL = 'median time, no network (log scale)';

const MARGIN = { left: 48, right: 12, top: 26, bottom: 44 };
const RADIUS = 5;
/** How much wider bold letters are. */
const BOLD = 1.12;
/** Heights in pixels, tried until every label has a place and, of the first ones, none stands on a line. */
const HEIGHTS = [360, 390, 420, 460, 520, 640, 800];
const CLEAN_UP_TO = 460;
/** Where there is little width, labels are stacked. */
const NARROW_HEIGHTS = HEIGHTS.slice(2);
const NARROW_CLEAN_UP_TO = 520;

/** Axes that several plots share, so that they can be compared. */
export function frontierAxes(
  views: readonly WorkloadView[],
  mostTicks?: number,
): readonly [x: Axis, y: Axis] {
  const times = views.flatMap(({ entries }) =>
    entries.flatMap(({ time }) => [time.low, time.high]),
  );
  return [
    logAxis(times, TIME_LABEL, timeText, mostTicks),
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
  shares: Axis,
  theme: Theme,
  width: number,
): Drawing {
  const labels = labelsOf(view.entries);
  const isNarrow = width < 450;
  const heights = isNarrow ? NARROW_HEIGHTS : HEIGHTS;
  const cleanUpTo = isNarrow ? NARROW_CLEAN_UP_TO : CLEAN_UP_TO;
  for (const height of heights) {
    const y = withRoom(view, shares, width, height);
    const rendered = base(view, { x, y, theme, width, height });
    const lines = linesOf(view, rendered, y);
    const places = placed(view, labels, rendered, width, height, lines);
    const isComplete = places.every((place, i) => place !== undefined || labels[i] === '');
    const isClean =
      isComplete && places.every((place) => place === undefined || !standsOnLine(place, lines));
    if (!isClean && !(isComplete && height > cleanUpTo) && height !== heights.at(-1)) continue;
    const body = markup`${rendered.body}${overlay(view.entries, labels, places, rendered, theme)}`;
    return {
      width,
      height,
      body,
      title: `${titled(view.workload)}, ${rowsText(view.rows)}`,
      description: described(view),
    };
  }
  throw new Error('unreachable: the last height is taken');
}

/** Beyond so many symbols only those on the frontier have a label. */
const MOST_LABELS = 40;

/** Empty: none. */
function labelsOf(entries: readonly Entry[]): readonly string[] {
  const all = entries.length <= MOST_LABELS;
  let left = MOST_LABELS;
  return entries.map((entry) => {
    const wanted = all || (entry.standing === 'frontier' && left-- > 0);
    return wanted ? entryName(entry) : '';
  });
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
  const whisker = { stroke: paint, strokeWidth: 3.4, strokeOpacity: 0.35 };
  return render({
    width,
    height,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: scaleOf(x, 0),
    y: scaleOf(y, 0),
    marks: [
      areaY(steps, {
        x: 'time',
        y1: 'advantage',
        y2: y.domain[1],
        curve: 'step-after',
        fill: theme.region,
      }),
      ...xAxisMarks(x, theme),
      ...yAxisMarks(y, theme),
      // Below the frontier, and wider: it may run along them.
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
      line([{ ...steps[0]!, advantage: y.domain[1] }, ...steps], {
        x: 'time',
        y: 'advantage',
        curve: 'step-after',
        stroke: theme.frontier,
        strokeWidth: 1.8,
      }),
    ],
  });
}

interface Step {
  readonly time: number;
  readonly advantage: number;
}

const LINE_HEIGHT = 15;
/** Labels that have room side by side. */
const LABEL_WIDTH = 150;

/** The axis with room above 1 and below 0, where many schemes are, for their labels. */
function withRoom({ entries }: WorkloadView, axis: Axis, width: number, height: number): Axis {
  const atNone = entries.filter(({ advantage }) => advantage.value < 0.1).length;
  const across = Math.max(1, Math.floor((width - MARGIN.left - MARGIN.right) / LABEL_WIDTH));
  // Half of them go above.
  const below = 14 + LINE_HEIGHT * (1 + Math.ceil(atNone / 2 / across));
  const above = 14 + LINE_HEIGHT;
  const inside = height - MARGIN.top - MARGIN.bottom - below - above;
  return { ...axis, domain: [-below / inside, 1 + above / inside] };
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
  lines: readonly Segment[],
): readonly (Placed | undefined)[] {
  const wanted = labels.flatMap((label, i) => (label === '' ? [] : [i]));
  const requests = wanted.map((i): Label => {
    const { time, advantage, standing } = view.entries[i]!;
    return {
      anchor: { x: x(time.value), y: y(advantage.value) },
      radius: RADIUS + 1,
      width: textWidth(labels[i]!, FONT_SIZE) * (standing === 'frontier' ? BOLD : 1) + 4,
      height: FONT_SIZE + 2,
    };
  });
  const frame = {
    left: MARGIN.left + 2,
    right: width - MARGIN.right,
    top: MARGIN.top + 1,
    bottom: height - MARGIN.bottom - 1,
  };
  const found = placeLabels(requests, frame, lines);
  const places: (Placed | undefined)[] = labels.map(() => undefined);
  for (const [k, i] of wanted.entries()) places[i] = found[k];
  return places;
}

/** The frontier and the whiskers, which labels should keep off. */
function linesOf(view: WorkloadView, { x, y }: Rendered, axis: Axis): readonly Segment[] {
  const steps = stepsOf(view, view.entries[0]!.time.value).slice(0, -1);
  const top = { ...steps[0]!, advantage: axis.domain[1] };
  const corners = [top, ...steps].map((one) => ({ x: x(one.time), y: y(one.advantage) }));
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
  const symbols = entries.map((entry) => {
    const { look, time, advantage } = entry;
    return symbolMark(
      look,
      { x: x(time.value), y: y(advantage.value) },
      RADIUS,
      theme,
      `${entryName(entry)}: ${estimateText(time, timeText)}, advantage ${estimateText(advantage, shareText)}`,
    );
  });
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
