import fc from 'fast-check';
import { Range } from '../../core/address/range.ts';
import { usageOf } from '../../ipam-server/ledger/addresses/usage.ts';
import { allocate } from '../../ipam-server/ledger/allocation/allocate.ts';
import { attachment, cooldown, LedgerTrial } from './ledger-trial.ts';

/** The trial has nodes n1 and n2; its other subnets are named in no request here. */
function trialWith(cidr: string, size: number, more: Parameters<LedgerTrial['addSubnet']>[2] = {}) {
  const trial = new LedgerTrial();
  const edit = (change: Parameters<LedgerTrial['addSubnet']>[2] = {}) =>
    trial.addSubnet('auto', cidr, { autoRange: { size }, ...more, ...change });
  edit();
  let containers = 100;
  return {
    trial,
    edit,
    ranges: (node?: string) =>
      [...trial.ledger.ranges]
        .filter(([, { spec }]) => spec.subnet === 'auto' && (node === undefined || spec.node === node))
        .map(([name, { spec }]) => `${name} ${spec.node} ${spec.start}-${spec.end}`),
    give: (node: string, wanted: { addresses?: string[] } = {}) => {
      const key = attachment(++containers);
      const given = trial.allocate({ node, ...key, subnet: 'auto', ...wanted });
      return { key, address: typeof given === 'string' ? given : given[0] };
    },
  };
}

test('a node that is registered gets a range of the size, another node another', () => {
  const { trial, ranges } = trialWith('10.20.0.0/24', 16);
  trial.addNode('n8');
  trial.addNode('n9');
  expect(ranges()).toEqual([
    'auto-auto-n8-1 n8 10.20.0.0-10.20.0.15',
    'auto-auto-n9-1 n9 10.20.0.16-10.20.0.31',
  ]);
  trial.addNode('n8');
  expect(ranges()).toHaveLength(2);
});

test('a node that was there before gets it at its first allocation', () => {
  const { give, ranges } = trialWith('fd00:20::/64', 16);
  expect(give('n1').address).toBe('fd00:20::1');
  expect(ranges()).toEqual(['auto-auto-n1-1 n1 fd00:20::-fd00:20::f']);
});

test('a node that only ever asks for a reserve gets a range, and one more when its own are used up', () => {
  const { trial, ranges, give } = trialWith('10.20.0.0/24', 4);
  const wish = (addresses: readonly string[]) =>
    trial.reserve('n1', {
      want: { auto: 64 },
      hold: addresses.map((address) => ({ address, state: 'ready' as const })),
    }).addresses;
  expect(trial.reserve('n1', { hold: [] }).addresses).toEqual([]);
  expect(ranges('n1')[0]).toBe('auto-auto-n1-1 n1 10.20.0.0-10.20.0.3');
  const held = wish([]);
  expect(held).toHaveLength(7);
  expect(wish(held)).toEqual(held);
  expect(ranges('n1')).toHaveLength(2);
  for (const address of held) {
    give('n1', { addresses: [address] });
  }
  expect(wish([])).toHaveLength(4);
  expect(ranges('n1')).toHaveLength(3);
});

test('both families get theirs in one commit with the allocation', () => {
  const { trial } = trialWith('10.20.0.0/24', 16);
  trial.addSubnet('auto6', 'fd00:20::/64', { autoRange: { size: 256 } });
  trial.addRange('shared', { subnet: 'four', start: '10.9.0.0', end: '10.9.0.5', disabled: true });
  trial.addRange('six', { subnet: 'six', start: 'fd00:9::', end: 'fd00:9::9', disabled: true });
  expect(trial.allocate({ node: 'n2', ...attachment(1) })).toEqual(['10.20.0.1', 'fd00:20::1']);
});

test('it grows by a block when its own have no free address, before the shared ranges', () => {
  const { trial, give, ranges } = trialWith('10.20.0.0/24', 4);
  trial.addRange('all', { subnet: 'auto', start: '10.20.0.128', end: '10.20.0.255' });
  const given = Array.from({ length: 8 }, () => give('n1').address);
  expect(given).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `10.20.0.${n}`));
  expect(ranges('n1')).toEqual([
    'auto-auto-n1-1 n1 10.20.0.0-10.20.0.3',
    'auto-auto-n1-2 n1 10.20.0.4-10.20.0.7',
    'auto-auto-n1-3 n1 10.20.0.8-10.20.0.11',
  ]);
});

