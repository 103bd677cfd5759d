import { posix } from 'node:path';
import { factsOf, type ModuleFacts } from './imports.ts';

/** Zone -> the zones it may import, besides itself and what those may import (ARCHITECTURE.md). */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  bytes: ['errors'],
  table: ['bytes'],
  policy: ['bytes'],
  audit: ['bytes'],
  'audit/file': ['audit', 'store'],
  ring: ['bytes'],
  params: ['ring'],
  engine: ['params'],
  'keys/evaluation': ['engine', 'table'],
  keys: ['keys/evaluation'],
  'search/format': ['table', 'ring'],
  'search/leakage': ['search/format', 'plan/leakage'],
  'search/eval': ['search/format', 'engine', 'keys/evaluation'],
  'search/token': ['search/format', 'keys'],
  'plan/leakage': [],
  'plan/fragment': ['search/format', 'params'],
  plan: ['plan/fragment', 'search/leakage', 'policy'],
  store: ['table'],
  'run/evaluate': ['plan/fragment', 'search/eval', 'store'],
  run: ['run/evaluate'],
  gate: ['plan', 'audit/file', 'search/token', 'store', 'run'],
  client: ['gate'],
  service: ['run'],
  gateway: ['client'],
  'measure/attacks': ['store', 'search/leakage'],
  measure: ['client', 'service', 'measure/attacks'],
  cli: ['gateway', 'measure'],
  // All of run/ is the store's side, so a worker may also know the pool that starts it.
  'workers/evaluate': ['run'],
  'workers/vault': ['client'],
};

