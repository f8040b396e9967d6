import fc from 'fast-check';
import { Ip } from '../../core/address/ip.ts';
import { Problem } from '../../core/problem/problem.ts';
import { Capacities } from '../../ipam-server/capacity/capacities.ts';
import { reportAddress } from '../../ipam-server/ledger/addresses/address-report.ts';
import { fenceNode } from '../../ipam-server/ledger/nodes/fence.ts';
import type { AddressRange } from '../../schema/range.ts';
import { attachment, cooldown, LedgerTrial } from './ledger-trial.ts';

/** Random histories of a small ledger: what is counted by and by is what a look at every single address finds. */

const node = fc.constantFrom('n1', 'n2');
const four = fc.nat(15).map((last) => `10.9.0.${last}`);
const step = fc.oneof(
  fc.record({
    do: fc.constant('allocate' as const),
    container: fc.nat(12),
    node,
    pod: fc.option(fc.nat(4), { freq: 6 }),
    family: fc.constantFrom(undefined, 'ipv4' as const, 'ipv6' as const),
  }),
  fc.record({ do: fc.constant('release' as const), container: fc.nat(12) }),
  fc.record({ do: fc.constant('conflict' as const), address: four }),
  fc.record({ do: fc.constant('warm' as const), node, want: fc.nat(3), holds: fc.boolean() }),
  fc.record({ do: fc.constant('asks' as const), node, pod: fc.nat(4), count: fc.nat(2) }),
  fc.record({
    do: fc.constant('reserve' as const),
    name: fc.constantFrom('r1', 'r2'),
    address: four,
    whose: fc.constantFrom('pod', 'owner', 'host', 'nobody'),
  }),
  fc.record({
    do: fc.constant('range' as const),
    name: fc.constantFrom('shared', 'own', 'extra'),
    first: fc.nat(14),
    length: fc.nat(8),
    node: fc.constantFrom(undefined, 'n1', 'n2'),
    disabled: fc.boolean(),
    isMatched: fc.boolean(),
  }),
  fc.record({ do: fc.constant('six' as const), disabled: fc.boolean(), isMatched: fc.boolean() }),
  fc.record({ do: fc.constant('own addresses' as const), node, address: four }),
  fc.record({ do: fc.constant('fence' as const), node }),
  fc.record({ do: fc.constant('move' as const) }),
  fc.record({
    do: fc.constant('wait' as const),
    milliseconds: fc.oneof(fc.nat(2 * cooldown), fc.constant(3_700_000)),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Kind> ? Kind : never;

const match = { namespaces: ['shop'] };

class History {
  readonly trial = new LedgerTrial();
  readonly #asks = new Map<string, number>();
  readonly #capacities = new Capacities();
  #changes = 0;

  constructor() {
    this.trial.addSubnet('auto', '10.9.1.0/28', { autoRange: { size: 4 } });
    this.trial.addZone('elsewhere', 'n3');
  }

  get counted(): ReadonlyMap<string, number> {
    const on = (name: string) =>
      [...this.#asks].flatMap(([key, count]) => {
        const [at, pod = ''] = key.split(' ');
        return at === name ? [[pod, count] as const] : [];
      });
    const asked = { on, changesOn: () => this.#changes };
    const all = this.#capacities.all(this.trial.ledger, asked, this.trial.now);
    return new Map([...all].map(([name, { total }]) => [name, total]));
  }

  take(next: Step): void {
    try {
      this.#take(next);
    } catch (error) {
      // What the ledger refuses changes nothing.
      if (!(error instanceof Problem)) {
        throw error;
      }
    }
  }

  #take(next: Step): void {
    const { trial } = this;
    switch (next.do) {
      case 'allocate': {
        const { container, node: on, pod, family } = next;
        const named = pod === null ? {} : { pod: { namespace: 'shop', name: `p${pod}` } };
        const asked = family === undefined ? {} : { families: [family] };
        trial.allocate({ ...attachment(container), node: on, ...named, ...asked });
        return;
      }
      case 'release':
        trial.release(attachment(next.container));
        return;
      case 'conflict':
        trial.conflict(next.address, 'n1');
        return;
      case 'warm': {
        const held = [...trial.ledger.claims.warmOf(next.node)];
        const hold = next.holds ? held.map((address) => ({ address, state: 'ready' as const })) : [];
        trial.reserve(next.node, { want: { four: next.want, six: 1 }, hold });
        return;
      }
      case 'asks':
        this.#asks.set(`${next.node} shop/p${next.pod}`, next.count);
        this.#changes++;
        return;
      case 'reserve': {
        const pod = { namespace: 'shop', name: 'p0' };
        const owner = { namespace: 'shop', kind: 'StatefulSet', name: 'web' };
        const whose = { pod: { pod }, owner: { owner }, host: {}, nobody: null }[next.whose];
        if (whose !== null) {
          trial.putReservation(next.name, { addresses: [next.address], ...whose });
        } else {
          trial.write({ kind: 'reservation', name: next.name, record: null });
        }
        return;
      }
      case 'range': {
        const [start, end] = [next.first, Math.min(15, next.first + next.length)];
        const spec = {
          subnet: 'four',
          start: `10.9.0.${start}`,
          end: `10.9.0.${end}`,
          disabled: next.disabled,
        };
        this.#putRange(next.name, { ...spec, ...(next.node === undefined ? {} : { node: next.node }) }, next);
        return;
      }
      case 'six': {
        const spec = { subnet: 'six', start: 'fd00:9::', end: 'fd00:9::9', disabled: next.disabled };
        this.#putRange('six', spec, next);
        return;
      }
      case 'own addresses':
        trial.sync(next.node, [], { addresses: [next.address] });
        return;
      case 'fence':
        trial.step((ledger, { now }) => fenceNode(ledger, next.node, 'it is dead', now));
        return;
      case 'move':
        trial.addSubnet('auto', '10.9.1.0/28', { autoRange: { size: 4 }, zone: 'elsewhere' });
        return;
      case 'wait':
        trial.now += next.milliseconds;
    }
  }

  #putRange(name: string, spec: AddressRange, { isMatched }: { isMatched: boolean }): void {
    this.trial.addRange(name, { ...spec, ...(isMatched ? { match } : {}) }, { drain: true });
  }

  /** The same by looking at all that there is. */
  looked(on: string): number {
    const { ledger } = this.trial;
    const held = new Map<string, number>();
    for (const record of ledger.holders.all()) {
      if (record.node === on && record.pod !== undefined) {
        const pod = `${record.pod.namespace}/${record.pod.name}`;
        held.set(pod, (held.get(pod) ?? 0) + 1);
      }
    }
    const used = [...held].reduce(
      (sum, [pod, count]) => sum + Math.min(count, this.#asks.get(`${on} ${pod}`) ?? 1),
      0,
    );
    const { fencedAt, syncedAt } = ledger.claims.agent(on) ?? {};
    if (fencedAt !== undefined && syncedAt !== undefined) {
      return used;
    }
    const [ipv4, ipv6] = [this.#free(on, false), this.#free(on, true)];
    if (ipv4.isOpen && ipv6.isOpen) {
      return used + Math.min(ipv4.free, ipv6.free);
    }
    if (ipv4.isOpen || ipv6.isOpen) {
      return used + (ipv4.isOpen ? ipv4.free : ipv6.free);
    }
    return used + Math.max(ipv4.free, ipv6.free);
  }

  #free(on: string, isSix: boolean): { free: number; isOpen: boolean } {
    const { ledger } = this.trial;
    const zone = ledger.nodes.get(on)?.spec.zone;
    const ranges = [...ledger.ranges.values()].filter(
      ({ spec }) =>
        spec.disabled !== true &&
        (spec.node ?? on) === on &&
        ledger.networks.get(spec.subnet)?.spec.zone === zone &&
        spec.start.includes(':') === isSix,
    );
    let isOpen = ranges.some(({ spec }) => spec.match === undefined);
    let free = 0;
    for (const { address, state } of this.trial.cells()) {
      const mine = ranges.some(({ spec }) => isIn(address, spec)) && address.includes(':') === isSix;
      const isWarm = state === 'warm' && ledger.claims.warm(address)?.node === on;
      free += mine && (['free', 'cooling'].includes(state) || isWarm) ? 1 : 0;
    }
    free += this.#awaited(zone, isSix);
    const auto = this.#autoFree();
    if (!isSix && auto > 0 && ledger.networks.get('auto')?.spec.zone === zone) {
      isOpen = true;
      free += auto;
    }
    return { free, isOpen };
  }

  /** The addresses of a zone that are reserved for pods and that nobody has. */
  #awaited(zone: string | undefined, isSix: boolean): number {
    const { ledger, now } = this.trial;
    let count = 0;
    for (const { spec } of ledger.claims.reservations.byName.values()) {
      for (const address of spec.pod || spec.owner ? spec.addresses : []) {
        const ip = Ip.parse(address);
        const isOfZone = ledger.networkOf(ip)?.spec.zone === zone && address.includes(':') === isSix;
        const { state } = reportAddress(ledger, ip, now);
        count += isOfZone && state === 'reserved' && ledger.claims.nodeOf(address) === undefined ? 1 : 0;
      }
    }
    return count;
  }

  /** The addresses of subnet `auto` in no range, where there is a block of four without one. */
  #autoFree(): number {
    const taken = [...this.trial.ledger.ranges.values()].filter(({ spec }) => spec.subnet === 'auto');
    const isTaken = (last: number) => taken.some(({ spec }) => isIn(`10.9.1.${last}`, spec));
    const all = Array.from({ length: 16 }, (_, last) => last).filter((last) => !isTaken(last));
    const hasBlock = [0, 4, 8, 12].some((first) => [0, 1, 2, 3].every((at) => all.includes(first + at)));
    return hasBlock ? all.filter((last) => last !== 0 && last !== 15).length : 0;
  }
}

function isIn(address: string, { start, end }: Pick<AddressRange, 'start' | 'end'>): boolean {
  const [ip, first, last] = [Ip.parse(address), Ip.parse(start), Ip.parse(end)];
  return ip.family === first.family && ip.compare(first) >= 0 && ip.compare(last) <= 0;
}

test('after whatever has happened, a node’s capacity is what a look at every address finds', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const history = new History();
      for (const next of steps) {
        history.take(next);
        const names = ['n1', 'n2', 'n3'];
        const looked = new Map(names.map((name) => [name, history.looked(name)]));
        expect(history.counted).toEqual(looked);
      }
    }),
    { numRuns: 60 },
  );
});
