import { civilFromDays, daysFromCivil } from './calendar.ts';

/** Dates and timestamps as text; read by position, since ingest reads millions of them. */

const MINUTE = 60;
const DAY = 86_400;
const MICROS = 1_000_000;
const DATE_LENGTH = 10;
const COLON = 58;
const POINT = 46;

/** Day number of YYYY-MM-DD, years 0001 to 9999; undefined for any other text. */
export function parseDate(text: string): number | undefined {
  return text.length === DATE_LENGTH ? dateAt(text) : undefined;
}

/**
 * Microseconds since 1970-01-01 UTC of `YYYY-MM-DD[[ T]HH:MM[:SS[.f{1,6}]][Z|±HH[:MM]]]`, as a number
 * where that is exact; undefined for any other text. A fraction may go on with up to 3 zeros.
 */
export function parseTimestamp(text: string): number | bigint | undefined {
  const date = dateAt(text);
  if (date === undefined) return undefined;
  if (text.length === DATE_LENGTH) return timestamp(date * DAY, 0);
  const separator = text[DATE_LENGTH];
  const hour = digitsAt(text, 11, 2);
  const minute = digitsAt(text, 14, 2);
  if ((separator !== ' ' && separator !== 'T') || text.charCodeAt(13) !== COLON) return undefined;
  if (!(hour < 24 && minute < 60)) return undefined;
  let at = 16;
  let second = 0;
  let micros = 0;
  if (text.charCodeAt(at) === COLON) {
    second = digitsAt(text, 17, 2);
    if (!(second < 60)) return undefined;
    at = 19;
    if (text.charCodeAt(at) === POINT) {
      const end = endOfDigits(text, at + 1);
      micros = fraction(text.slice(at + 1, end));
      if (Number.isNaN(micros)) return undefined;
      at = end;
    }
  }
  const offset = at === text.length ? 0 : zone(text.slice(at));
  if (offset === undefined) return undefined;
  return timestamp(date * DAY + (hour * MINUTE + minute - offset) * MINUTE + second, micros);
}

/** YYYY-MM-DD of a day number; a year outside 0001 to 9999 keeps its sign and digits. */
export function formatDate(days: number): string {
  const { year, month, day } = civilFromDays(days);
  const digits = Math.abs(year).toString().padStart(4, '0');
  return `${year < 0 ? '-' : ''}${digits}-${two(month)}-${two(day)}`;
}

/** YYYY-MM-DD HH:MM:SS[.ffffff] in UTC, without trailing zeros of the fraction. */
export function formatTimestamp(micros: bigint): string {
  const perDay = BigInt(DAY * MICROS);
  const inDay = ((micros % perDay) + perDay) % perDay;
  const rest = Number(inDay);
  const seconds = Math.floor(rest / MICROS);
  const part = (rest % MICROS).toString().padStart(6, '0').replace(/0+$/, '');
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / MINUTE) % 60, seconds % 60];
  const date = formatDate(Number((micros - inDay) / perDay));
  return `${date} ${clock.map(two).join(':')}${part === '' ? '' : `.${part}`}`;
}

function dateAt(text: string): number | undefined {
  if (text.length < DATE_LENGTH || text[4] !== '-' || text[7] !== '-') return undefined;
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 2);
  const day = digitsAt(text, 8, 2);
  if (!(year > 0)) return undefined;
  return daysFromCivil(year, month, day);
}

function timestamp(seconds: number, micros: number): number | bigint {
  const total = seconds * MICROS + micros;
  return Number.isSafeInteger(total) ? total : BigInt(seconds) * BigInt(MICROS) + BigInt(micros);
}

/** Microseconds of the digits after the point, or NaN. */
function fraction(digits: string): number {
  if (digits === '' || digits.length > 9 || Number(digits.slice(6)) !== 0) return Number.NaN;
  return Number(digits.slice(0, 6).padEnd(6, '0'));
}

/** Minutes east of UTC of `Z` or `±HH[:MM]`; undefined for any other text. */
function zone(text: string): number | undefined {
  if (text === 'Z') return 0;
  const sign = text[0] === '+' ? 1 : text[0] === '-' ? -1 : 0;
  const hours = digitsAt(text, 1, 2);
  const minutes = text.length === 3 ? 0 : digitsAt(text, 4, 2);
  const whole = text.length === 3 || (text.length === 6 && text.charCodeAt(3) === COLON);
  if (sign === 0 || !whole || !(hours < 16 && minutes < 60)) return undefined;
  return sign * (hours * MINUTE + minutes);
}

/** The number that `count` digits from `at` write, or NaN where one is not a digit. */
function digitsAt(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function endOfDigits(text: string, at: number): number {
  while (text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at;
}

function two(part: number): string {
  return part.toString().padStart(2, '0');
}
