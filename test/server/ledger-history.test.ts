import fc from 'fast-check';
import type { Family } from '../../core/address/ip.ts';
import { Problem } from '../../core/problem/problem.ts';
import { searchAllocations } from '../../ipam-server/ledger/addresses/search.ts';
import { mapOf, usageOf } from '../../ipam-server/ledger/addresses/usage.ts';
import type { Ledger } from '../../ipam-server/ledger/state/ledger.ts';
import { attachment, cooldown, LedgerTrial } from './ledger-trial.ts';

/** Milliseconds that an address is in quarantine. */
const quarantine = 3_600_000;

/** Random histories of a small ledger, against what must hold after every step. */

const step = fc.oneof(
  fc.record({
    do: fc.constant('allocate' as const),
    container: fc.nat(12),
    node: fc.constantFrom('n1', 'n2'),
    families: fc.constantFrom<Family[]>(['ipv4', 'ipv6'], ['ipv4'], ['ipv6']),
  }),
  fc.record({ do: fc.constant('release' as const), container: fc.nat(12) }),
  fc.record({
    do: fc.constant('conflict' as const),
    address: fc.nat(30),
    reporter: fc.nat(12),
    isHolders: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('edit' as const),
    name: fc.constantFrom('shared', 'own', 'extra'),
    first: fc.nat(14),
    length: fc.nat(8),
    node: fc.constantFrom(undefined, 'n1', 'n2'),
    disabled: fc.boolean(),
    isDeleted: fc.boolean(),
    drain: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('wait' as const),
    milliseconds: fc.oneof(fc.nat(cooldown), fc.nat(quarantine / 4)),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Kind> ? Kind : never;

/** A trial with the simplest possible memory of who has what and since when what rests. */
class Checked {
  readonly trial = new LedgerTrial();
  readonly #owners = new Map<string, number>();
  readonly #restingSince = new Map<string, number>();
  readonly #contestedSince = new Map<string, number>();
  readonly #nodes = new Map<number, string>();

  take(next: Step): void {
    switch (next.do) {
      case 'wait':
        this.trial.now += next.milliseconds;
        return;
      case 'release':
        this.#release(next.container);
        return;
      case 'edit':
        this.#edit(next);
        return;
      case 'conflict':
        this.#conflict(next.address, next.reporter, next.isHolders);
        return;
      case 'allocate':
        this.#allocate(next.container, next.node, next.families);
    }
  }

  /** Refused exactly where somebody would lose an address and nobody says that it drains. */
  #edit({ name, first, length, node, disabled, isDeleted, drain }: Extract<Step, { do: 'edit' }>): void {
    const last = Math.min(15, first + length);
    const before = this.trial.ledger.ranges.get(name)?.spec;
    const isIn = (address: string, from: number, to: number) =>
      !address.includes(':') && Number(address.split('.')[3]) >= from && Number(address.split('.')[3]) <= to;
    const isOfRange = (address: string) =>
      before !== undefined &&
      isIn(address, Number(before.start.split('.')[3]), Number(before.end.split('.')[3]));
    const isForeign = (container: number) =>
      node !== undefined && node !== before?.node && this.#nodes.get(container) !== node;
    const losers = [...this.#owners].filter(
      ([address, container]) =>
        isOfRange(address) && (isDeleted || !isIn(address, first, last) || isForeign(container)),
    );
    const spec = { subnet: 'four', start: `10.9.0.${first}`, end: `10.9.0.${last}`, disabled };
    try {
      if (isDeleted) {
        this.trial.removeRange(name, { drain });
      } else {
        this.trial.addRange(name, node === undefined ? spec : { ...spec, node }, { drain });
      }
      expect(drain ? [] : losers).toEqual([]);
    } catch (error) {
      if (!(error instanceof Problem)) {
        throw error;
      }
      expect(['IN_USE', 'RANGE_OVERLAP']).toContain(error.code);
      expect(error.code === 'IN_USE' && (drain || losers.length === 0)).toBe(false);
    }
  }

  #addressesOf(container: number): string[] {
    return [...this.#owners].filter(([, owner]) => owner === container).map(([address]) => address);
  }

  #release(container: number): void {
    const held = this.#addressesOf(container);
    expect(this.trial.release(attachment(container))).toBe(held.length > 0);
    for (const address of held) {
      this.#end(address);
    }
  }

  #end(address: string): void {
    this.#owners.delete(address);
    this.#restingSince.set(address, this.trial.now);
    if (this.#isContested(address)) {
      this.#contestedSince.set(address, this.trial.now);
    }
  }

  #isContested(address: string): boolean {
    return (this.#contestedSince.get(address) ?? Number.NEGATIVE_INFINITY) + quarantine > this.trial.now;
  }

  /** The holder's own report ends its allocation; another's leaves the address with it, marked. */
  #conflict(index: number, reporter: number, isHolders: boolean): void {
    const cells = this.trial.cells();
    const { address } = cells[index % cells.length] ?? { address: '' };
    const owner = this.#owners.get(address);
    const container = isHolders ? (owner ?? reporter) : reporter;
    const node = this.#nodes.get(container) ?? 'n1';
    const state = this.trial.conflict(address, node, attachment(container));
    expect(state).toBe(owner === undefined || owner === container ? 'quarantined' : 'allocated');
    this.#contestedSince.set(address, this.trial.now);
    if (owner === container) {
      for (const held of this.#addressesOf(container)) {
        this.#end(held);
      }
    }
  }

  checkStates(): void {
    const wrong = this.trial.cells().filter(({ address, state }) => {
      const isOwned = this.#owners.has(address);
      const isQuarantined = !isOwned && this.#isContested(address);
      return (state === 'allocated') !== isOwned || (state === 'quarantined') !== isQuarantined;
    });
    expect(wrong).toEqual([]);
  }

  #allocate(container: number, node: string, families: Family[]): void {
    const held = this.#addressesOf(container);
    const free = this.trial.freeFor(node);
    const given = this.trial.allocate({ node, ...attachment(container), families });
    if (typeof given === 'string') {
      return;
    }
    if (held.length > 0) {
      expect(given.sort()).toEqual(held.sort());
      return;
    }
    this.#nodes.set(container, node);
    for (const address of given) {
      expect(this.#owners.has(address)).toBe(false);
      expect([address, this.trial.givesTo(node, address)]).toEqual([address, true]);
      expect([address, this.#isContested(address)]).toEqual([address, false]);
      this.#contestedSince.delete(address);
      this.#checkRest(address, free);
      this.#owners.set(address, container);
    }
  }

  /** An address that is given too early is the last resort: none of its family was free for the node. */
  #checkRest(address: string, free: readonly string[]): void {
    const since = this.#restingSince.get(address) ?? 0;
    if (since + cooldown > this.trial.now) {
      expect(free.filter((each) => each.includes(':') === address.includes(':'))).toEqual([]);
    }
  }
}

