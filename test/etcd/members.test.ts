import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';
import { until } from '../server/until.ts';
import type { BedMember } from './bed-member.ts';
import type { BedServer } from './bed-server.ts';
import { Site } from './site.ts';

/** Everyday runs leave out what is nearly another one; `REALIP_FAULTS=all` for all. */
const all = process.env['REALIP_FAULTS'] === 'all';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterEach(() => site.mend());
afterAll(() => site.remove());

test('a member that is killed is not missed, and comes back', async () => {
  const member = await site.bed.follower();
  const load = site.load();
  await load.goesOn();
  await member.kill();
  await load.goesOn(300);
  member.start();
  await site.bed.healthy();
  await site.settle(load);
});

test('a member that is cut off is not missed, and comes back', async () => {
  const member = await site.bed.follower();
  const load = site.load();
  await load.goesOn();
  site.bed.cut(member.name);
  await load.goesOn(300);
  site.bed.restore(member.name);
  await site.bed.healthy();
  await site.settle(load);
});

test('etcd’s leader is killed: allocations go on with the next', async () => {
  const member = await site.bed.leader();
  const load = site.load();
  await load.goesOn();
  await member.kill();
  await load.goesOn(300);
  process.stderr.write(
    `etcd’s leader killed: ${Math.round(load.longestGap)} ms without an acknowledgement\n`,
  );
  member.start();
  await site.bed.healthy();
  await site.settle(load);
});

test('etcd’s leader is cut off: allocations go on with the next', async () => {
  const member = await site.bed.leader();
  const load = site.load();
  await load.goesOn();
  site.bed.cut(member.name);
  await load.goesOn(300);
  process.stderr.write(
    `etcd’s leader cut off: ${Math.round(load.longestGap)} ms without an acknowledgement\n`,
  );
  site.bed.restore(member.name);
  await site.bed.healthy();
  await site.settle(load);
});

if (all) {
  test('a member that stands still is passed over', async () => {
    const member = await site.bed.leader();
    const load = site.load();
    await load.goesOn();
    member.freeze(true);
    await load.goesOn(300);
    member.freeze(false);
    await site.bed.healthy();
    await site.settle(load);
  });

  test('the member of etcd and the server that lead are killed at once', async () => {
    const [member, { leader }] = await Promise.all([site.bed.leader(), site.turns()]);
    const load = site.load();
    await load.goesOn();
    await Promise.all([member.kill(), leader.stop('SIGKILL')]);
    await load.goesOn();
    process.stderr.write(
      `both leaders killed: ${Math.round(load.longestGap)} ms without an acknowledgement\n`,
    );
    member.start();
    await site.bed.healthy();
    await leader.start();
    await site.settle(load);
  });
}

const ways: [string, (members: readonly BedMember[]) => Promise<() => Promise<void>>][] = [
  [
    'killed',
    async (members) => {
      await Promise.all(members.map((member) => member.kill()));
      return async () => {
        for (const member of members) {
          member.start();
        }
      };
    },
  ],
  [
    'standing still',
    async (members) => {
      for (const member of members) {
        member.freeze(true);
      }
      return async () => {
        for (const member of members) {
          member.freeze(false);
        }
      };
    },
  ],
];

test.each(all ? ways : ways.slice(0, 1))(
  'with etcd %s calls get 503 with Retry-After, probes and metrics answer, and all goes on by itself afterwards',
  async (gone, stop) => {
    const load = site.load();
    await load.goesOn();
    const mend = await stop(site.bed.members);
    await until('calls are refused', () => load.failures.length >= 16, 120_000);
    const look = async (server: BedServer) => {
      const began = performance.now();
      const refused = await server.call('GET', '/v1/zones');
      expect(performance.now() - began).toBeLessThan(10_000 * slowness());
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
      expect(refused.headers['content-type']).toContain('application/problem+json');
      for (const path of ['/healthz', '/metrics']) {
        expect([path, (await server.call('GET', path)).status]).toEqual([path, 200]);
      }
      await until(`${server.name} is not ready`, async () => !(await server.isReady()), 60_000);
      expect((await server.call('GET', '/readyz')).text).toMatch(/etcd/);
    };
    await Promise.all(site.servers.map(look));
    const slowest = Math.round(Math.max(...load.failures.map(({ took }) => took)));
    process.stderr.write(`etcd ${gone}: refused within ${slowest} ms\n`);
    expect(load.failures.filter(({ status, retryAfter }) => status !== 503 || retryAfter === null)).toEqual(
      [],
    );
    await mend();
    await load.goesOn(300);
    await site.bed.healthy();
    await site.settle(load);
  },
);

test('with slow disks under etcd calls take longer or are refused clearly, and nothing is lost', async () => {
  const load = site.load();
  await load.goesOn();
  await Promise.all(site.bed.members.map((member) => member.slowDisk(600)));
  await load.goesOn(30);
  await sleep(3_000);
  await Promise.all(site.bed.members.map((member) => member.mendDisk()));
  await load.goesOn(300);
  expect(load.failures.filter(({ status, retryAfter }) => status !== 503 || retryAfter === null)).toEqual([]);
  await site.settle(load);
});