/** First match wins. A file of search/ without a role of its own counts as format: it may know least. */
const ZONES: readonly (readonly [RegExp, string])[] = [
  [/^src\/keys\/(evaluation|public)\b/, 'keys/evaluation'],
  [/^src\/search\/(.+\/)?(token|build)\b/, 'search/token'],
  [/^src\/search\/(.+\/)?(eval|leakage)\b/, 'search/$2'],
  [/^src\/search\//, 'search/format'],
  [/^src\/plan\/(fragment|leakage)\b/, 'plan/$1'],
  [/^src\/run\/evaluate\b/, 'run/evaluate'],
  [/^src\/measure\/attacks\b/, 'measure/attacks'],
  [/^src\/audit\/file\b/, 'audit/file'],
  [/^src\/([a-z]+)\//, '$1'],
  [/^workers\/(evaluate|vault)\b/, 'workers/$1'],
];

const STORE_SIDE = /^(src\/service\/|src\/run\/|workers\/evaluate\b)/;
const SECRET =
  /^src\/(keys\/secret\b|gate\/|search\/(.+\/)?(token|build)\b|engine\/seal\/(decrypt|encrypt)\b)/;
const CIPHERS = /^src\/engine\/seal\/(decrypt|encrypt)\b/;
const PURE = /^src\/(ring|params|table|plan|search|policy|audit\/(?!file\/))/;
const CLOCKLESS = /^src\/(plan|policy|audit\/(?!file\/))/;
const ENTRY_POINTS = [
  'src/errors/index.ts',
  'src/client/index.ts',
  'src/measure/index.ts',
  'src/measure/lab.ts',
];
/** Imports a module whose path the user gives: a schema written in TypeScript, a plug-in of the benchmark. */
const COMPUTED_IMPORTS = /^src\/(client\/ingest\/|measure\/bench\/plugin\b)/;

/** Package -> the only places that may know it. */
const RESTRICTED: readonly (readonly [RegExp, RegExp, string])[] = [
  // Beside the engine, what the benchmark measures it against: node-seal by itself, under keys made for a run.
  [/^node-seal(\/|$)/, /^src\/(engine\/seal|measure\/bench\/schemes\/peers)\//, 'node-seal'],
  // A client that the benchmark measures works in a thread of its own, as it would be a process of its own.
  [
    /^(node:worker_threads|piscina|comlink|bullmq)(\/|$)/,
    /^(src\/run\/|workers\/|src\/measure\/bench\/schemes\/)/,
    'threads',
  ],
  [
    /^(node:https?|node:http2|fastify|@fastify\/.+|undici)$/,
    /^src\/(service|gateway|store\/backends\/http)\b/,
    'http',
  ],
];

export interface Violation {
  readonly rule: string;
  readonly file: string;
  readonly detail: string;
}

interface Edge {
  readonly kind: 'import' | 'url';
  /** Path within the project without extension, or a package's specifier. */
  readonly target: string;
  readonly local: boolean;
}

/** Checks a map of project path -> source; an empty list means that every rule holds. */
export function violations(sources: ReadonlyMap<string, string>): readonly Violation[] {
  const found: Violation[] = [];
  const graph = new Map<string, Edge[]>();
  for (const [file, source] of sources) {
    const report = (rule: string, detail: string): void => void found.push({ rule, file, detail });
    const facts = factsOf(file, source);
    const edges = edgesOf(file, facts, report);
    graph.set(withoutExtension(file), edges);
    checkModule(file, facts, report);
    for (const edge of edges) checkEdge(file, edge, edges, report);
  }
  for (const file of sources.keys()) {
    if (!STORE_SIDE.test(file)) continue;
    const path = pathTo(withoutExtension(file), SECRET, graph);
    if (path !== undefined) {
      found.push({ rule: 'trust-boundary', file, detail: path.join(' -> ') });
    }
  }
  return found;
}

type Report = (rule: string, detail: string) => void;

function edgesOf(file: string, facts: ModuleFacts, report: Report): Edge[] {
  const edges: Edge[] = [];
  for (const { kind, specifier } of facts.references) {
    if (specifier === undefined) {
      if (!COMPUTED_IMPORTS.test(file)) report('computed', `a computed ${kind}`);
      continue;
    }
    const local = specifier.startsWith('.');
    const target = local ? posix.join(posix.dirname(file), specifier) : specifier;
    edges.push({ kind, local, target: local ? withoutExtension(target) : target });
  }
  return edges;
}

function checkModule(file: string, facts: ModuleFacts, report: Report): void {
  const entry = ENTRY_POINTS.includes(file);
  if (!entry && (facts.onlyReexports || file.endsWith('/index.ts'))) report('barrel', file);
  if (zoneOf(file) === undefined) report('zone', 'no rule names this folder');
  for (const specifier of facts.unbuildable) report('unbuildable', specifier);
  for (const name of facts.globals) {
    const node = name === 'Buffer' || name === 'process';
    if (node && PURE.test(file)) report('pure', name);
    if (!node && (name === 'Math.random' || CLOCKLESS.test(file))) report('clock', name);
  }
}

function checkEdge(file: string, edge: Edge, all: readonly Edge[], report: Report): void {
  const { target } = edge;
  if (!edge.local) {
    if (PURE.test(file) && target.startsWith('node:')) report('pure', target);
    for (const [packages, allowed, rule] of RESTRICTED) {
      const startsVault =
        rule === 'threads' &&
        file.startsWith('src/client/') &&
        all.some((other) => other.kind === 'url' && other.target.startsWith('workers/vault'));
      if (packages.test(target) && !allowed.test(file) && !startsVault) report(rule, target);
    }
    return;
  }
  if (edge.kind === 'url') {
    const starter = target.startsWith('workers/vault') ? 'src/client/' : 'src/run/';
    if (target.startsWith('workers/') && !file.startsWith(starter)) report('worker', target);
    return;
  }
  if (CIPHERS.test(target) && !CIPHERS.test(file) && !/^src\/keys\/secret\b/.test(file))
    report('decryptor', target);
  const from = zoneOf(file);
  const to = zoneOf(target);
  if (from !== undefined && (to === undefined || !reachable(from).has(to))) {
    report('layer', `${from} may not import ${target}`);
  }
}

export function zoneOf(file: string): string | undefined {
  for (const [pattern, name] of ZONES) {
    const match = pattern.exec(file);
    if (match === null) continue;
    const zone = name.replace(/\$(\d)/, (_, group: string) => match[Number(group)] ?? '');
    return Object.hasOwn(EDGES, zone) ? zone : undefined;
  }
  return undefined;
}

/** The zones that a zone may import: itself and everything below it; `bytes` and `errors` are below all. */
function reachable(zone: string): Set<string> {
  const seen = new Set<string>(zone === 'errors' ? [zone] : [zone, 'bytes']);
  for (const at of seen) for (const next of EDGES[at] ?? []) seen.add(next);
  return seen;
}

function pathTo(
  start: string,
  goal: RegExp,
  graph: ReadonlyMap<string, readonly Edge[]>,
): string[] | undefined {
  const from = new Map<string, string | undefined>([[start, undefined]]);
  for (const at of from.keys()) {
    if (goal.test(at)) {
      const path: string[] = [];
      for (let node: string | undefined = at; node !== undefined; node = from.get(node)) {
        path.unshift(node);
      }
      return path;
    }
    for (const edge of graph.get(at) ?? []) {
      if (edge.local && !from.has(edge.target)) from.set(edge.target, at);
    }
  }
  return undefined;
}

function withoutExtension(path: string): string {
  return path.replace(/\.(ts|js|mjs)$/, '');
}
