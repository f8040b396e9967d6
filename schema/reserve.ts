import { type Static, Type } from 'typebox';
import { AllocatedIp } from './allocation.ts';
import { AsOf, NamedEpoch } from './node-sync.ts';
import { Dns, Route } from './subnet.ts';
import { Address, Family, MacAddress, ObjectName, SeenMac } from './text.ts';

/** So many addresses a reserve. */
const largestReserve = 4096;

const time = Type.String({ format: 'date-time' });

/** An address that the node’s agent holds, and what its probe came to. */
export const HeldWarm = Type.Object(
  {
    address: Address,
    state: Type.Enum(['probing', 'ready', 'conflict'], {
      description: '`conflict`: somebody else was seen to use it; it is quarantined.',
    }),
    mac: Type.Optional({ ...SeenMac, description: 'With `conflict`: the MAC that answered for it.' }),
  },
  { additionalProperties: false },
);
export type HeldWarm = Static<typeof HeldWarm>;

/** Body of PUT /v1/nodes/{node}/reserve: the whole reserve as the node has it and would like it. */
export const ReserveRequest = Type.Object(
  {
    epoch: Type.Optional(NamedEpoch),
    asOf: Type.Optional(AsOf),
    want: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[\\s\\S]*$' }),
        Type.Integer({ minimum: 0, maximum: largestReserve }),
        {
          maxProperties: 256,
          description: 'How many addresses of each subnet, those that are held included.',
        },
      ),
    ),
    hold: Type.Array(HeldWarm, {
      maxItems: largestReserve,
      description:
        'What is not in it is let go. One that a pod has got stays in it until its allocation is recorded.',
    }),
    constraints: Type.Optional(
      Type.String({ maxLength: 128, description: 'The version of the constraints that the node has.' }),
    ),
  },
  {
    additionalProperties: false,
    examples: [{ want: { 'office-lan': 4 }, hold: [{ address: '10.9.1.7', state: 'ready' }] }],
  },
);
export type ReserveRequest = Static<typeof ReserveRequest>;

/** An address of the reserve, with what an interface needs beside it. */
export const WarmAddress = Type.Object({
  ...AllocatedIp.properties,
  mac: { ...MacAddress, description: 'The MAC that belongs to the address.' },
  state: Type.Enum(['probing', 'ready'], { description: 'As the request said; `probing` for a new one.' }),
  until: { ...time, description: 'After this time the node may not give it any more.' },
});
export type WarmAddress = Static<typeof WarmAddress>;

/** A subnet from which the node may have a reserve. */
export const ReserveSubnet = Type.Object({
  subnet: ObjectName,
  family: Family,
  vlan: Type.Optional(Type.Integer({ minimum: 1, maximum: 4094 })),
  routes: Type.Array(Route),
  dns: Dns,
  own: Type.Integer({ description: 'How many addresses the node’s own ranges have in all.' }),
  most: Type.Integer({ description: 'How many addresses the node may hold of it at present.' }),
});
export type ReserveSubnet = Static<typeof ReserveSubnet>;

/** The pods that the reserve is not for: they ask the server. */
export const Constraints = Type.Object({
  version: Type.String({
    description: 'Of these constraints; the rest is only there when it is another than the node has.',
  }),
  pods: Type.Optional(Type.Array(Type.String(), { description: '`namespace/name`' })),
  owners: Type.Optional(Type.Array(Type.String(), { description: '`namespace/kind/name`' })),
  namespaces: Type.Optional(
    Type.Array(Type.String(), { description: 'Names, in which `*` stands for any characters.' }),
  ),
  labels: Type.Optional(
    Type.Boolean({
      description:
        'A range asks for labels: pods whose labels the node does not know are not for the reserve.',
    }),
  ),
  podLabels: Type.Optional(
    Type.Array(Type.String(), { description: 'Keys of pods’ labels that ranges ask for.' }),
  ),
  namespaceLabels: Type.Optional(
    Type.Array(Type.String(), { description: 'Keys of namespaces’ labels that ranges ask for.' }),
  ),
});
export type Constraints = Static<typeof Constraints>;

/** Answer of PUT /v1/nodes/{node}/reserve. */
export const ReserveAnswer = Type.Object({
  addresses: Type.Array(WarmAddress, {
    description: 'The reserve: what the node may give, once it is probed.',
  }),
  recall: Type.Array(Address, {
    description: 'Held and not to be given any more: to be left out of the next `hold`, unless a pod has it.',
  }),
  subnets: Type.Array(ReserveSubnet),
  nodes: Type.Integer({
    minimum: 1,
    description:
      'How many nodes the zone of these subnets has, this one included: so many may probe them at once, when power ' +
      'comes back for instance, and spread their questions accordingly.',
  }),
  constraints: Constraints,
  epoch: Type.Integer(),
  time,
});
export type ReserveAnswer = Static<typeof ReserveAnswer>;
