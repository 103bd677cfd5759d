import type { Parameter } from '../../../plan/parameter.ts';
import type { Slot } from '../../../policy/tool/slot.ts';

/** Values of a set that are tried; a longer one is tried by its first and last. */
const MOST_VALUES = 16;

/**
 * Parameters that a query may have: both ends of every range and every value of a set, each in at least one case, the
 * others going round beside it.
 */
export function allowedCases(slots: readonly Slot[]): readonly (readonly Parameter[])[] {
  const values = slots.map(valuesOf);
  const cases = Math.max(1, ...values.map(({ length }) => length));
  return Array.from({ length: cases }, (_, i) =>
    // Shifted against each other: the low end of one meets more than the low end of the next.
    values.map((own, place) => own[(i + Math.floor(i / own.length) * place) % own.length]!),
  );
}

function valuesOf(slot: Slot): readonly Parameter[] {
  switch (slot.kind) {
    case 'integer':
      return [slot.min, slot.max, Math.floor(slot.min / 2 + slot.max / 2)];
    case 'decimal':
    case 'date':
      return [slot.min, slot.max];
    case 'text': {
      const { values } = slot;
      return values.length <= MOST_VALUES
        ? values
        : [...values.slice(0, MOST_VALUES - 1), values.at(-1)!];
    }
    case 'boolean':
      return [false, true];
    default:
      return slot satisfies never;
  }
}

/** Parameters that it may not have: of every slot, values beside it; one too few, one too many. */
export function refusedCases(slots: readonly Slot[]): readonly (readonly Parameter[])[] {
  const [good] = allowedCases(slots);
  const bad = slots.flatMap((slot, place) =>
    outside(slot).map((value) => good!.map((own, i) => (i === place ? value : own))),
  );
  return [...bad, [...good!, null], ...(slots.length > 0 ? [good!.slice(1)] : [])];
}

/** The greatest and the least number that a slot can be told, where they are outside of a range. */
const beyond = (min: number, max: number): readonly string[] =>
  [`-${FARTHEST}`, FARTHEST].filter((text) => Number(text) < min || Number(text) > max);

const FARTHEST = '9'.repeat(18);

function outside(slot: Slot): readonly Parameter[] {
  const always: readonly Parameter[] = [null, '', "' OR 1 = 1 --", NaN, Infinity];
  switch (slot.kind) {
    case 'integer':
      return [...always, slot.min - 1, slot.max + 1, slot.min + 0.5, `${slot.min} `, '1e3', true];
    case 'decimal':
      return [...always, ...beyond(Number(slot.min), Number(slot.max)), '1e3', '0x1', true];
    case 'date':
      return [...always, '0000-00-00', `${slot.max} `, 'tomorrow', 0];
    case 'text': {
      const longest = slot.values.reduce((a, b) => (a.length < b.length ? b : a));
      return [null, `${longest}%`, `${longest}'`, 0, true].filter(
        (value) => typeof value !== 'string' || !slot.values.includes(value),
      );
    }
    case 'boolean':
      return [...always, 'yes', 2];
    default:
      return slot satisfies never;
  }
}
