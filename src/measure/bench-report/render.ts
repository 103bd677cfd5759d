import { plot, type PlotOptions } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Markup } from './markup.ts';
import { childrenOf } from './svg-tree.ts';

/** What Plot has drawn, and where values are in it. */
export interface Rendered {
  readonly body: Markup;
  /** Pixels from the left. */
  readonly x: (value: number) => number;
  /** Pixels from the top. */
  readonly y: (value: number) => number;
}

/** Draws with Observable Plot into a document of its own. */
export function render(options: PlotOptions): Rendered {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const figure = plot({ ...options, document });
  const scale = (name: 'x' | 'y'): ((value: number) => number) => {
    const found = figure.scale(name);
    return (value) => Number(found?.apply(value));
  };
  return { body: childrenOf(figure), x: scale('x'), y: scale('y') };
}
