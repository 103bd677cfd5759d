export { type AttackOptions, attackVault } from './attack-vault.ts';
export type { Protocol } from './attack-space.ts';
export type { Auc } from './attacks/auc.ts';
export type { Distinction, Exchange, Transcript } from './attacks/distinguisher.ts';
export type { MeanInterval } from './attacks/interval.ts';
export type { AttackName } from './ladder.ts';
export {
  distinguish,
  type Observation,
  type ObservedVault,
  openObservedVault,
} from './observed-vault.ts';
export type { AttackReport } from './report.ts';
