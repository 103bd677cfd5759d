import type { LabColumn } from './scheme.ts';

export type TextColumn = LabColumn & { readonly kind: 'text' };

/** Makes a column of texts row by row, keeping each distinct text once. */
export class TextCoder {
  private readonly numbers = new Map<string, number>();
  private readonly codes: Uint32Array;
  private rows = 0;

  /** @param most rows that will be pushed at most */
  constructor(most: number) {
    this.codes = new Uint32Array(most);
  }

  push(text: string): void {
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.numbers.size;
      this.numbers.set(text, number);
    }
    this.codes[this.rows++] = number;
  }

  /** The rows from the first on again, until there are as many as there can be; none of none. */
  repeat(): void {
    const { rows, codes } = this;
    if (rows === 0) return;
    for (let row = rows; row < codes.length; row++) codes[row] = codes[row - rows]!;
    this.rows = codes.length;
  }

  /** Codes into the distinct texts, which stand in order. */
  column(): TextColumn {
    const values = [...this.numbers.keys()].sort();
    const places = new Uint32Array(values.length);
    values.forEach((value, place) => (places[this.numbers.get(value)!] = place));
    const codes = this.codes.slice(0, this.rows).map((number) => places[number]!);
    return { kind: 'text', values, codes };
  }
}

export function codedText(texts: readonly string[]): TextColumn {
  const coder = new TextCoder(texts.length);
  for (const text of texts) coder.push(text);
  return coder.column();
}
