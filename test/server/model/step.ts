import fc from 'fast-check';
import type { Outcome } from './unsteady-store.ts';

/** Milliseconds that an address rests. */
export const cooldown = 10_000;

/** Containers are sandboxes of so many pods, whose names repeat. */
export const pods = 5;

/** So many containers there are in a life. */
export const containers = 14;
const container = fc.nat(containers - 1);
const node = fc.constantFrom('n1', 'n2');

/** One thing that happens to a server: a call, time that passes, a commit that ends, an end of the process. */
export const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('allocate' as const),
      container,
      node,
      families: fc.option(fc.constantFrom<('ipv4' | 'ipv6')[]>(['ipv4'], ['ipv6'], ['ipv4', 'ipv6'])),
      wanted: fc.option(fc.nat(20), { freq: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('release' as const),
      container,
      /** Whether it names the generation that the attachment had first: a late call. */
      isLate: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('conflict' as const), address: fc.nat(20), container }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('range' as const), last: fc.nat(9), disabled: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('reserve' as const),
      name: fc.constantFrom('r1', 'r2'),
      address: fc.nat(20),
      /** Null for a host outside the cluster. */
      pod: fc.option(fc.nat(pods - 1), { freq: 3 }),
      /** Milliseconds from now. */
      expires: fc.option(fc.integer({ min: 1, max: 30_000 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('unreserve' as const), name: fc.constantFrom('r1', 'r2') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('batch' as const),
      allocate: fc.array(container, { maxLength: 4 }),
      release: fc.array(container, { maxLength: 4 }),
      node,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('warm' as const),
      node,
      want: fc.nat(4),
      /** Which of those that it was given it still holds, a bit each. */
      keeps: fc.nat(255),
      isAware: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('sync' as const),
      node,
      shown: fc.uniqueArray(container, { maxLength: 8 }),
      /** The address of those that the ledger does not know. */
      strange: fc.option(fc.nat(20)),
      /** Whether the report says what it takes into account. */
      isAware: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fence' as const), node }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('commit' as const), outcome: outcomes() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('time' as const),
      /** Milliseconds; the clock of a machine may also be put back. */
      by: fc.oneof(fc.nat(12_000), fc.integer({ min: -20_000, max: 4_000_000 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), isMade: fc.boolean() }) },
);
export type Step = typeof step extends fc.Arbitrary<infer Kind> ? Kind : never;

function outcomes(): fc.Arbitrary<Outcome> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant<Outcome>('made') },
    { weight: 1, arbitrary: fc.constantFrom<Outcome>('refused', 'made-but-failed') },
  );
}
