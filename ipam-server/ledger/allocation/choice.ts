import type { Ip } from '../../../core/address/ip.ts';
import type { Range } from '../../../core/address/range.ts';
import type { Network } from '../state/network.ts';

/** An address that a request will get, and the range that it lies in; a reserved one may lie in none. */
export interface Choice {
  readonly network: Network;
  readonly range?: string;
  readonly ip: Ip;
  /** What the range is to span, where it is not made yet. */
  readonly block?: Range;
}
