import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Program } from './program.ts';
import { Site } from './site.ts';

const proxy = new URL('skewing-proxy.mjs', import.meta.url).pathname;

let site: Site;
const proxies: Program[] = [];
beforeEach(async () => {
  site = await Site.open({ dualStack: true });
}, 400_000);
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((each) => each.end('SIGKILL')));
  await site?.close();
});

async function skew(host: Host, listen: string, target: string, version: 'newer' | 'older'): Promise<void> {
  const command = [process.execPath, proxy, listen, target, version];
  const started = new Program(host, command, join(site.folder, `${proxies.length}-proxy.log`));
  proxies.push(started);
  await until('the proxy listens', () => started.output.includes('ready'));
}

/** A pod's life, an outage and a refusal, as every version must bear it. */
async function expectLife(): Promise<void> {
  const { node, server } = site;
  const [ip = ''] = addressesOf(node.add('p'));
  expect(site.other.reaches(ip)).toBe(true);
  const allocated = async () => (await server.address(ip)).state === 'allocated';
  await until('it is recorded', allocated);
  expect(node.check('p')).toMatchObject({ status: 0 });
  expect(node.statusOf()).toMatchObject({ status: 0 });
  await server.ask('DELETE', '/v1/allocations/real/p/eth0');
  await until('it is adopted', allocated, 30_000);
  expect(node.add('q', { args: 'IP=10.200.0.1' }).status).toBe(1);
  expect(node.del('q')).toMatchObject({ status: 0 });
  expect(node.del('p')).toMatchObject({ status: 0 });
  await site.settled();
}

test.each(['newer', 'older'] as const)('an agent beside a %s server', async (version) => {
  const { node, server } = site;
  await skew(server.host, '10.9.0.5:8081', '10.9.0.5:8080', version);
  await node.startAgent('--reserve', '4', '--server', 'http://10.9.0.5:8081');
  await node.reserveReady(8);
  await expectLife();
});

test.each(['newer', 'older'] as const)('a plugin beside a %s agent', async (version) => {
  const { node } = site;
  await node.startAgent('--reserve', '4');
  await node.reserveReady(8);
  const between = join(site.folder, 'between.sock');
  await skew(node.host, between, node.socket, version);
  Object.assign(node.plugin.conf['ipam'] as object, { agent: between });
  await expectLife();
});
