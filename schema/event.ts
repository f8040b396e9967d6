import { type Static, Type } from 'typebox';
import { Pod } from './allocation.ts';
import { Address, CniName, DeviceName, ObjectName, SeenMac } from './text.ts';

const time = Type.String({ format: 'date-time' });

/** One change of the ledger: who did what, when, from where. Further types and fields may come. */
export const LedgerEvent = Type.Object(
  {
    id: Type.Integer({ description: 'Grows with each event: by one, but where a ledger was restored.' }),
    time,
    type: Type.String({ examples: ['allocated', 'released', 'range.replaced'] }),
    addresses: Type.Array(Address),
    network: Type.Optional(CniName),
    containerId: Type.Optional(CniName),
    ifname: Type.Optional(DeviceName),
    node: Type.Optional(ObjectName),
    generation: Type.Optional(Type.Integer()),
    mac: Type.Optional(SeenMac),
    pod: Type.Optional(Pod),
    since: Type.Optional({ ...time, description: 'Of what ended: since when it was.' }),
    until: Type.Optional({ ...time, description: 'Of what ends by itself: when.' }),
    object: Type.Optional(Type.String({ description: 'The name of the object that was edited.' })),
    before: Type.Optional(Type.Unknown({ description: 'The object before the edit.' })),
    after: Type.Optional(Type.Unknown({ description: 'The object after the edit.' })),
    why: Type.Optional(Type.String()),
    actor: Type.String({
      description: 'Who did it: the name or role of a token, or `server`.',
      examples: ['admin', 'node:n1'],
    }),
    from: Type.Optional(Type.String({ description: 'The address that the request came from.' })),
    request: Type.Optional(Type.String({ description: 'The request’s `X-Request-Id`.' })),
  },
  {
    examples: [
      {
        id: 17,
        time: '2026-01-31T08:15:00.000Z',
        type: 'allocated',
        addresses: ['10.9.1.7'],
        network: 'realip',
        containerId: '5f0c2a',
        ifname: 'eth0',
        node: 'n1',
        generation: 12,
        mac: '0a:58:0a:09:01:07',
        actor: 'node:n1',
        from: '10.9.0.21',
        request: 'req-1a',
      },
    ],
  },
);
export type LedgerEvent = Static<typeof LedgerEvent>;

/** A time of an address: whose it was, or what was seen or held it back. */
export const HistoryEntry = Type.Object({
  type: Type.String({ examples: ['allocated', 'conflict', 'quarantined', 'warm', 'reserved'] }),
  from: time,
  until: Type.Optional({ ...time, description: 'None while it lasts, and for what is but a moment.' }),
  network: Type.Optional(CniName),
  containerId: Type.Optional(CniName),
  ifname: Type.Optional(DeviceName),
  node: Type.Optional(ObjectName),
  generation: Type.Optional(Type.Integer()),
  mac: Type.Optional(SeenMac),
  pod: Type.Optional(Pod),
  object: Type.Optional(Type.String()),
  why: Type.Optional(Type.String()),
});
export type HistoryEntry = Static<typeof HistoryEntry>;
