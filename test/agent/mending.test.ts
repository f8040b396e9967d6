import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site } from './site.ts';

let site: Site;
beforeEach(async () => {
  site = await Site.open({ dualStack: true });
  await site.node.startAgent('--reserve', '4');
  await site.node.reserveReady(8);
});
afterEach(() => site?.close());

const state = async (ip: string) => (await site.server.address(ip)).state;
const reaches = (from: Host, ips: readonly string[]) => ips.every((ip) => from.reaches(ip));
const shim = () => site.node.host.ask('link show type macvlan')[0];
const mtuOf = (pod: Host) => pod.ask('link show eth0')[0]?.mtu;

/** The agent's figures of one metric, those above zero, by kind. */
async function figures(metric: string): Promise<Record<string, number>> {
  const { text } = await site.node.call('GET', '/metrics');
  const found = text.matchAll(new RegExp(`^${metric}\\{kind="([a-z-]+)"\\} (\\d+)$`, 'gm'));
  return Object.fromEntries(
    [...found].map(([, kind, count]) => [kind, Number(count)]).filter(([, count]) => count),
  );
}
const repairs = () => figures('realip_agent_repairs_total');
const faults = () => figures('realip_agent_faults');

/** Routes and neighbours that the node has towards addresses. */
const waysTo = (ips: readonly string[]) =>
  [
    ...site.node.host.ask('route show table all proto 82'),
    ...site.node.host.ask('neigh show nud permanent'),
  ].filter(({ dst }) => ips.includes(dst));

test('the shim, a route and a neighbour that somebody took away are back within half a minute', async () => {
  const { node } = site;
  const [one, two] = [addressesOf(node.add('one')), addressesOf(node.add('two'))];
  node.host.ip(`link delete ${shim().ifname}`);
  await until('the node reaches its pods', () => reaches(node.host, [...one, ...two]), 30_000);
  node.host.ip(`route delete ${one[0]}`);
  node.host.ip(`neigh delete ${two[1]} dev ${shim().ifname}`);
  await until('they are put back', () => waysTo([...one, ...two]).length === 8, 30_000);
  expect(await repairs()).toMatchObject({ shim: 1, 'host-way': 2 });
  expect(reaches(node.host, [...one, ...two])).toBe(true);
});

test('of a pod whose namespace was deleted nothing stays: addresses, routes, neighbours go within half a minute', async () => {
  const { node } = site;
  const [gone, stays] = [addressesOf(node.add('gone')), addressesOf(node.add('stays'))];
  await until('both are recorded', async () => (await state(stays[0] ?? '')) === 'allocated');
  node.forget('gone');
  await until('its addresses rest', async () => (await state(gone[0] ?? '')) === 'cooling', 30_000);
  await until('its ways are gone', () => waysTo(gone).length === 0, 15_000);
  expect(await state(stays[0] ?? '')).toBe('allocated');
  expect(reaches(node.host, stays)).toBe(true);
});

test('after a start of the node what lived before has ended, and the reserve is still there', async () => {
  const { node, server } = site;
  const lived = addressesOf(node.add('lived'));
  await until('it is recorded', async () => (await state(lived[0] ?? '')) === 'allocated');
  const ready = node.ready();
  await node.killAgent();
  // What a start of the machine leaves of pods and of what was made for them: nothing.
  node.forget('lived');
  node.host.ip(`link delete ${shim().ifname}`);
  await server.fail('killed');
  const bootId = join(site.folder, 'boot_id');
  writeFileSync(bootId, `${randomUUID()}\n`);
  const anew = `mount --bind ${bootId} /proc/sys/kernel/random/boot_id && exec "$@"`;
  expect(await node.startAgentUnder(['unshare', '--mount', 'sh', '-c', anew, 'sh'])).toBe(true);
  expect(node.status().attachments).toBe(0);
  expect(node.ready().toSorted()).toEqual(ready.toSorted());
  const next = addressesOf(node.add('next'));
  expect(ready).toEqual(expect.arrayContaining(next));
  await server.recover();
  await until('what lived rests', async () => (await state(lived[0] ?? '')) === 'cooling', 30_000);
  expect(waysTo(lived)).toEqual([]);
});

test('pods get back the MTU that they lost with their master’s, and until then that is told', async () => {
  const { node } = site;
  node.add('usual');
  node.add('small', { conf: { mtu: 1300 } });
  const [usual, small] = [node.sandbox('usual').host, node.sandbox('small').host];
  const added = Date.now();
  await until('the agent has looked', () => Date.parse(node.status().lastSync ?? '') > added + 1000, 30_000);
  node.host.ip('link set eth0 mtu 1280');
  await until('it is told', async () => (await faults())['mtu-lowered'] === 1, 30_000);
  expect([mtuOf(usual), mtuOf(small)]).toEqual([1280, 1280]);
  expect(JSON.stringify(node.status())).toContain('2 pods have a smaller MTU');
  node.host.ip('link set eth0 mtu 1500');
  await until('they have them back', () => mtuOf(usual) === 1500 && mtuOf(small) === 1300, 30_000);
  await until('nothing is told any more', async () => (await faults())['mtu-lowered'] === undefined, 15_000);
  expect((await repairs())['mtu']).toBe(2);
});

test('a master that is renamed, and one that is gone, are told by log, metric and status', async () => {
  const { node, network } = site;
  const pod = addressesOf(node.add('pod'));
  node.host.ip('link set eth0 down');
  node.host.ip('link set eth0 name lan0');
  node.host.ip('link set lan0 up');
  await until('it is told', async () => (await faults())['master-renamed'] === 1, 30_000);
  expect(node.agent.output).toContain('the master eth0 is called lan0 now');
  expect(reaches(site.other, pod)).toBe(true);
  node.host.ip('link set lan0 down');
  node.host.ip('link set lan0 name eth0');
  node.host.ip('link set eth0 up');
  await until('that is over', async () => (await faults())['master-renamed'] === undefined, 30_000);
  network.switch.ip('link delete node');
  await until('it is told', async () => (await faults())['master-gone'] === 1, 30_000);
  expect(node.agent.output).toContain('the master eth0 is gone');
});

test('a pair’s proxies that the node lost with its master’s carrier come back', async () => {
  const { node } = site;
  const ips = addressesOf(node.add('behind', { conf: { dataplane: 'ptp' } }));
  const proxies = () => node.host.ask('neigh show proxy').map(({ dst }) => dst);
  expect(proxies().toSorted()).toEqual(ips.toSorted());
  node.host.ip('link set eth0 down');
  node.host.ip('link set eth0 up');
  node.host.ip('address add fd00:9::11/64 dev eth0 nodad');
  expect(proxies()).toEqual([]);
  await until('it answers again', () => proxies().length === 2, 45_000);
  expect((await repairs())['proxy']).toBe(2);
});

test('an agent that may not see the namespaces of processes says so, and takes nothing for gone', async () => {
  const { node } = site;
  const [ip = ''] = addressesOf(node.add('pod'));
  await until('it is recorded', async () => (await state(ip)) === 'allocated');
  await node.killAgent();
  expect(await node.startAgentUnder(['setpriv', '--bounding-set', '-sys_ptrace'])).toBe(true);
  node.forget('pod');
  await until('it is told', async () => (await faults())['unseen'] === 1, 30_000);
  expect(node.status()).toMatchObject({
    faults: [expect.stringContaining('CAP_SYS_PTRACE')],
    attachments: 1,
  });
  // Longer than two looks.
  await new Promise((resolve) => setTimeout(resolve, 25_000));
  expect(await state(ip)).toBe('allocated');
});
