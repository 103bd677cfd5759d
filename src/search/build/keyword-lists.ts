import { utf8 } from '../../bytes/codec.ts';
import { KEYWORD_KIND, keyword, type KeywordKind } from '../keyword.ts';
import type { Postings } from '../postings.ts';

/**
 * Collects the keywords of values one after the other, then gives the rows of each keyword. A keyword
 * counts once in a value.
 */
export class KeywordLists {
  private readonly numbers = new Map<KeywordKind, Map<string, number>>();
  private readonly keywords: Uint8Array[] = [];
  /** Of each keyword the last value that has it, counted from 1. */
  private readonly lastValue: number[] = [];
  /** Keywords of value v are found[ends[v − 1]] to found[ends[v] − 1]. */
  private found = new Uint32Array(1024);
  private readonly ends: number[] = [];
  private count = 0;

  /** Keywords of the value at hand so far. */
  get size(): number {
    return this.count - (this.ends.at(-1) ?? 0);
  }

  add(kind: KeywordKind, text: string): void {
    let known = this.numbers.get(kind);
    if (known === undefined) this.numbers.set(kind, (known = new Map()));
    let number = known.get(text);
    if (number === undefined) {
      number = this.keywords.push(keyword(kind, utf8(text))) - 1;
      known.set(text, number);
    }
    const value = this.ends.length + 1;
    if (this.lastValue[number] === value) return;
    this.lastValue[number] = value;
    if (this.count === this.found.length) {
      const longer = new Uint32Array(2 * this.count);
      longer.set(this.found);
      this.found = longer;
    }
    this.found[this.count++] = number;
  }

  /** Fill the value at hand up to `size` keywords with those that stand for nothing (KEYWORD_KIND.pad). */
  pad(size: number): void {
    for (let i = 0; this.size < size; i++) this.add(KEYWORD_KIND.pad, String(i));
  }

  /** The next keywords are of the next value. */
  endValue(): void {
    this.ends.push(this.count);
  }

  /** `codes` gives each row its value, negative for a row that is in no list. By counting sort. */
  postings(codes: Int32Array): Postings {
    const { found, ends, keywords } = this;
    const starts = new Uint32Array(keywords.length + 1);
    for (const code of codes) {
      if (code < 0) continue;
      for (let at = ends[code - 1] ?? 0; at < ends[code]!; at++) starts[found[at]! + 1]! += 1;
    }
    for (let i = 0; i < keywords.length; i++) starts[i + 1]! += starts[i]!;
    const next = starts.slice();
    const members = new Uint32Array(starts[keywords.length]!);
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row]!;
      if (code < 0) continue;
      for (let at = ends[code - 1] ?? 0; at < ends[code]!; at++) {
        members[next[found[at]!]!++] = row;
      }
    }
    return { rows: codes.length, keywords, starts, members };
  }
}
