/** Colour schemes and widths in pixels that pages are looked at in. */
export const VIEWS = [
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
  ['dark', 360],
] as const;
