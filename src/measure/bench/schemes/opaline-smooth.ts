import type { Scheme } from '../scheme.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';

/** Frequency smoothing (Pancake 2020): real, replicated and fake accesses together are even. */
export const opalineSmooth: Scheme = opalineScheme({
  name: 'opaline-smooth',
  title: 'Opaline, frequency-smoothed index',
  security:
    'values, rows of a lookup, and questions as long as they come as often as was expected and independently, from the store, under a PRF and AES-256-GCM',
  family: 'hiding',
  layout: (table) =>
    layoutOf(table, ({ kind }) => (kind === 'text' || kind === 'key' ? 'smooth' : undefined)),
});
