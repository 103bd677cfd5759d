import { z } from 'zod';

/** What a parameter of a tool's query may be: a range, both ends included, or one of a set. */
export type Slot =
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  /** Ends as texts, for example "0.25". */
  | { readonly kind: 'decimal'; readonly min: string; readonly max: string }
  /** Ends as texts, YYYY-MM-DD. */
  | { readonly kind: 'date'; readonly min: string; readonly max: string }
  | { readonly kind: 'text'; readonly values: readonly string[] }
  | { readonly kind: 'boolean' };

const WHOLE = /^(?:0|-?[1-9]\d{0,15})$/;
const DECIMAL = /^-?\d{1,18}(?:\.\d{1,18})?$/;
const PLACES = 18;

const decimal = z.string().regex(DECIMAL, 'a decimal number of up to 18 digits and 18 places');
const isDecimal = (text: string): boolean => DECIMAL.test(text);
const isUpTo = (min: string, max: string): boolean => scaled(min) <= scaled(max);
const date = z.iso.date();
const ordered = 'the range is empty';

export const slotForm: z.ZodType<Slot> = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('integer'), min: z.int(), max: z.int() })
    .refine(({ min, max }) => min <= max, ordered),
  z
    .strictObject({ kind: z.literal('decimal'), min: decimal, max: decimal })
    .refine(({ min, max }) => isDecimal(min) && isDecimal(max) && isUpTo(min, max), ordered),
  z
    .strictObject({ kind: z.literal('date'), min: date, max: date })
    .refine(({ min, max }) => min <= max, ordered),
  z.strictObject({
    kind: z.literal('text'),
    values: z
      .array(z.string().max(1000))
      .min(1)
      .max(1000)
      .refine((values) => new Set(values).size === values.length, 'a value is there twice'),
  }),
  z.strictObject({ kind: z.literal('boolean') }),
]);

/**
 * Whether a parameter is one that its slot allows. Numbers and dates may come as texts, which queries take as
 * literals, in their one plain form: no exponent, blank, sign or zero too many. NULL is in no slot.
 */
export function isInSlot(slot: Slot, value: unknown): boolean {
  switch (slot.kind) {
    case 'integer': {
      const whole = wholeOf(value);
      return whole !== undefined && slot.min <= whole && whole <= slot.max;
    }
    case 'decimal': {
      const text = typeof value === 'number' ? String(value) : value;
      if (typeof text !== 'string' || !isDecimal(text)) return false;
      return isUpTo(slot.min, text) && isUpTo(text, slot.max);
    }
    case 'date':
      // Dates of one form are in the order of their texts.
      return (
        typeof value === 'string' &&
        date.safeParse(value).success &&
        slot.min <= value &&
        value <= slot.max
      );
    case 'text':
      return typeof value === 'string' && slot.values.includes(value);
    case 'boolean':
      return typeof value === 'boolean' || value === 'true' || value === 'false';
    default:
      return slot satisfies never;
  }
}

function wholeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  const text = typeof value === 'bigint' ? String(value) : value;
  if (typeof text !== 'string' || !WHOLE.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** In units of 10^-18. */
function scaled(text: string): bigint {
  const negative = text.startsWith('-');
  const [whole = '', places = ''] = (negative ? text.slice(1) : text).split('.');
  const digits = BigInt(whole + places.padEnd(PLACES, '0'));
  return negative ? -digits : digits;
}
