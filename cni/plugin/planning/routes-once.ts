import type { Prefix } from '../../../core/address/prefix.ts';

/** Each prefix once: hostRoutes may name the node's own addresses, or one another. */
export function distinct(prefixes: readonly Prefix[]): Prefix[] {
  return [...new Map(prefixes.map((prefix) => [prefix.toString(), prefix])).values()];
}
