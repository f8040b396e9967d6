import { join } from 'node:path';
import { allocate } from '../server/lan.ts';
import type { Server } from '../server/process.ts';
import { until } from '../server/until.ts';
import type { BedServer } from './bed-server.ts';
import { command, told } from './commands.ts';
import { Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.start();
});
afterAll(() => site.remove());

function attachment(containerId: string) {
  return { network: 'realip', containerId, ifname: 'eth0' };
}

async function held(server: BedServer): Promise<string[]> {
  const { body } = await server.call('GET', '/v1/allocations?limit=1000');
  return body.items.map(({ containerId }: { containerId: string }) => containerId).sort();
}

test('with the room of two members and a server lost for ever, the third member and the other server go on as docs/ipam/etcd.md says', async () => {
  const { leader, other } = await site.turns();
  const given: string[] = [];
  for (let i = 0; i < 20; i++) {
    expect((await allocate(leader as unknown as Server, `c${i}`)).status).toBe(201);
    given.push(`c${i}`);
  }
  given.sort();
  const [last, ...room] = [...site.bed.members].reverse();
  await Promise.all([...room.map((member) => member.kill()), leader.stop()]);
  const { status } = await allocate(other as unknown as Server, 'refused');
  expect(status).toBe(503);

  await last?.kill();
  last?.start('--force-new-cluster');
  await until('the member that is left is healthy', () => last?.isHealthy() ?? false, 60_000);
  // etcd gives the lease of the server that is gone its time once more.
  const reads = async () => (await other.call('GET', '/v1/allocations')).status === 200;
  await until('the server that is left leads', reads, 60_000);
  expect(await held(other)).toEqual(given);

  await other.stop('SIGTERM');
  const [store, prefix] = [`etcd:${last?.url}`, ['--etcd-prefix', '/site/']];
  const file = join(site.bed.folder, 'left.db');
  const copied = await command('backup', '--from', store, '--to', file, ...prefix);
  expect([copied.stderr, told(copied, 'epoch')]).toEqual(['', '1']);
  const restored = await command('restore', '--from', file, '--to', store, '--force', ...prefix);
  expect([restored.stderr, told(restored, 'epoch')]).toEqual(['', '1']);
  // It still knows of the members that are lost.
  await other.start();
  await other.ready();
  expect(await held(other)).toEqual(given);
  expect((await other.call('GET', '/v1/epoch')).body.epoch).toBe(2);
  const next = () => allocate(other as unknown as Server, 'next');
  expect((await next()).body.code).toBe('EPOCH_PENDING');
  const attachments = given.map((containerId) => ({ ...attachment(containerId), addresses: [] }));
  expect((await other.call('POST', '/v1/nodes/n1:sync', { attachments })).status).toBe(200);
  expect((await next()).status).toBe(201);
});
