import { allocate, makeLan } from '../server/lan.ts';
import { startServer } from '../server/process.ts';
import { until } from '../server/until.ts';
import { EtcdMember } from './etcd-cluster.ts';
import { EtcdGateway } from './etcd-gateway.ts';

const quota = 16 * 1024 * 1024;

test('with etcd’s space used up changes get 503 that says so, nothing acknowledged is lost, and all goes on by itself once there is room', async () => {
  const member = await EtcdMember.start('--quota-backend-bytes', String(quota));
  const gateway = new EtcdGateway(member.url);
  const server = await startServer(`etcd:${member.url}`);
  await makeLan(server);
  const acknowledged: string[] = [];
  for (let i = 0; i < 20; i++) {
    expect((await allocate(server, `c${i}`)).status).toBe(201);
    acknowledged.push(`c${i}`);
  }
  // Somebody else's keys: one etcd has room for all, or for none.
  let junk = 0;
  for (; ; junk++) {
    const isTaken = await gateway.put(`junk-${junk}`, 'x'.repeat(1_000_000)).then(
      () => true,
      () => false,
    );
    if (!isTaken) {
      break;
    }
  }
  await until('changes are refused', async () => (await allocate(server, 'refused')).status !== 201);
  const { status, headers, body } = await allocate(server, 'refused');
  expect([status, body.code, headers['retry-after']]).toEqual([503, 'STORE_UNAVAILABLE', '1']);
  expect(body.detail).toMatch(/NOSPACE.*--quota-backend-bytes/);
  for (const path of ['/healthz', '/metrics']) {
    expect([path, (await server.call('GET', path)).status]).toEqual([path, 200]);
  }
  expect((await server.call('GET', '/readyz')).status).toBe(503);
  // What is there can be looked at, and watched events be read.
  for (const path of ['/v1/allocations?limit=1000', '/v1/events?limit=1000', '/v1/subnets/lan/usage']) {
    const answered = async () => (await server.call('GET', path)).status === 200;
    await until(`${path} is answered`, answered);
  }
  const { body: listed } = await server.call('GET', '/v1/allocations?limit=1000');
  expect(listed.items.map(({ containerId }: { containerId: string }) => containerId).sort()).toEqual(
    [...acknowledged].sort(),
  );
  // A lease that is there may be kept alive: it leads all the while.
  expect((await server.call('GET', '/metrics')).text).toMatch(/^realip_ipam_leader 1$/m);

  for (let i = 0; i <= junk; i++) {
    await gateway.delete(`junk-${i}`);
  }
  await gateway.compact((await gateway.status()).revision);
  await gateway.defragment();
  await gateway.disarm();
  await until(
    'changes are taken again',
    async () => (await allocate(server, 'after')).status === 201,
    60_000,
  );
  acknowledged.push('after');
  await until('it is ready', async () => (await server.call('GET', '/readyz')).status === 200);
  await server.stop('SIGKILL');
  const again = await startServer(`etcd:${member.url}`);
  for (const id of acknowledged) {
    expect([id, (await allocate(again, id)).status]).toEqual([id, 200]);
  }
  const { body: events } = await again.call('GET', '/v1/events?limit=1000');
  expect(events.items.map(({ id }: { id: number }) => id)).toEqual(
    events.items.map((_: unknown, i: number) => i + 1),
  );
  await again.stop();
  await member.remove();
});
