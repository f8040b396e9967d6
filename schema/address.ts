import { type Static, Type } from 'typebox';
import { Pod } from './allocation.ts';
import { ReservedOwner, ReservedPod } from './reservation.ts';
import { Address, CniName, DeviceName, ObjectName, SeenMac } from './text.ts';
import { Zone } from './zone.ts';

/** The states of an address, in the order in which the counts of a subnet are told. */
export const addressStates = ['free', 'reserved', 'warm', 'allocated', 'cooling', 'quarantined'] as const;
export type AddressState = (typeof addressStates)[number];

export const AddressState = Type.Enum([...addressStates]);

/** Who has an address. */
export const Owner = Type.Object({
  node: ObjectName,
  network: CniName,
  containerId: CniName,
  ifname: DeviceName,
  pod: Type.Optional(Pod),
});
export type Owner = Static<typeof Owner>;

/** What of the ledger decides who may ever be given an address, for programs to judge by. */
export const AddressFacts = Type.Object({
  subnet: ObjectName,
  zone: ObjectName,
  zoneType: Zone.properties.type,
  range: Type.Optional(
    Type.Object(
      {
        name: ObjectName,
        node: Type.Optional(ObjectName),
        disabled: Type.Boolean(),
      },
      { description: 'The range it lies in. Without one only a reservation gives it.' },
    ),
  ),
  reservation: Type.Optional(
    Type.Object({
      name: ObjectName,
      pod: Type.Optional(ReservedPod),
      owner: Type.Optional(ReservedOwner),
    }),
  ),
  never: Type.Optional(
    Type.Enum(['subnet', 'gateway', 'excluded', 'node'], {
      description:
        'Why nobody is ever given it: it is the subnet’s own, its gateway, excluded, a node’s own.',
    }),
  ),
});
export type AddressFacts = Static<typeof AddressFacts>;

/** Answer of GET /v1/addresses/{ip}. */
export const AddressReport = Type.Object(
  {
    address: Address,
    state: AddressState,
    owner: Type.Optional(Owner),
    why: Type.Optional(Type.String()),
    until: Type.Optional(Type.String({ format: 'date-time' })),
    facts: Type.Optional(AddressFacts),
  },
  {
    title: 'AddressReport',
    examples: [
      {
        address: '10.9.1.7',
        state: 'cooling',
        why: 'released by shop/web-0',
        until: '2026-11-21T10:02:00.000Z',
      },
    ],
  },
);
export type AddressReport = Static<typeof AddressReport>;

/** Body of POST /v1/addresses/{ip}:conflict; the three names of the attachment come together or not at all. */
export const ConflictReport = Type.Object(
  {
    node: ObjectName,
    mac: SeenMac,
    network: Type.Optional(CniName),
    containerId: Type.Optional(CniName),
    ifname: Type.Optional(DeviceName),
  },
  {
    title: 'ConflictReport',
    additionalProperties: false,
    examples: [
      { node: 'n1', mac: '52:54:00:12:34:56', network: 'realip', containerId: '5f0c2a', ifname: 'eth0' },
    ],
  },
);
export type ConflictReport = Static<typeof ConflictReport>;

/** One cell of a subnet’s map. */
export const MapCell = Type.Object({ address: Address, state: AddressState }, { title: 'MapCell' });
export type MapCell = Static<typeof MapCell>;

const count = Type.Integer({ minimum: 0 });

/** Answer of GET /v1/subnets/{subnet}/usage: `total` counts the usable addresses of the subnet’s ranges. */
export const Usage = Type.Object(
  {
    total: count,
    free: count,
    byState: Type.Object({
      free: count,
      reserved: count,
      warm: count,
      allocated: count,
      cooling: count,
      quarantined: count,
    }),
  },
  {
    title: 'Usage',
    examples: [
      {
        total: 256,
        free: 200,
        byState: { free: 200, reserved: 2, warm: 8, allocated: 40, cooling: 5, quarantined: 1 },
      },
    ],
  },
);
export type Usage = Static<typeof Usage>;

/** What a node could be given of one family. */
export const FamilyUsage = Type.Object({
  family: Type.Enum(['ipv4', 'ipv6']),
  total: count,
  allocated: count,
  exhausted: Type.Boolean({ description: 'An allocation would get none now, not even a cooling one.' }),
  why: Type.Optional(Type.String()),
});
export type FamilyUsage = Static<typeof FamilyUsage>;

/** Answer of GET /v1/nodes/{node}/usage: the families for which the node may use a range that gives. */
export const NodeUsage = Type.Object(
  { families: Type.Array(FamilyUsage) },
  {
    title: 'NodeUsage',
    examples: [{ families: [{ family: 'ipv4', total: 256, allocated: 40, exhausted: false }] }],
  },
);
export type NodeUsage = Static<typeof NodeUsage>;
