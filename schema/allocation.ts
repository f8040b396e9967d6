import { type Static, Type } from 'typebox';
import { spareLimit } from '../core/keeping.ts';
import { Dns, Route } from './subnet.ts';
import { Address, CniName, DeviceName, Family, MacAddress, ObjectName } from './text.ts';

const word = Type.String({ minLength: 1, maxLength: 253 });
// The default pattern of a key, `^.*$`, leaves what stands under a key with a line break unchecked.
const labels = Type.Record(Type.String({ pattern: '^[\\s\\S]*$' }), Type.String({ maxLength: 4096 }));

/** The pod that an attachment belongs to. */
export const Pod = Type.Object(
  {
    namespace: word,
    name: word,
    uid: Type.Optional(word),
    owner: Type.Optional(
      Type.Object(
        { kind: word, name: word, namespace: Type.Optional(word), uid: Type.Optional(word) },
        { additionalProperties: false },
      ),
    ),
    labels: Type.Optional(labels),
    namespaceLabels: Type.Optional(labels),
    sticky: Type.Optional(
      Type.Enum(['pod', 'owner'], {
        description:
          'Keep the address for this pod’s name, or for its workload: reserved while it lives, and `retain` longer.',
      }),
    ),
    retain: Type.Optional(
      Type.String({
        format: 'time-span',
        description: 'How long a sticky address is kept after its last pod, at most 90d. Default 24h.',
        examples: ['24h', '1h30m', '7d'],
      }),
    ),
    spare: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: spareLimit,
        description: 'With `sticky: owner`: so many addresses more than pods are reserved ahead. Default 0.',
      }),
    ),
  },
  {
    title: 'Pod',
    additionalProperties: false,
    examples: [
      {
        namespace: 'shop',
        name: 'web-0',
        uid: '9d1f7c3e-5f0c-4b55-a3f1-2f3f0a6a3c11',
        owner: { kind: 'StatefulSet', name: 'web' },
      },
    ],
  },
);
export type Pod = Static<typeof Pod>;

/** What names an attachment, as in CNI. */
export const AttachmentKey = Type.Object(
  { network: CniName, containerId: CniName, ifname: DeviceName },
  { additionalProperties: false },
);
export type AttachmentKey = Static<typeof AttachmentKey>;

/** Body of POST /v1/allocations. */
export const AllocationRequest = Type.Object(
  {
    node: ObjectName,
    network: CniName,
    containerId: CniName,
    ifname: DeviceName,
    pod: Type.Optional(Pod),
    mac: Type.Optional(MacAddress),
    addresses: Type.Optional(
      Type.Array(Address, { maxItems: 2, description: 'Wanted addresses, at most one a family.' }),
    ),
    subnet: Type.Optional(ObjectName),
    families: Type.Optional(
      Type.Array(Family, {
        minItems: 1,
        maxItems: 2,
        uniqueItems: true,
        description: 'Default: every family for which the node has a range. Several are all or nothing.',
      }),
    ),
  },
  {
    title: 'AllocationRequest',
    additionalProperties: false,
    examples: [{ node: 'n1', network: 'realip', containerId: '5f0c2a', ifname: 'eth0' }],
  },
);
export type AllocationRequest = Static<typeof AllocationRequest>;

/** An address of an allocation with what an interface needs beside it. */
export const AllocatedIp = Type.Object(
  {
    address: Type.String({ format: 'ip-with-prefix', examples: ['10.9.1.7/16'] }),
    gateway: Type.Optional(Address),
    subnet: ObjectName,
    range: Type.Optional(ObjectName),
    vlan: Type.Optional(Type.Integer({ minimum: 1, maximum: 4094 })),
  },
  {
    title: 'AllocatedIp',
    examples: [{ address: '10.9.1.7/16', gateway: '10.9.0.1', subnet: 'office-lan', range: 'office-shared' }],
  },
);
export type AllocatedIp = Static<typeof AllocatedIp>;

/** Answer of POST /v1/allocations. */
export const Allocation = Type.Object(
  {
    id: Type.String(),
    generation: Type.Integer({
      description: 'Grows with every allocation; give it with DELETE so that a late one frees nothing newer.',
    }),
    mac: MacAddress,
    ips: Type.Array(AllocatedIp),
    routes: Type.Array(Route),
    dns: Dns,
  },
  {
    title: 'Allocation',
    examples: [
      {
        id: '8e03978e-40d5-43dd-bc93-6894a57f9324',
        generation: 42,
        mac: '0a:58:0a:09:01:07',
        ips: [{ address: '10.9.1.7/16', gateway: '10.9.0.1', subnet: 'office-lan', range: 'office-shared' }],
        routes: [{ dst: '10.20.0.0/16', gw: '10.9.0.2' }],
        dns: { nameservers: ['10.9.0.2'], search: ['corp.example'], options: [] },
      },
    ],
  },
);
export type Allocation = Static<typeof Allocation>;

/** An allocation as the search lists it. */
export const ListedAllocation = Type.Object(
  {
    id: Type.String(),
    generation: Type.Integer(),
    node: ObjectName,
    network: CniName,
    containerId: CniName,
    ifname: DeviceName,
    pod: Type.Optional(Pod),
    mac: MacAddress,
    ips: Type.Array(AllocatedIp),
  },
  {
    title: 'ListedAllocation',
    examples: [
      {
        id: '8e03978e-40d5-43dd-bc93-6894a57f9324',
        generation: 42,
        node: 'n1',
        network: 'realip',
        containerId: '5f0c2a',
        ifname: 'eth0',
        pod: { namespace: 'shop', name: 'web-0' },
        mac: '0a:58:0a:09:01:07',
        ips: [{ address: '10.9.1.7/16', gateway: '10.9.0.1', subnet: 'office-lan', range: 'office-shared' }],
      },
    ],
  },
);
export type ListedAllocation = Static<typeof ListedAllocation>;
