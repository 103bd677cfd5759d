import type { Parameter, Vault } from '../client/api.ts';
import type { Keyword } from './keyword-space.ts';
import { quoted } from './keyword-space.ts';
import type { RecordingLink } from './recording-link.ts';
import type { Sighting, StoreView } from './store-view.ts';

export interface QueryCost {
  readonly ms: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** One query and what the store saw of it. */
export interface Asked {
  readonly sighting: Sighting;
  readonly cost: QueryCost;
}

/** Runs queries on a vault and looks at each with the store's eyes. */
export class Asker {
  readonly view: StoreView;
  private readonly vault: Vault;
  private readonly link: RecordingLink;
  private readonly table: string;
  private readonly signal: AbortSignal | undefined;
  private readonly onAsked: () => void;

  /** @param onAsked called after each query */
  constructor(
    vault: Vault,
    link: RecordingLink,
    view: StoreView,
    table: string,
    signal: AbortSignal | undefined,
    onAsked: () => void,
  ) {
    this.vault = vault;
    this.link = link;
    this.view = view;
    this.table = table;
    this.signal = signal;
    this.onAsked = onAsked;
  }

  async keyword({ column, by, value }: Keyword): Promise<Asked> {
    const name = quoted(column);
    return await this.ask(by === 'match' ? `MATCH(${name}, $1)` : `${name} = $1`, [value]);
  }

  async range(column: string, low: Parameter, high: Parameter): Promise<Asked> {
    return await this.ask(`${quoted(column)} BETWEEN $1 AND $2`, [low, high]);
  }

  private async ask(condition: string, parameters: readonly Parameter[]): Promise<Asked> {
    this.link.take();
    const sql = `SELECT COUNT(*) FROM ${quoted(this.table)} WHERE ${condition}`;
    const options = this.signal && { signal: this.signal };
    const { stats } = await this.vault.query(sql, parameters, options);
    const { ms, bytesUp, bytesDown } = stats;
    const sighting = await this.view.see(this.link.take());
    this.onAsked();
    return { sighting, cost: { ms, bytesUp, bytesDown } };
  }
}

export function meanCost(costs: readonly QueryCost[]): QueryCost {
  const mean = (of: (cost: QueryCost) => number): number =>
    costs.reduce((sum, cost) => sum + of(cost), 0) / Math.max(1, costs.length);
  return {
    ms: mean(({ ms }) => ms),
    bytesUp: mean(({ bytesUp }) => bytesUp),
    bytesDown: mean(({ bytesDown }) => bytesDown),
  };
}
