import type { FastifyInstance } from 'fastify';
import { Problem } from '../../../core/problem/problem.ts';
import { ClusterNode } from '../../../schema/node.ts';
import { AddressRange } from '../../../schema/range.ts';
import { Reservation } from '../../../schema/reservation.ts';
import { Subnet } from '../../../schema/subnet.ts';
import { Zone } from '../../../schema/zone.ts';
import { deleteNode, putNode } from '../../ledger/edits/node-edits.ts';
import { deleteRange, effectOnRange, putRange } from '../../ledger/edits/range-edits.ts';
import { deleteReservation, putReservation } from '../../ledger/edits/reservation-edits.ts';
import { deleteSubnet, effectOnSubnet, putSubnet } from '../../ledger/edits/subnet-edits.ts';
import { deleteZone, putZone } from '../../ledger/edits/zone-edits.ts';
import type { Ledger } from '../../ledger/state/ledger.ts';
import type { Keeper } from '../../store/keeper.ts';
import { objectRoutes } from './objects.ts';

/** The kinds of objects that admins edit. */
export function kindRoutes(app: FastifyInstance, keeper: Keeper): void {
  objectRoutes(app, keeper, {
    plural: 'zones',
    singular: 'zone',
    title: 'Zone',
    schema: Zone,
    description: 'Subnets and nodes belong to a zone; a node gives only addresses of its own.',
    exampleName: 'real',
    example: { type: 'macvlan', macPrefix: '0a:58' },
    problems: [],
    all: (ledger) => ledger.zones,
    put: putZone,
    remove: deleteZone,
  });
  objectRoutes(app, keeper, {
    plural: 'subnets',
    singular: 'subnet',
    title: 'Subnet',
    schema: Subnet,
    description: 'Subnets never overlap, in any zone: an address names one thing.',
    exampleName: 'office-lan',
    example: { zone: 'real', cidr: '10.9.0.0/16', gateway: '10.9.0.1', excludes: ['10.9.0.2-10.9.0.20'] },
    problems: ['ZONE_UNKNOWN', 'SUBNET_OVERLAP', 'IN_USE'],
    all: subnets,
    put: putSubnet,
    remove: deleteSubnet,
    effect: effectOnSubnet,
    drains: ['put'],
    // Each is held against all others.
    mostImported: 1_000,
  });
  objectRoutes(app, keeper, {
    plural: 'ranges',
    singular: 'range',
    title: 'Range',
    schema: AddressRange,
    description: 'Addresses that may be given: by one node, or without `node` by all of the zone.',
    exampleName: 'office-shared',
    example: { subnet: 'office-lan', start: '10.9.1.0', end: '10.9.1.255' },
    problems: ['INVALID_RANGE', 'SUBNET_UNKNOWN', 'RANGE_OVERLAP', 'IN_USE'],
    all: (ledger) => ledger.ranges,
    put: putRange,
    remove: deleteRange,
    effect: effectOnRange,
    drains: ['put', 'remove'],
  });
  objectRoutes(app, keeper, {
    plural: 'nodes',
    singular: 'node',
    title: 'Node',
    schema: ClusterNode,
    description: 'A node must be registered before it can allocate.',
    exampleName: 'n1',
    example: { zone: 'real' },
    problems: ['ZONE_UNKNOWN', 'IN_USE'],
    all: (ledger) => ledger.nodes,
    put: putNode,
    remove: deleteNode,
    ownedByNode: true,
    refuseOwnNode: refuseMove,
  });
  objectRoutes(app, keeper, {
    plural: 'reservations',
    singular: 'reservation',
    title: 'Reservation',
    schema: Reservation,
    description:
      'Fixed addresses of known subnets, in ranges or outside: for a pod, for a workload’s pods, or for a host ' +
      'that is no pod. Its pod gets them at once, without cooldown.',
    exampleName: 'shop-web-0',
    example: { addresses: ['10.9.1.7'], pod: { namespace: 'shop', name: 'web-0' } },
    problems: [
      ...(['ADDRESS_OUTSIDE_SUBNETS', 'ADDRESS_NOT_RESERVABLE', 'RESERVATION_OVERLAP'] as const),
      ...(['ADDRESS_IN_USE', 'ADDRESS_RESERVED'] as const),
    ],
    all: (ledger) => ledger.claims.reservations.byName,
    put: putReservation,
    remove: deleteReservation,
  });
}

/** A node registers itself; in which zone it then is, and so whose addresses it may give, is an admin’s to change. */
function refuseMove(ledger: Ledger, name: string, { zone }: ClusterNode): void {
  const present = ledger.nodes.get(name)?.spec.zone;
  if (present !== undefined && present !== zone) {
    throw new Problem(
      'ROLE_INSUFFICIENT',
      `node ${name} is in zone ${present}: moving it to ${zone} is an admin’s`,
    );
  }
}

function subnets(ledger: Ledger) {
  return new Map(Array.from(ledger.networks, ([name, network]) => [name, network.record]));
}
