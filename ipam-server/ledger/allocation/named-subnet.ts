import { Problem } from '../../../core/problem/problem.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';

/** A subnet that a node's request names; @throws Problem SUBNET_UNKNOWN, SUBNET_NOT_OF_NODE */
export function namedSubnet(ledger: Ledger, subnet: string, node: string, zone: string): Network {
  const network = ledger.networks.get(subnet);
  if (network === undefined) {
    throw new Problem('SUBNET_UNKNOWN', `subnet ${subnet} does not exist`, { subnet });
  }
  if (network.spec.zone !== zone) {
    const detail = `subnet ${subnet} is of zone ${network.spec.zone}, node ${node} of zone ${zone}`;
    throw new Problem('SUBNET_NOT_OF_NODE', detail, { subnet });
  }
  return network;
}
