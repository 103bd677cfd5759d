import { digits, type Spread } from './samples.ts';

/** What was measured of one side. */
export interface Figure {
  /** Who, and with which parameters. */
  readonly who: string;
  readonly value: number;
  readonly unit: string;
  /** The same of the median sample, where `value` is of the best one. */
  readonly median?: number;
}

/** A line of the table of speeds to reach. */
export interface Line {
  readonly what: string;
  readonly ours: Figure;
  /** What we are compared with: another program, a plain read of memory, or a limit. */
  readonly peer: Figure;
  /** How many times better we are than the peer, from the best samples of both. */
  readonly ratio: number;
  readonly wanted: number;
  readonly met: boolean;
  readonly note?: string;
}

/** What one suite found. */
export interface SuiteResult {
  readonly lines: readonly Line[];
  /** What is printed below the lines. */
  readonly table?: string;
  /** Further figures, which no line asks for. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Every set of samples, by what was timed and in which unit. */
  readonly samples: Readonly<Record<string, Spread>>;
}

/** More is better: rows or bytes a second. */
export function rate(line: Omit<Line, 'ratio' | 'met'>): Line {
  return judged(line, line.ours.value / line.peer.value);
}

/** Less is better: time or bytes. */
export function cost(line: Omit<Line, 'ratio' | 'met'>): Line {
  return judged(line, line.peer.value / line.ours.value);
}

function judged(line: Omit<Line, 'ratio' | 'met'>, ratio: number): Line {
  return { ...line, ratio: digits(ratio, 3), met: ratio >= line.wanted };
}

/** Milliseconds of the best sample and the median one. */
export function timing(who: string, { p0, p50 }: Spread): Figure {
  return { who, value: p0, unit: 'ms', median: p50 };
}

/** The lines as text for a terminal. */
export function linesText(lines: readonly Line[]): string {
  return lines.map(lineText).join('\n');
}

function lineText({ what, ours, peer, ratio, wanted, met, note }: Line): string {
  const verdict = `${met ? 'met   ' : 'MISSED'} ${String(ratio).padStart(6)} of ${wanted} wanted`;
  return [
    `${verdict.padEnd(28)}  ${what}`,
    `${' '.repeat(30)}ours  ${figureText(ours)}`,
    `${' '.repeat(30)}peer  ${figureText(peer)}`,
    ...(note === undefined ? [] : [`${' '.repeat(30)}${note}`]),
  ].join('\n');
}

function figureText({ who, value, unit, median }: Figure): string {
  const typical = median === undefined ? '' : ` (median ${digits(median, 3)})`;
  return `${digits(value, 3)} ${unit}${typical}: ${who}`;
}