/** Everything of a ledger that can be seen from outside. */
function seen(ledger: Ledger, now: number) {
  return {
    sequence: ledger.sequence,
    allocations: searchAllocations(ledger, {}, 1000, undefined),
    subnets: [...ledger.networks.values()].map((network) => ({
      usage: usageOf(network, now),
      map: mapOf(ledger, network, now, 1000, undefined),
      resting: [...network.pools.values()].map((pool) => `${pool.name} ${pool.oldest?.ip}`).sort(),
    })),
  };
}

function checkTotals({ ledger, now }: LedgerTrial): void {
  for (const network of ledger.networks.values()) {
    const { total, byState } = usageOf(network, now);
    const cells = mapOf(ledger, network, now, 1000, undefined).items;
    expect(cells).toHaveLength(total);
    for (const [state, count] of Object.entries(byState)) {
      expect(cells.filter((cell) => cell.state === state)).toHaveLength(count);
    }
  }
}

test('in every history, also of edits: one owner an address, rest kept while another is free, none in quarantine, totals equal, restart the same', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const checked = new Checked();
      for (const next of steps) {
        checked.take(next);
        checkTotals(checked.trial);
        checked.checkStates();
      }
      const { trial } = checked;
      expect(seen(trial.restarted(), trial.now)).toEqual(seen(trial.ledger, trial.now));
    }),
    { numRuns: 60 },
  );
});

test('what is released comes back first released first', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }), (order) => {
      const trial = new LedgerTrial();
      const give = (container: number) =>
        trial.allocate({ node: 'n2', ...attachment(container), families: ['ipv4'] });
      const given = [0, 1, 2, 3, 4].map(give);
      for (const container of order) {
        trial.release(attachment(container));
        trial.now++;
      }
      expect(order.map((_, i) => give(100 + i))).toEqual(order.map((container) => given[container]));
    }),
  );
});

test('a late release of an older generation frees nothing', () => {
  const trial = new LedgerTrial();
  const request = { node: 'n1', ...attachment(1) };
  trial.allocate(request);
  const old = trial.ledger.sequence;
  trial.release(attachment(1));
  trial.allocate(request);
  expect(trial.release(attachment(1), old)).toBe(false);
  expect(trial.release(attachment(1), trial.ledger.sequence)).toBe(true);
});

test('an allocation in a /10 that is well used costs what it costs in a fresh /24', () => {
  const trial = new LedgerTrial();
  trial.addSubnet('small', '10.8.0.0/24');
  trial.addRange('small', { subnet: 'small', start: '10.8.0.0', end: '10.8.0.255' });
  trial.addSubnet('large', '10.64.0.0/10');
  trial.addRange('large', { subnet: 'large', start: '10.64.0.0', end: '10.127.255.255' });
  const milliseconds = (subnet: string, from: number, count: number) => {
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      trial.allocate({ node: 'n2', ...attachment(from + i), subnet });
    }
    return (performance.now() - start) / count;
  };
  milliseconds('large', 0, 20_000);
  const small = milliseconds('small', 1_000_000, 200);
  const large = milliseconds('large', 2_000_000, 200);
  // Twenty-fold, because both take microseconds and the machine is shared; a scan would be thousand-fold.
  expect(large).toBeLessThan(Math.max(20 * small, 0.5));
});
