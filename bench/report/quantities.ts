/** What a unit counts, and how many of the base unit it is. */
interface Unit {
  readonly dimension: 'time' | 'bytes' | 'rate' | 'share' | 'bits' | 'number';
  readonly size: number;
}

const UNITS: Readonly<Record<string, Unit>> = {
  µs: { dimension: 'time', size: 1e-6 },
  ms: { dimension: 'time', size: 1e-3 },
  s: { dimension: 'time', size: 1 },
  second: { dimension: 'time', size: 1 },
  seconds: { dimension: 'time', size: 1 },
  minutes: { dimension: 'time', size: 60 },
  B: { dimension: 'bytes', size: 1 },
  bytes: { dimension: 'bytes', size: 1 },
  kB: { dimension: 'bytes', size: 1e3 },
  KB: { dimension: 'bytes', size: 1e3 },
  MB: { dimension: 'bytes', size: 1e6 },
  GB: { dimension: 'bytes', size: 1e9 },
  KiB: { dimension: 'bytes', size: 2 ** 10 },
  MiB: { dimension: 'bytes', size: 2 ** 20 },
  GiB: { dimension: 'bytes', size: 2 ** 30 },
  'rows/s': { dimension: 'rate', size: 1 },
  'M rows/s': { dimension: 'rate', size: 1e6 },
  '%': { dimension: 'share', size: 0.01 },
  bits: { dimension: 'bits', size: 1 },
  times: { dimension: 'number', size: 1 },
  '×': { dimension: 'number', size: 1 },
  '': { dimension: 'number', size: 1 },
};

const NUMBER = String.raw`\d[\d,]*(?:\.\d+)?(?:e-?\d+)?`;
const NAMES = Object.keys(UNITS)
  .filter((name) => name !== '')
  .sort((a, b) => b.length - a.length)
  .join('|');
const WHOLE = new RegExp(String.raw`^(${NUMBER})(?:\s?(${NAMES}))?$`);
const INSIDE = new RegExp(String.raw`(?<![\w.^])${NUMBER}\s?(?:${NAMES})(?![\w/²])`, 'g');

export interface Quantity {
  readonly dimension: Unit['dimension'];
  /** In seconds, bytes, rows a second, shares of 1, bits, or a plain number. */
  readonly value: number;
}

/** "1,080 µs", "252 bytes", "1.55". Throws an Error on anything else. */
export function quantityOf(text: string): Quantity {
  const match = WHOLE.exec(text);
  if (match === null) throw new Error(`"${text}" is no quantity`);
  return inUnit(Number(match[1]!.replaceAll(',', '')), match[2] ?? '');
}

/** Throws an Error where there is no such unit. */
export function inUnit(value: number, unit: string): Quantity {
  const found = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  if (found === undefined) throw new Error(`there is no unit "${unit}"`);
  return { dimension: found.dimension, value: value * found.size };
}

/** Where in a text quantities with a unit stand. */
export function quantitiesIn(
  text: string,
): readonly { readonly text: string; readonly from: number; readonly to: number }[] {
  return [...text.matchAll(INSIDE)].map((match) => ({
    text: match[0],
    from: match.index,
    to: match.index + match[0].length,
  }));
}
