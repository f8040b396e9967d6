import { type Static, Type } from 'typebox';
import { Address, Cidr, ObjectName } from './text.ts';

/** A route for the pods of a subnet; without `gw` it leads through the subnet’s gateway. */
export const Route = Type.Object(
  { dst: Cidr, gw: Type.Optional(Address) },
  { title: 'Route', additionalProperties: false, examples: [{ dst: '10.20.0.0/16', gw: '10.9.0.2' }] },
);
export type Route = Static<typeof Route>;

const servers = Type.Array(Address, { maxItems: 16 });
const words = Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { maxItems: 32 });

/** What goes into a pod’s resolver configuration, as in a CNI result. */
export const Dns = Type.Object(
  {
    nameservers: Type.Optional(servers),
    search: Type.Optional(words),
    options: Type.Optional(words),
  },
  {
    title: 'Dns',
    additionalProperties: false,
    examples: [{ nameservers: ['10.9.0.2'], search: ['corp.example'], options: ['ndots:2'] }],
  },
);
export type Dns = Static<typeof Dns>;

/** A network of the company, of one family; its ranges say which of its addresses may be given. */
export const Subnet = Type.Object(
  {
    zone: ObjectName,
    cidr: Cidr,
    gateway: Type.Optional(Address),
    vlan: Type.Optional(Type.Integer({ minimum: 1, maximum: 4094 })),
    excludes: Type.Optional(
      Type.Array(Type.String({ format: 'ip-range', examples: ['10.9.0.5', '10.9.0.10-10.9.0.20'] }), {
        maxItems: 10_000,
        description: 'Addresses never given: one, or two with a hyphen between.',
      }),
    ),
    routes: Type.Optional(Type.Array(Route, { maxItems: 256 })),
    dns: Type.Optional(Dns),
    cooldownSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 31_536_000,
        description: 'How long a released address rests before it is given again. Default 120.',
      }),
    ),
    autoRange: Type.Optional(
      Type.Object(
        {
          size: Type.Integer({
            minimum: 1,
            maximum: 1_048_576,
            description: 'How many addresses each of these ranges spans; a power of two fits best.',
          }),
        },
        {
          additionalProperties: false,
          description: 'Each node of the zone gets ranges of its own by itself, as many as it needs.',
          examples: [{ size: 64 }],
        },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Subnet = Static<typeof Subnet>;
