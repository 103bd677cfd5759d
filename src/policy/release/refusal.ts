import type { AuditReason } from './auditor.ts';

/** Why an answer is not released. It follows from the query, from who is in which group and from the budget alone. */
export type ReleaseRefusal =
  /** Of a query without groups, or of all groups. */
  | { readonly kind: AuditReason; readonly floor: number }
  | { readonly kind: 'rows' }
  | { readonly kind: 'statistic'; readonly what: string }
  | { readonly kind: 'bounds'; readonly column: string }
  | { readonly kind: 'budget' }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'delta' }
  | { readonly kind: 'contribution' }
  | { readonly kind: 'mode' };

/** A refusal as a sentence for whoever asked. */
export function refusalText(refusal: ReleaseRefusal): string {
  switch (refusal.kind) {
    case 'cohort':
      return `fewer than ${refusal.floor} subjects would be behind a figure`;
    case 'complement':
      return `fewer than ${refusal.floor} subjects would be what a figure leaves of the table`;
    case 'inference':
      return `with what was released before it would tell of fewer than ${refusal.floor} subjects`;
    case 'capacity':
      return 'the auditor can keep no more figures of this table';
    case 'rows':
      return 'rows are not released, statistics are';
    case 'statistic':
      return `${refusal.what} is not released: it can be one subject’s value, or follow from it`;
    case 'bounds':
      return `column "${refusal.column}" has no declared range, without which noise has no measure`;
    case 'budget':
      return 'the privacy budget of the table does not suffice';
    case 'superseded':
      return 'the same was asked anew meanwhile, of other rows: that request has the answer';
    case 'contribution':
      return 'a subject has more rows of the table than its settings say';
    case 'delta':
      return 'groups are not released of the table: its settings give a query no δ';
    case 'mode':
      return 'figures of the table were released by other rules, which cannot be changed afterwards';
  }
}
