import type { Network } from './network.ts';
import type { Pool } from './pool.ts';

/** A range that a node may use, with its subnet. */
export interface Source {
  readonly network: Network;
  readonly pool: Pool;
}
