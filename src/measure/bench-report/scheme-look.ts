import type { SchemeStatement } from '../bench/result.ts';
import type { ColourName } from './theme.ts';

/** Shapes that are told apart without colour. */
export type SymbolName =
  'square' | 'triangle-up' | 'triangle-down' | 'circle' | 'diamond' | 'star' | 'cross';

/** How a scheme is drawn: shape by family, so that it is told apart in grey as well; filled is ours. */
export interface SchemeLook {
  readonly symbol: SymbolName;
  readonly colour: ColourName;
  readonly fill: 'full' | 'hollow' | 'dotted';
}

interface FamilyLook {
  readonly family: string;
  readonly symbol: SymbolName;
  readonly colour: ColourName;
  readonly title: string;
}

export const FAMILIES: readonly FamilyLook[] = [
  { family: 'plaintext', symbol: 'square', colour: 'plaintext', title: 'plaintext' },
  { family: 'download', symbol: 'triangle-up', colour: 'download', title: 'download and decrypt' },
  {
    family: 'tags',
    symbol: 'triangle-down',
    colour: 'tags',
    title: 'tags: equality or order shown',
  },
  { family: 'sse', symbol: 'circle', colour: 'sse', title: 'encrypted index, rows shown' },
  { family: 'hiding', symbol: 'diamond', colour: 'hiding', title: 'encrypted index, rows hidden' },
  { family: 'homomorphic', symbol: 'star', colour: 'homomorphic', title: 'sums of ciphertexts' },
];
export const OTHER_FAMILY: FamilyLook = {
  family: 'other',
  symbol: 'cross',
  colour: 'other',
  title: 'others',
};

export const WHOSE: Readonly<
  Record<SchemeStatement['whose'], { readonly fill: SchemeLook['fill']; readonly title: string }>
> = {
  opaline: { fill: 'full', title: 'Opaline' },
  peer: { fill: 'hollow', title: 'other programs' },
  'plug-in': { fill: 'dotted', title: 'plug-ins' },
};

export function familyOf(family: string): FamilyLook {
  return FAMILIES.find((known) => known.family === family) ?? OTHER_FAMILY;
}

export function lookOf({ family, whose }: Pick<SchemeStatement, 'family' | 'whose'>): SchemeLook {
  const { symbol, colour } = familyOf(family);
  return { symbol, colour, fill: WHOSE[whose].fill };
}
