import { toHex } from '../bytes/hex.ts';
import type { SetNode } from '../plan/fragment.ts';
import type { IndexUses } from './index-uses.ts';

/** The row-set nodes of a segment's share of a fragment; equal ones are one. Nodes are named by their place. */
export class NodeList {
  readonly nodes: SetNode[] = [];
  private readonly known = new Map<string, number>();
  private readonly uses: IndexUses;

  constructor(uses: IndexUses) {
    this.uses = uses;
  }

  /** Another list that goes on where this one is: what it adds is its own. */
  fork(): NodeList {
    const copy = new NodeList(this.uses);
    copy.nodes.push(...this.nodes);
    for (const [id, node] of this.known) copy.known.set(id, node);
    return copy;
  }

  add(node: SetNode): number {
    const id = node.kind === 'rows' || node.kind === 'posting' ? undefined : JSON.stringify(node);
    const found = id === undefined ? undefined : this.known.get(id);
    if (found !== undefined) return found;
    const at = this.nodes.push(node) - 1;
    if (id !== undefined) this.known.set(id, at);
    return at;
  }

  /** The rows of an sse list. */
  posting(token: Uint8Array): number {
    const id = `t${toHex(token)}`;
    const found = this.known.get(id);
    if (found !== undefined) return found;
    this.uses.tokens++;
    const node = this.nodes.push({ kind: 'posting', token }) - 1;
    this.known.set(id, node);
    return node;
  }

  /** What a further index is asked for is sent anew each time: its tokens may differ from each other. */
  lookup(rung: number, token: Uint8Array): number {
    this.uses.tokens++;
    return this.nodes.push({ kind: 'lookup', rung, token }) - 1;
  }

  /** Rows that the vault has found. */
  explicit(rows: Uint32Array): number {
    return this.add(rows.length === 0 ? { kind: 'none' } : { kind: 'rows', rows });
  }

  /** The rows of any of some nodes. */
  any(args: readonly number[]): number {
    return args.length === 1 ? args[0]! : this.add({ kind: 'or', args });
  }

  /** The rows of all of some nodes. */
  all(args: readonly number[]): number {
    return args.length === 1 ? args[0]! : this.add({ kind: 'and', args });
  }

  /** Every other row; −1 stands for no row. */
  complement(node: number): number {
    return node === -1 ? this.add({ kind: 'all' }) : this.add({ kind: 'not', arg: node });
  }

  /** The node that something is known by, made where it is not known yet. */
  async remembered(id: string, make: () => Promise<number>): Promise<number> {
    const found = this.known.get(id);
    if (found !== undefined) return found;
    const node = await make();
    this.known.set(id, node);
    return node;
  }
}
