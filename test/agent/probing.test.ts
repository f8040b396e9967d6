import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';
import { Capture } from '../kernel/capture.ts';
import type { Host } from '../kernel/host.ts';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site } from './site.ts';

let site: Site;
beforeEach(async () => {
  site = await Site.open({ cooldownSeconds: 0 });
});
afterEach(() => site?.close());

const macOf = (host: Host): string => host.ask('link show eth0')[0].address;

/** When each question for an address went out, in seconds, by tcpdump's clock; one line a frame. */
async function questions(frames: Capture, address: string): Promise<{ at: number; line: string }[]> {
  const lines = await frames.stop({ timed: true });
  return lines
    .filter((line) => line.includes(`who-has ${address} `))
    .map((line) => ({ at: Number(line.split(' ')[0]), line }));
}

test('the LAN sees three probes of an address one to two seconds apart, each beside an ordinary question, and two seconds of patience', async () => {
  const { node } = site;
  const frames = await Capture.start(site.other, 'eth0', 'arp');
  await node.startAgent('--reserve', '1');
  const began = Date.now();
  await node.reserveReady(1);
  expect(Date.now() - began).toBeLessThan(9_000 * slowness());
  const [{ address, probedAt = '' } = { address: '' }] = node.status().reserve;
  const asked = await questions(frames, address);
  const probes = asked.filter(({ line }) => line.includes('tell 0.0.0.0'));
  expect(probes).toHaveLength(3);
  expect(asked.filter(({ line }) => line.includes('tell 10.9.0.11'))).toHaveLength(3);
  for (const { line } of asked) {
    expect(line).toContain(macOf(node.host));
  }
  const [first = 0, second = 0, third = 0] = probes.map(({ at }) => at);
  for (const gap of [second - first, third - second]) {
    expect(gap).toBeGreaterThanOrEqual(0.99);
    expect(gap).toBeLessThan(2.3 * slowness());
  }
  expect(Date.parse(probedAt) / 1000 - third).toBeGreaterThanOrEqual(1.99);
});

test('an address that a silent host has had all along is never ready: it is quarantined, with its MAC, and another comes', async () => {
  const { node, server, other } = site;
  other.ip('address add 10.9.1.0/16 dev eth0');
  other.ip('address add 10.9.1.2/16 dev eth0');
  await node.startAgent('--reserve', '4');
  await node.reserveReady(4, 25_000);
  const ready = node.ready();
  for (const taken of ['10.9.1.0', '10.9.1.2']) {
    expect(ready).not.toContain(taken);
    await until('it is in quarantine', async () => (await server.address(taken)).state === 'quarantined');
    expect((await server.address(taken)).why).toContain(macOf(other));
  }
});

test('thirty pods at once on a cold node get probed addresses within ten seconds', async () => {
  const { node } = site;
  await node.startAgent('--reserve', '0');
  await until('the agent is at one with the server', () => node.status().lastSync !== undefined);
  const names = Array.from({ length: 30 }, (_, number) => `p${number}`);
  for (const name of names) {
    node.sandbox(name);
  }
  const began = Date.now();
  const added = await Promise.all(names.map((name) => node.addBeside(name)));
  const took = Date.now() - began;
  expect(added.map(({ status, json }) => (status === 0 ? 'ok' : json.msg))).toEqual(names.map(() => 'ok'));
  expect(new Set(added.flatMap(addressesOf)).size).toBe(30);
  expect(took).toBeLessThan(10_000 * slowness());
  expect(took).toBeGreaterThan(4_000);
});

test('without carrier nothing becomes ready; when the cable is back, all of it does', async () => {
  const { node, network } = site;
  await node.startAgent('--reserve', '4');
  await until('it probes', () => node.status().reserve.some(({ state }) => state === 'probing'));
  network.switch.ip('link set node down');
  await sleep(8_000);
  expect(node.ready()).toEqual([]);
  expect(node.agent.output).toContain('eth0 is down or has no carrier');
  network.switch.ip('link set node up');
  await node.reserveReady(4, 20_000);
});
