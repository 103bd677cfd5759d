import { Markup, markup } from './markup.ts';

const ELEMENTS = new Set(['g', 'path', 'line', 'rect', 'circle', 'text', 'tspan']);
const ATTRIBUTES = new Set([
  'transform',
  'd',
  'x',
  'y',
  'x1',
  'x2',
  'y1',
  'y2',
  'dx',
  'dy',
  'cx',
  'cy',
  'r',
  'width',
  'height',
  'fill',
  'fill-opacity',
  'opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'stroke-miterlimit',
  'text-anchor',
  'font-size',
  'font-weight',
  'font-variant',
]);
const [ELEMENT, TEXT] = [1, 3];

/** The part of the DOM that is read. */
export interface TreeNode {
  readonly nodeType: number;
  readonly localName?: string;
  readonly nodeValue: string | null;
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>;
  readonly childNodes: Iterable<TreeNode>;
}

/**
 * The children of a drawn SVG as markup. Only shapes and text come through, with attributes of shape and paint: no style,
 * script, link or label of a part, whatever the drawing library adds; so the page’s policy may forbid them all.
 */
export function childrenOf(node: TreeNode): Markup {
  return markup`${[...node.childNodes].map(nodeOf)}`;
}

function nodeOf(node: TreeNode): Markup {
  if (node.nodeType === TEXT) return markup`${node.nodeValue ?? ''}`;
  const { localName = '', attributes = [] } = node;
  if (node.nodeType !== ELEMENT || !ELEMENTS.has(localName)) return markup``;
  const kept = [...attributes].filter(({ name }) => ATTRIBUTES.has(name));
  const tag = new Markup(localName);
  return markup`<${tag}${kept.map(({ name, value }) => markup` ${name}="${value}"`)}>${childrenOf(node)}</${tag}>`;
}
