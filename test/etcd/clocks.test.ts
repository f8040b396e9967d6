import { allocate } from '../../ipam-server/ledger/allocation/allocate.ts';
import { release } from '../../ipam-server/ledger/allocation/release.ts';
import { putNode } from '../../ipam-server/ledger/edits/node-edits.ts';
import { putRange } from '../../ipam-server/ledger/edits/range-edits.ts';
import { putSubnet } from '../../ipam-server/ledger/edits/subnet-edits.ts';
import { until } from '../server/until.ts';
import { EtcdMember } from './etcd-cluster.ts';
import { Servant } from './servants.ts';

const hour = 3_600_000;
const cooldownSeconds = 600;

let member: EtcdMember;
beforeAll(async () => {
  member = await EtcdMember.start();
});
afterAll(() => member.remove());

const attachment = (containerId: string) => ({ network: 'net', containerId, ifname: 'eth0' });

/** The address that a container is given, or why not. */
function give(servant: Servant, containerId: string): Promise<string> {
  return servant
    .apply((ledger, moment) => allocate(ledger, { node: 'n1', ...attachment(containerId) }, moment))
    .then(
      ({ allocation }) => allocation.ips[0]?.address ?? '',
      (error) => error.code,
    );
}

function end(servant: Servant, containerId: string): Promise<unknown> {
  return servant.apply((ledger, moment) => release(ledger, attachment(containerId), {}, moment));
}

/** How many addresses rest. */
function cooling(servant: Servant): Promise<number | undefined> {
  const waits = { cooldown: cooldownSeconds * 1_000, quarantine: hour };
  return servant.keeper.read((ledger, now) =>
    ledger.networks.get('lan')?.pools.get('r')?.cooling(now, waits),
  );
}

test.each([
  ['ahead', 3 * hour],
  ['behind', -3 * hour],
])(
  'the clock of the server that led was hours %s: nothing is lost or given twice, rests are counted from the take-over at the latest',
  async (name, difference) => {
    const clock = { first: Date.now() + difference, second: Date.now() };
    const prefix = `/clock-${name}/`;
    const first = new Servant('a', member.url, prefix, { now: () => clock.first });
    await until('the first leads', () => first.store !== null);
    // Before anything is written: it knows all of it by following.
    const second = new Servant('b', member.url, prefix, { now: () => clock.second });
    await until('the second follows', () => second.leader === 'a');
    await first.putZone('real');
    await first.apply((ledger) =>
      putSubnet(ledger, 'lan', { zone: 'real', cidr: '10.9.0.0/24', cooldownSeconds }, {}),
    );
    const range = { subnet: 'lan', start: '10.9.0.1', end: '10.9.0.3' };
    await first.apply((ledger) => putRange(ledger, 'r', range, {}));
    await first.apply((ledger, { now }) => putNode(ledger, 'n1', { zone: 'real' }, {}, now));
    const held = await give(first, 'held');
    const resting = await give(first, 'gone');
    await give(first, 'kept');
    await end(first, 'gone');

    await first.stop();
    await until('the second leads', () => second.store !== null);
    expect(second.inherited).toBe(1);
    // By a clock that is ahead of the one that wrote it, it has rested long enough.
    expect(await cooling(second)).toBe(difference < 0 ? 0 : 1);
    clock.second += cooldownSeconds * 1_000;
    expect(await cooling(second)).toBe(0);
    expect(await give(second, 'next')).toBe(resting);
    expect(await give(second, 'held')).toBe(held);
    expect(await give(second, 'none')).not.toMatch(/^10\./);
    const events = await second.keeper.events({ after: 0, limit: 100 });
    expect(events.map(({ id }) => id)).toEqual(events.map((_, i) => i + 1));
    await second.stop();
  },
);

test('a leader whose clock jumps back or ahead leads on, and time in its ledger never goes back', async () => {
  let clock = Date.now();
  const servant = new Servant('a', member.url, '/jumps/', { now: () => clock });
  await until('it leads', () => servant.store !== null);
  for (const [i, jump] of [0, 5 * hour, -9 * hour, 1_000, -1].entries()) {
    clock += jump;
    await servant.putZone(`z${i}`);
  }
  const events = await servant.keeper.events({ after: 0, limit: 100 });
  const times = events.map(({ time }) => time);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(events).toHaveLength(5);
  expect(servant.errors).toEqual([]);
  await servant.stop();
});
