import type { ClaimedState } from './claims.ts';
import type { Contested, Released } from './waiting.ts';

/**
 * Where an address of a range stands, as its range counts and queues it. `unknown` is one that nobody has and
 * nobody ever had, as far as the records tell.
 */
export type Stand =
  | { readonly is: 'unknown' | 'allocated' | ClaimedState }
  | { readonly is: 'resting'; readonly entry: Released }
  | { readonly is: 'contested'; readonly entry: Contested; readonly claim: ClaimedState | undefined };
