/** Colours by what they are for; values of CSS. */
export interface Theme {
  readonly ground: string;
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  /** What the frontier rules out. */
  readonly region: string;
  readonly frontier: string;
  readonly plaintext: string;
  readonly download: string;
  readonly tags: string;
  readonly sse: string;
  readonly hiding: string;
  readonly homomorphic: string;
  readonly other: string;
}

export type ColourName = keyof Theme;

/** Every colour of a symbol or text has a contrast of 4.5 to 1 or more to the ground (WCAG 2.2, 1.4.3 and 1.4.11). */
export const LIGHT: Theme = {
  ground: '#ffffff',
  ink: '#1b1f24',
  muted: '#57606a',
  rule: '#d5dae0',
  region: '#eef2f6',
  frontier: '#1b1f24',
  plaintext: '#5a5f66',
  download: '#8a5300',
  tags: '#b3261e',
  sse: '#0b63ad',
  hiding: '#5b3fb0',
  homomorphic: '#0a6b49',
  other: '#8a3a78',
};

export const DARK: Theme = {
  ground: '#14181d',
  ink: '#e8eaed',
  muted: '#a3adb8',
  rule: '#3a424c',
  region: '#1e252d',
  frontier: '#e8eaed',
  plaintext: '#b4bac2',
  download: '#e0a34a',
  tags: '#ff8a80',
  sse: '#6cb6ff',
  hiding: '#b9a3ff',
  homomorphic: '#4fd1a0',
  other: '#f09ad8',
};

const NAMES = Object.keys(LIGHT) as readonly ColourName[];

/** Names the page's variables, whose values follow the reader's choice of light or dark. */
export const PAGE: Theme = Object.fromEntries(
  NAMES.map((name) => [name, `var(--${name})`]),
) as unknown as Theme;

/** Declarations of the page's variables. */
export function variables(theme: Theme): string {
  return NAMES.map((name) => `--${name}:${theme[name]}`).join(';');
}
