import { utf8Length } from '../../bytes/utf8-text.ts';
import { parseDecimal, trimBlanks } from '../../table/decimal-text.ts';
import { MAX_SCALE } from '../../table/schema-json.ts';
import { parseDate, parseTimestamp } from '../../table/time-text.ts';
import type { ValueFormat } from '../../table/value-text.ts';

type Kind = 'none' | 'number' | 'boolean' | 'date' | 'timestamp' | 'text';

/** Text longer than this on average, in bytes of UTF-8, is taken for documents. */
const DOCUMENT_BYTES = 64;
/** The widest decimal of most databases. Only numbers with an exponent are held to it: 1e300 is no amount. */
const WIDEST_DECIMAL = 38;
/** Every double in plain notation has fewer digits, and is finite. */
const SURELY_FINITE = 300;

/**
 * Guesses the type of a column from its cells, in constant memory.
 *
 * | all cells that are not NULL                          | type                                        |
 * | ---------------------------------------------------- | ------------------------------------------- |
 * | numbers without places: no leading zero, no plus     | integer                                     |
 * | such numbers with places                             | decimal, scale = most places seen           |
 * | more than 18 places, or an exponent and over 38 digits | real                                      |
 * | true, false in any case                              | boolean                                     |
 * | YYYY-MM-DD                                           | date                                        |
 * | timestamps, dates among them or not                  | timestamp                                   |
 * | anything else, or nothing                            | text; document if over 64 bytes on average  |
 *
 * `007` and `+49…` are text: as numbers they would not come back as they were.
 */
export class ColumnGuess {
  private kind: Kind;
  private cells = 0;
  private bytes = 0;
  private scale = 0;
  private digits = 0;
  private exponents = false;
  private finite = true;

  constructor(kind: 'none' | 'text' = 'none') {
    this.kind = kind;
  }

  /**
   * A cell that is not NULL, seen `times` times. `quoted`: the format says that it is a string, so only
   * dates are looked for.
   */
  observe(text: string, quoted = false, times = 1): void {
    this.cells += times;
    this.bytes += times * utf8Length(text);
    switch (this.kind) {
      case 'none':
        this.kind = this.first(trimBlanks(text), quoted);
        return;
      case 'number':
        if (quoted || !this.number(trimBlanks(text))) this.kind = 'text';
        return;
      case 'boolean':
        if (quoted || !isBoolean(trimBlanks(text))) this.kind = 'text';
        return;
      case 'date':
      case 'timestamp': {
        const kind = timeKind(trimBlanks(text));
        if (kind !== 'date') this.kind = kind;
        return;
      }
      case 'text':
    }
  }

  result(): ValueFormat {
    switch (this.kind) {
      case 'number':
        if (this.scale > MAX_SCALE || (this.exponents && this.digits > WIDEST_DECIMAL)) {
          return { type: this.finite ? 'real' : 'text', scale: 0 };
        }
        return { type: this.scale === 0 ? 'integer' : 'decimal', scale: this.scale };
      case 'boolean':
      case 'date':
      case 'timestamp':
        return { type: this.kind, scale: 0 };
      case 'none':
      case 'text':
        return { type: this.bytes > DOCUMENT_BYTES * this.cells ? 'document' : 'text', scale: 0 };
    }
  }

  private first(text: string, quoted: boolean): Kind {
    if (!quoted && this.number(text)) return 'number';
    if (!quoted && isBoolean(text)) return 'boolean';
    return timeKind(text);
  }

  /** True for a number as the table above has it; notes its size. */
  private number(text: string): boolean {
    const start = text.startsWith('-') ? 1 : 0;
    let at = endOfDigits(text, start);
    let whole = at - start;
    if (whole > 1 && text[start] === '0') return false;
    let places = 0;
    if (text[at] === '.') {
      const end = endOfDigits(text, at + 1);
      places = end - at - 1;
      at = end;
    }
    if (whole + places === 0) return false;
    if (at < text.length || whole + places > MAX_SCALE) {
      const decimal = parseDecimal(text);
      if (decimal === undefined) return false;
      if (at < text.length) this.exponents = true;
      places = significantPlaces(decimal.digits, decimal.scale);
      whole = Math.max(0, decimal.digits.toString().replace('-', '').length - decimal.scale);
    }
    if (text.length > SURELY_FINITE || at < text.length) {
      this.finite &&= Number.isFinite(Number(text));
    }
    this.scale = Math.max(this.scale, places);
    this.digits = Math.max(this.digits, whole + places);
    return true;
  }
}

/** Places, without the zeros at the end where there are more than a decimal may have. */
function significantPlaces(digits: bigint, scale: number): number {
  let places = scale;
  if (scale <= MAX_SCALE) return scale;
  for (let rest = digits; places > 0 && rest % 10n === 0n; rest /= 10n) places--;
  return places;
}

function isBoolean(text: string): boolean {
  if (text.length !== 4 && text.length !== 5) return false;
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false';
}

function timeKind(text: string): 'date' | 'timestamp' | 'text' {
  if (parseDate(text) !== undefined) return 'date';
  return parseTimestamp(text) === undefined ? 'text' : 'timestamp';
}

function endOfDigits(text: string, at: number): number {
  while (text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at;
}
