import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';
import { request } from '../server/lan.ts';
import { until } from '../server/until.ts';
import type { BedServer } from './bed-server.ts';
import { Site } from './site.ts';

/** How often the leader is killed; `REALIP_KILLS=100` for a soak. */
const kills = Number(process.env['REALIP_KILLS'] ?? 2);

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterEach(() => site.mend());
afterAll(() => site.remove());

test('the leader is killed under load: the other goes on, nothing acknowledged is lost, nothing given twice', async () => {
  const gaps: number[] = [];
  for (let round = 0; round < kills; round++) {
    const { leader } = await site.turns();
    const load = site.load();
    await load.goesOn();
    await sleep(25 * (round % 8));
    await leader.stop('SIGKILL');
    await load.goesOn();
    await leader.start();
    gaps.push(Math.round(load.longestGap));
    await site.settle(load);
  }
  process.stderr.write(`leader killed: ${gaps.join(', ')} ms without an acknowledgement\n`);
  expect(Math.max(...gaps)).toBeLessThan(5_000 * slowness());
}, 3_600_000);

test('a leader that is asked to stop hands over, and no call that another server takes fails', async () => {
  const { leader, other } = await site.turns();
  const load = site.load([other]);
  await load.goesOn();
  await leader.stop('SIGTERM');
  expect(leader.process.child.exitCode).toBe(0);
  await load.goesOn();
  expect(await other.leads()).toBe(true);
  expect(load.failures).toEqual([]);
  process.stderr.write(`leader stopped: ${Math.round(load.longestGap)} ms without an acknowledgement\n`);
  await leader.start();
  await site.settle(load);
});

test('a leader frozen past its lease, with calls queued, commits none of them when it goes on, and follows', async () => {
  const { leader, other } = await site.turns();
  const load = site.load([other]);
  await load.goesOn();
  leader.freeze(true);
  const queued = Array.from({ length: 40 }, (_, i) =>
    leader.ask('POST', '/v1/allocations', request(`frozen-${i}`), 120_000).then(
      async (answer) => ({ status: answer.status, text: await answer.text() }),
      (error: unknown) => ({ status: 0, text: String(error) }),
    ),
  );
  const read = leader.ask('GET', '/v1/allocations?limit=1', undefined, 120_000);
  await until('the other leads', () => other.leads(), 90_000);
  await load.goesOn();
  leader.freeze(false);
  for (const [i, { status, text }] of (await Promise.all(queued)).entries()) {
    const id = `frozen-${i}`;
    // Told to come again, or handed on to the one that leads.
    expect([id, text, [201, 503].includes(status)]).toEqual([id, text, true]);
    const { body: again } = await other.call('POST', '/v1/allocations', request(id));
    if (status === 201) {
      expect([id, JSON.parse(text).ips[0].address]).toEqual([id, again.ips[0].address]);
    }
    load.held.set(id, again.ips[0].address);
  }
  expect([200, 503]).toContain((await read).status);
  await until('it follows', async () => (await leader.isReady()) && !(await leader.leads()), 90_000);
  expect(leader.process.stderr).toContain('leading no more');
  await site.settle(load);
});

test('both servers are killed and started again, as if nothing had been', async () => {
  const load = site.load();
  await load.goesOn();
  await Promise.all(site.servers.map((server) => server.stop('SIGKILL')));
  await Promise.all(site.servers.map((server) => server.start()));
  await load.goesOn();
  await site.settle(load);
});

test('a leader that etcd cannot be reached from commits nothing, and the other leads; once it is mended it follows', async () => {
  const { leader, other } = await site.turns();
  const load = site.load();
  await load.goesOn();
  for (const member of site.bed.members) {
    site.bed.part(leader.name, member.name);
  }
  await until('the other leads', () => other.leads(), 90_000);
  await load.goesOn();
  // It hands on what it is asked as soon as it knows whom to, and says until then that it can't.
  const answer = await leader.ask('GET', '/v1/zones', undefined, 60_000);
  expect([200, 503]).toContain(answer.status);
  for (const path of ['/healthz', '/metrics']) {
    expect((await leader.call('GET', path)).status).toBe(200);
  }
  for (const member of site.bed.members) {
    site.bed.rejoin(leader.name, member.name);
  }
  await site.settle(load);
});

test('a leader that is cut off from all commits nothing, and the other leads; once it is mended it follows', async () => {
  const { leader, other } = await site.turns();
  const load = site.load();
  await load.goesOn();
  site.bed.cut(leader.name);
  await until('the other leads', () => other.leads(), 90_000);
  await load.goesOn();
  site.bed.restore(leader.name);
  await until('it follows', async () => (await leader.isReady()) && !(await leader.leads()), 90_000);
  await site.settle(load);
});

test('cooldown, the order of releases and generations survive the death of the leader', async () => {
  const { leader, other } = await site.turns();
  const subnet = { zone: 'real', cidr: '172.16.0.0/24', cooldownSeconds: 600 };
  await leader.call('PUT', '/v1/subnets/rest', subnet);
  await leader.call('PUT', '/v1/ranges/rest', { subnet: 'rest', start: '172.16.0.1', end: '172.16.0.3' });
  const give = async (server: BedServer, id: string) =>
    (await server.call('POST', '/v1/allocations', { ...request(id), subnet: 'rest' })).body;
  const end = (id: string) => leader.call('DELETE', `/v1/allocations/realip/${id}/eth0`);
  const given = new Map<string, { address: string; generation: number }>();
  for (const id of ['c1', 'c2', 'c3']) {
    const { ips, generation } = await give(leader, id);
    given.set(id, { address: ips[0].address, generation });
  }
  await end('c3');
  await end('c1');
  const { body: told } = await leader.call('GET', '/v1/addresses/172.16.0.3');
  await leader.stop('SIGKILL');
  await until('the other leads', () => other.leads(), 90_000);
  expect((await other.call('GET', '/v1/addresses/172.16.0.3')).body).toEqual(told);
  // Both still rest, and are given as the last resort: the first that was released first.
  const [first, second] = [await give(other, 'd1'), await give(other, 'c1')];
  expect(first.ips[0].address).toBe(given.get('c3')?.address);
  expect(second.ips[0].address).toBe(given.get('c1')?.address);
  expect(second.generation).toBeGreaterThan(
    Math.max(...[...given.values()].map(({ generation }) => generation)),
  );
});