test('blocks are aligned, overlap nothing, and hold an address that can be given', () => {
  const { trial, give, ranges } = trialWith('10.20.0.0/24', 8, {
    excludes: ['10.20.0.0-10.20.0.23', '10.20.0.40-10.20.0.47'],
  });
  trial.addRange('admins', { subnet: 'auto', start: '10.20.0.30', end: '10.20.0.33' });
  trial.write({
    kind: 'agent',
    name: 'n2',
    record: {
      addresses: Array.from({ length: 8 }, (_, n) => `10.20.0.${48 + n}`),
      suspects: [],
      revoked: [],
    },
  });
  expect(give('n1').address).toBe('10.20.0.56');
  expect(ranges('n1')).toEqual(['auto-auto-n1-1 n1 10.20.0.56-10.20.0.63']);
});

test('without a block left the shared ranges serve, then the refusal names the subnet', () => {
  const { trial, give } = trialWith('10.20.0.0/28', 8);
  trial.addRange('shared-too', { subnet: 'auto', start: '10.20.0.8', end: '10.20.0.8' });
  for (let n = 0; n < 7; n++) {
    give('n1');
  }
  expect(give('n2').address).toBe('10.20.0.8');
  expect(give('n2').address).toBe('RANGE_EXHAUSTED');
  const refused = { node: 'n2', ...attachment(99), subnet: 'auto' };
  expect(() => allocate(trial.ledger, refused, { now: trial.now, id: 'x' })).toThrow(
    /subnet auto has no block left/,
  );
});

test('a block with nothing in use goes back, one stays, and a few pods more or less change nothing', () => {
  const { trial, give, ranges } = trialWith('10.20.0.0/24', 8);
  const given = Array.from({ length: 24 }, () => give('n1'));
  expect(ranges()).toHaveLength(4);
  for (const { key } of given.slice(7)) {
    trial.release(key);
  }
  expect(trial.giveBack()).toBe(0);
  trial.now += cooldown;
  // Seven are in use: one block full, and one more to keep half a block free.
  expect(trial.giveBack()).toBe(2);
  expect(ranges()).toEqual([
    'auto-auto-n1-1 n1 10.20.0.0-10.20.0.7',
    'auto-auto-n1-2 n1 10.20.0.8-10.20.0.15',
  ]);
  for (let n = 0; n < 4; n++) {
    const { key } = give('n1');
    trial.release(key);
    trial.now += cooldown;
    expect([trial.giveBack(), ranges().length]).toEqual([0, 2]);
  }
  for (const { key } of given.slice(0, 7)) {
    trial.release(key);
  }
  trial.now += cooldown;
  expect(trial.giveBack()).toBe(1);
  expect(trial.giveBack()).toBe(0);
  expect(ranges()).toHaveLength(1);
});

test.each([
  ['held in reserve', { kind: 'warm', record: { at: 1, node: 'n1', until: 9_000_000 } }],
  ['reserved', { kind: 'reservation', record: { revision: 1, spec: { addresses: ['10.20.0.9'] } } }],
  [
    'in quarantine',
    { kind: 'conflict', record: { at: 1_010_000, sequence: 900, node: 'n1', mac: '02:00:00:00:00:01' } },
  ],
] as const)('a block with an address that is %s stays', (_, write) => {
  const { trial, give } = trialWith('10.20.0.0/24', 8);
  const given = Array.from({ length: 8 }, () => give('n1'));
  for (const { key } of given) {
    trial.release(key);
  }
  trial.write({ ...write, name: '10.20.0.9' } as Parameters<LedgerTrial['write']>[0]);
  trial.now += cooldown;
  expect(trial.giveBack()).toBe(1);
  expect([...trial.ledger.ranges.keys()]).toContain('auto-auto-n1-2');
});

test('a deleted node’s blocks go, an admin’s stay', () => {
  const { trial, ranges } = trialWith('10.20.0.0/24', 8);
  trial.addNode('n9');
  trial.addRange('kept', { subnet: 'auto', start: '10.20.0.100', end: '10.20.0.107', node: 'n9' });
  trial.removeNode('n9');
  expect(ranges()).toEqual(['kept n9 10.20.0.100-10.20.0.107']);
});

test('a block that an admin changes is his: it is disabled, kept, and another made', () => {
  const { trial, give, ranges } = trialWith('10.20.0.0/24', 8);
  trial.addNode('n9');
  const block = { subnet: 'auto', start: '10.20.0.0', end: '10.20.0.7', node: 'n9' };
  trial.addRange('auto-auto-n9-1', block);
  expect(trial.ledger.ranges.get('auto-auto-n9-1')?.auto).toBe(true);
  trial.addRange('auto-auto-n9-1', { ...block, disabled: true });
  expect(give('n9').address).toBe('10.20.0.8');
  expect(ranges()).toEqual([
    'auto-auto-n9-1 n9 10.20.0.0-10.20.0.7',
    'auto-auto-n9-2 n9 10.20.0.8-10.20.0.15',
  ]);
  trial.release(attachment(101));
  trial.removeNode('n9');
  expect(ranges()).toEqual(['auto-auto-n9-1 n9 10.20.0.0-10.20.0.7']);
});

