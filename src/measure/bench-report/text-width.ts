/** Advance widths of DejaVu Sans in thousandths of the font size; it is among the widest fonts that a browser may take. */
const WIDTHS: readonly (readonly [characters: string, width: number])[] = [
  ["ijl'|I", 350],
  ['.,:;! ftr()[]-/\\', 420],
  ['ckszvxy"', 560],
  ['mMW@%—', 1010],
  ['w<>=+~≤≥×±→∞', 850],
  ['ABCDEFGHKLNOPQRSTUVXYZ&', 760],
];
const OTHER = 640;
/** Letters of other scripts may be as wide as they are high. */
const WIDE = 1010;

const WIDTH_OF = new Map(
  WIDTHS.flatMap(([characters, width]) => [...characters].map((one) => [one, width] as const)),
);

/** Pixels that a text takes in one line at most, in a sans-serif font. */
export function textWidth(text: string, fontSize: number): number {
  let width = 0;
  for (const one of text) width += WIDTH_OF.get(one) ?? (one > '\u024f' ? WIDE : OTHER);
  return (width * fontSize) / 1000;
}

/** Breaks a text into lines of at most so many pixels, at spaces and, where a word is too long, within it. */
export function wrapped(text: string, fontSize: number, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer, fontSize) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (textWidth(line, fontSize) > width) {
      const fitting = charactersThatFit(line, fontSize, width);
      lines.push(line.slice(0, fitting));
      line = line.slice(fitting);
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** At least one whole character, in UTF-16 units. */
function charactersThatFit(text: string, fontSize: number, width: number): number {
  let fitting = 0;
  for (const one of text) {
    const next = fitting + one.length;
    if (fitting > 0 && textWidth(text.slice(0, next), fontSize) > width) break;
    fitting = next;
  }
  return fitting;
}
