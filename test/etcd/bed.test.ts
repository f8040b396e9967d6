import { until } from '../server/until.ts';
import { EtcdBed } from './bed.ts';

let bed: EtcdBed;
beforeAll(async () => {
  bed = await EtcdBed.start();
});
afterAll(() => bed.remove());

test('a member that is cut off is none of the cluster until it is back, and the others choose another leader', async () => {
  const leader = await bed.leader();
  bed.cut(leader.name);
  await until('another leads', async () => (await bed.leader()) !== leader, 90_000);
  expect(await leader.isHealthy()).toBe(false);
  bed.restore(leader.name);
  await bed.healthy();
});

test('a member whose disk is slow takes long for a write, and none of it once the disk is mended', async () => {
  const leader = await bed.leader();
  const took = async () => {
    const began = performance.now();
    await leader.gateway.put('slow', 'x');
    return performance.now() - began;
  };
  await Promise.all(bed.members.map((member) => member.slowDisk(700)));
  expect(await took()).toBeGreaterThan(700);
  await Promise.all(bed.members.map((member) => member.mendDisk()));
  await until('it is quick again', async () => (await took()) < 700, 90_000);
});