test('names that are long are cut, and stay names', () => {
  const { trial } = trialWith('10.20.0.0/24', 8);
  const label = 'a'.repeat(56);
  for (const end of ['x', 'y']) {
    trial.addNode([label, label, label, label, end].join('.'));
  }
  const names = [...trial.ledger.ranges.keys()].filter((name) => name.startsWith('auto-'));
  expect(names).toHaveLength(2);
  for (const name of names) {
    expect(name).toMatch(/^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
  }
});

test('the thousandth block of a /8 is found as quickly as the tenth', () => {
  const { trial, give } = trialWith('11.0.0.0/8', 4, { excludes: ['11.1.0.0-11.60.255.255'] });
  trial.addRange('wall', { subnet: 'auto', start: '11.0.1.0', end: '11.0.255.255', disabled: true });
  const milliseconds = (count: number) => {
    const start = performance.now();
    for (let n = 0; n < count; n++) {
      give(`m${n % 50}`);
    }
    return (performance.now() - start) / count;
  };
  for (let n = 0; n < 50; n++) {
    trial.addNode(`m${n}`);
  }
  milliseconds(400);
  const few = milliseconds(400);
  milliseconds(12_000);
  const many = milliseconds(400);
  expect(trial.ledger.ranges.size).toBeGreaterThan(3000);
  // Ten-fold, because the machine is shared; a walk past all blocks would be hundred-fold.
  expect(many).toBeLessThan(Math.max(10 * few, 1));
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('give' as const), node: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), index: fc.nat(100) }) },
  fc.record({ do: fc.constant('wait' as const), milliseconds: fc.nat(2 * cooldown) }),
  fc.record({ do: fc.constant('giveBack' as const) }),
  fc.record({ do: fc.constant('node' as const), node: fc.nat(3), removed: fc.boolean() }),
  fc.record({ do: fc.constant('size' as const), size: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('exclude' as const), from: fc.nat(63), length: fc.nat(5) }),
);

test('in every history blocks never overlap, nobody’s address is lost or given twice, totals are equal', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const { trial, give, edit } = trialWith('10.20.0.0/26', 4);
      const held = new Map<string, ReturnType<typeof give>>();
      for (const next of steps) {
        switch (next.do) {
          case 'give': {
            const given = give(`n${next.node}`);
            if (given.address?.includes('.')) {
              expect(held.has(given.address)).toBe(false);
              held.set(given.address, given);
            }
            break;
          }
          case 'end': {
            const [address, { key }] = [...held][next.index % (held.size || 1)] ?? [
              '',
              { key: attachment(0) },
            ];
            expect(trial.release(key)).toBe(held.delete(address));
            break;
          }
          case 'wait':
            trial.now += next.milliseconds;
            break;
          case 'giveBack':
            trial.giveBack();
            break;
          case 'node':
            attempt(() =>
              next.removed ? trial.removeNode(`n${next.node}`) : trial.addNode(`n${next.node}`),
            );
            break;
          case 'size':
            edit({ autoRange: { size: next.size } });
            break;
          case 'exclude': {
            const last = Math.min(63, next.from + next.length);
            attempt(() => edit({ excludes: [`10.20.0.${next.from}-10.20.0.${last}`] }));
          }
        }
        checkAll(trial, held.keys());
      }
    }),
    { numRuns: 100 },
  );
});

function attempt(edit: () => void): void {
  try {
    edit();
  } catch (error) {
    expect(error).toMatchObject({ code: 'IN_USE' });
  }
}

function checkAll(trial: LedgerTrial, held: Iterable<string>): void {
  const ranges = [...trial.ledger.ranges.values()].map(({ spec }) =>
    Range.parse(`${spec.start}-${spec.end}`),
  );
  expect(ranges.filter((range, at) => ranges.slice(at + 1).some((other) => other.overlaps(range)))).toEqual(
    [],
  );
  const cells = trial.cells();
  const allocated = cells.filter(
    ({ state, address }) => state === 'allocated' && address.startsWith('10.20.'),
  );
  expect(allocated.map(({ address }) => address).sort()).toEqual([...held].sort());
  const network = trial.ledger.networks.get('auto');
  const usage = network && usageOf(network, trial.now);
  expect(usage?.total).toBe(cells.filter(({ address }) => address.startsWith('10.20.')).length);
  expect(usage?.byState.allocated).toBe(allocated.length);
}
