import type { Zone } from '../../schema/zone.ts';
import type { Decision } from './decision.ts';
import {
  checkPrecondition,
  nextSequence,
  nothingToDelete,
  type Precondition,
  type Put,
  refuseWhileUsed,
  type User,
} from './edit.ts';
import type { Ledger } from './ledger.ts';

export function putZone(ledger: Ledger, name: string, spec: Zone, asked: Precondition): Decision<Put> {
  const present = ledger.zones.get(name);
  checkPrecondition(present, asked);
  const { value: revision, write } = nextSequence(ledger);
  const normal = spec.macPrefix === undefined ? spec : { ...spec, macPrefix: spec.macPrefix.toLowerCase() };
  return {
    writes: [write, { kind: 'zone', name, record: { revision, spec: normal } }],
    answer: { created: present === undefined, revision },
  };
}

/** @throws Problem IN_USE while a subnet or a node belongs to the zone */
export function deleteZone(ledger: Ledger, name: string, asked: Precondition): Decision<undefined> {
  const present = ledger.zones.get(name);
  checkPrecondition(present, asked);
  if (present === undefined) {
    return nothingToDelete;
  }
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
  refuseWhileUsed(`zone ${name}`, users);
  return { writes: [{ kind: 'zone', name, record: null }], answer: undefined };
}
