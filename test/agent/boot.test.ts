import { until } from '../server/until.ts';
import { Site } from './site.ts';

let site: Site;
beforeEach(async () => {
  site = await Site.open({ cooldownSeconds: 0 });
});
afterEach(() => site.close());

const waits = async (): Promise<string> => JSON.stringify((await site.node.call('GET', '/readyz')).body);

test('an agent that starts before the network is there says for what it waits, and serves once it has come', async () => {
  const { node, server } = site;
  await server.stop();
  node.host.ip('link set eth0 down');
  node.host.ip('link set eth0 name later0');
  await node.startAgent();
  expect((await node.call('GET', '/healthz')).status).toBe(200);
  expect((await node.call('GET', '/readyz')).status).toBe(503);
  expect(await waits()).toContain('eth0 is not there yet');
  expect(node.status()).toMatchObject({ server: 'away', waitsFor: 'eth0 is not there yet' });

  node.host.ip('link set later0 name eth0');
  expect(await waits()).toContain('eth0 is down');
  site.network.switch.ip('link set node down');
  node.host.ip('link set eth0 up');
  await until('it waits for a carrier', async () => (await waits()).includes('eth0 has no carrier'));
  site.network.switch.ip('link set node up');
  await until('the master is as it should be', async () => !(await waits()).includes('master'));
  expect(await waits()).toContain('server');

  node.host.ip('route replace default via 10.9.0.1');
  await server.start();
  await until('addresses are ready', () => node.ready().length > 0, 30_000);
  expect(node.status()).not.toHaveProperty('waitsFor');
  const pod = site.network.pod('a');
  const { status, json } = node.plugin.add('c1', pod);
  expect(status).toBe(0);
  expect(pod.reaches('10.9.0.1')).toBe(true);
  expect(json.ips).toHaveLength(1);
  expect(node.plugin.del('c1', pod.path).status).toBe(0);
});
