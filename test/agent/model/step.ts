import fc from 'fast-check';

/** Requests of the agent that its server answers. */
export type Call = 'sync' | 'reserve' | 'outbox';

/** Something that happens to a node with an agent, to its server, or between them. */
export type Step =
  /** ADD of a container of the node. */
  | { readonly do: 'add'; readonly container: number; readonly families: readonly ('ipv4' | 'ipv6')[] | null }
  /** ADD of a pod with wishes, that only the server can serve. */
  | { readonly do: 'ask'; readonly container: number; readonly address: string }
  /** DEL; or only the end of the pod, and DEL never comes. */
  | { readonly do: 'del'; readonly container: number; readonly isMissed: boolean }
  /** A pod of the other node, which has no agent. */
  | { readonly do: 'other'; readonly container: number; readonly isEnd: boolean }
  | { readonly do: 'probe' }
  | { readonly do: 'recheck' }
  /** A host on the network takes an address, or leaves it. */
  | { readonly do: 'rogue'; readonly address: string; readonly isGone: boolean }
  /** A call is made, taken by the server, and its answer heard; or one of these. */
  | { readonly do: 'exchange'; readonly call: Call }
  | { readonly do: 'send'; readonly call: Call }
  | { readonly do: 'serve'; readonly flight: number }
  | { readonly do: 'hear'; readonly flight: number }
  /** The agent is killed; within an ADD, whose line is cut; or by a power cut, which takes what isn't on the disk. */
  | { readonly do: 'crash'; readonly how: 'killed' | 'within ADD' | 'power' }
  | { readonly do: 'time'; readonly by: number }
  /** The node's clock is set. */
  | { readonly do: 'jump'; readonly by: number }
  | { readonly do: 'range'; readonly name: 'shared' | 'own' | 'six'; readonly isDisabled: boolean }
  | { readonly do: 'reservation'; readonly address: string }
  /** The ledger begins another life. */
  | { readonly do: 'epoch' }
  /** An admin has taken the node down, and fences it; it comes back. */
  | { readonly do: 'fence' };

const minute = 60_000;
const hour = 60 * minute;
const container = fc.nat(5);
const address = fc.constantFrom(
  ...Array.from({ length: 11 }, (_, i) => `10.9.0.${i}`),
  ...Array.from({ length: 9 }, (_, i) => `fd00:9::${i + 1}`),
);
const call = fc.constantFrom<Call>('sync', 'reserve', 'outbox');
const flight = fc.nat(3);
const families = fc.constantFrom(null, null, ['ipv4'] as const, ['ipv6'] as const);

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), container, families }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ask' as const), container, address }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('del' as const), container, isMissed: often(false) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('other' as const), container, isEnd: fc.boolean() }) },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'probe' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'recheck' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rogue' as const), address, isGone: fc.boolean() }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('exchange' as const), call }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), call }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('serve' as const), flight }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('hear' as const), flight }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      how: fc.constantFrom('killed' as const, 'within ADD' as const, 'power' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('time' as const),
      by: fc.constantFrom(100, 3000, 11_000, 11_000, 2 * minute, 11 * minute, hour, 7 * hour, 25 * hour),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('jump' as const), by: fc.constantFrom(-hour, -2000, 2000, hour) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('range' as const),
      name: fc.constantFrom('shared' as const, 'own' as const, 'six' as const),
      isDisabled: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('reservation' as const), address }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'epoch' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'fence' }) },
);

function often<Value extends boolean>(value: Value): fc.Arbitrary<boolean> {
  return fc.constantFrom<boolean>(value, value, value, !value);
}
