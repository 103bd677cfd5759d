// C0, DEL and C1 controls, line and paragraph separators, and the bidirectional overrides: what
// could break a line, move the cursor or reorder what a terminal shows.
const CONTROLS = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with every control character escaped, so that data cannot steer the terminal. */
export function oneLine(text: string): string {
  return text.replace(
    CONTROLS,
    (c) => SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
