import type { Zone } from '../../../schema/zone.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import { checkPrecondition, deleting, type Precondition, type Put, putting, type User } from './edit.ts';

export function putZone(ledger: Ledger, name: string, spec: Zone, asked: Precondition): Decision<Put> {
  const present = ledger.zones.get(name);
  checkPrecondition(present, asked);
  const normal = spec.macPrefix === undefined ? spec : { ...spec, macPrefix: spec.macPrefix.toLowerCase() };
  return putting(ledger, present, (revision) => ({ kind: 'zone', name, record: { revision, spec: normal } }));
}

/** @throws Problem IN_USE while a subnet or a node belongs to the zone */
export function deleteZone(ledger: Ledger, name: string, asked: Precondition): Decision<undefined> {
  return deleting(ledger.zones.get(name), asked, { kind: 'zone', name }, () => usersOf(ledger, name));
}

function usersOf(ledger: Ledger, name: string): User[] {
  const users: User[] = [];
  for (const network of ledger.networks.values()) {
    if (network.spec.zone === name) {
      users.push({ kind: 'subnet', name: network.name });
    }
  }
  for (const [node, { spec }] of ledger.nodes) {
    if (spec.zone === name) {
      users.push({ kind: 'node', name: node });
    }
  }
  return users;
}
