import { usageOf } from '../../ipam-server/ledger/addresses/usage.ts';
import type { Asked } from '../../ipam-server/ledger/edits/edit.ts';
import type { Ledger } from '../../ipam-server/ledger/state/ledger.ts';
import type { AddressRange } from '../../schema/range.ts';
import { attachment, LedgerTrial } from './ledger-trial.ts';

/** The trial's shared range has 10.9.0.1 to 10.9.0.5. */
const shared = { subnet: 'four', start: '10.9.0.0', end: '10.9.0.5' };

function trialWithReserve() {
  const trial = new LedgerTrial();
  for (const name of ['10.9.0.2', '10.9.0.5']) {
    trial.write({ kind: 'warm', name, record: { at: 1, node: 'n1', until: 5_000_000 } });
  }
  return trial;
}
const recalled = ({ ledger }: LedgerTrial) =>
  [...ledger.claims.allWarm()].filter(([, warm]) => warm.recalled).map(([address]) => address);

test.each<[string, AddressRange | null, Asked, string[]]>([
  ['disabled', { ...shared, disabled: true }, {}, ['10.9.0.2', '10.9.0.5']],
  ['given to pods that match', { ...shared, match: {} }, {}, ['10.9.0.2', '10.9.0.5']],
  ['shrunk', { ...shared, end: '10.9.0.4' }, { drain: true }, ['10.9.0.5']],
  ['given to another node', { ...shared, node: 'n2' }, { drain: true }, ['10.9.0.2', '10.9.0.5']],
  ['deleted', null, { drain: true }, ['10.9.0.2', '10.9.0.5']],
  ['enlarged', { ...shared, end: '10.9.0.6' }, {}, []],
  ['given to the node that has them', { ...shared, node: 'n1' }, {}, []],
])('what nodes hold in reserve of a range that is %s is called back', (_, spec, asked, addresses) => {
  const trial = trialWithReserve();
  const edit = (how: Asked) =>
    spec ? trial.addRange('shared', spec, how) : trial.removeRange('shared', how);
  if (asked.drain === true) {
    expect(() => edit({})).toThrow(/is used by|would lose is used by reserve n1 \(10\.9\.0\./);
  }
  edit(asked);
  expect(recalled(trial)).toEqual(addresses);
});

/** How often a ledger is asked for an address, or told all of them. */
function lookups(ledger: Ledger, work: () => void): number {
  let count = 0;
  const { holders } = ledger;
  const { ofAddress, addresses } = holders;
  holders.ofAddress = (address) => {
    count++;
    return ofAddress.call(holders, address);
  };
  holders.addresses = function* () {
    for (const address of addresses.call(holders)) {
      count++;
      yield address;
    }
  };
  work();
  Object.assign(holders, { ofAddress, addresses });
  return count;
}

test('making, shrinking and deleting a small range looks at its addresses, not at all leases', () => {
  const trial = new LedgerTrial();
  trial.addSubnet('large', '10.64.0.0/16');
  trial.addRange('large', { subnet: 'large', start: '10.64.0.0', end: '10.64.127.255' });
  for (let n = 0; n < 5000; n++) {
    trial.allocate({ node: 'n2', ...attachment(n), subnet: 'large' });
  }
  const small = { subnet: 'large', start: '10.64.200.0', end: '10.64.200.63' };
  const count = lookups(trial.ledger, () => {
    trial.addRange('small', small);
    trial.addRange('small', { ...small, end: '10.64.200.31' });
    trial.removeRange('small');
  });
  expect(count).toBeGreaterThan(64);
  expect(count).toBeLessThan(1000);
});

test('a range is refused over each of many others, also an enlarged one, whichever it meets first', () => {
  const trial = new LedgerTrial();
  trial.addSubnet('many', '10.70.0.0/24');
  const at = (first: number, last: number) => ({
    subnet: 'many',
    start: `10.70.0.${first}`,
    end: `10.70.0.${last}`,
  });
  for (let n = 0; n < 8; n++) {
    trial.addRange(`r${n}`, at(n * 16, n * 16 + 7));
  }
  for (const [first, last, name] of [
    [0, 0, 'r0'],
    [7, 8, 'r0'],
    [8, 16, 'r1'],
    [119, 200, 'r7'],
    [40, 120, 'r3'],
  ] as const) {
    expect(() => trial.addRange('new', at(first, last))).toThrow(
      new RegExp(`range new .* overlaps ${name} `),
    );
  }
  expect(() => trial.addRange('r3', at(40, 64))).toThrow(/range r3 .* overlaps r4 /);
  expect(() => trial.addRange('r3', at(39, 63))).toThrow(/range r3 .* overlaps r2 /);
  trial.addRange('r3', at(40, 63));
  trial.addRange('new', at(120, 255));
});

test('a range made over what drains counts it, as a restarted server does', () => {
  const trial = new LedgerTrial();
  trial.allocate({ node: 'n2', ...attachment(1), families: ['ipv4'] });
  trial.removeRange('shared', { drain: true });
  trial.addRange('anew', { ...shared, end: '10.9.0.3' });
  const counts = (ledger: Ledger) => {
    const network = ledger.networks.get('four');
    return network && usageOf(network, trial.now).byState;
  };
  expect(counts(trial.ledger)).toMatchObject({ allocated: 1, free: 5 });
  expect(counts(trial.restarted())).toEqual(counts(trial.ledger));
});
