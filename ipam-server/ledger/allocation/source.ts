import type { Network } from '../state/network.ts';
import type { Pool } from '../state/pool.ts';

/** A range that a node may use, with its subnet. */
export interface Source {
  readonly network: Network;
  readonly pool: Pool;
}
