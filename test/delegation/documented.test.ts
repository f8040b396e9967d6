import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { IpamServer, url } from '../kernel/ipam.ts';
import { Network } from '../kernel/network.ts';
import type { Plugin } from '../kernel/plugin.ts';
import { DelegatingPlugin } from './delegating.ts';
import { UpstreamPlugin } from './upstream.ts';

type Conf = { type: string; ipam: { type: string } };

const page = readFileSync(join(import.meta.dirname, '../../docs/cni.md'), 'utf8');

/** The examples of a section. */
function examples(heading: string): Conf[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => {
    const example = JSON.parse(text);
    return example.plugins?.[0] ?? example;
  });
}

let network: Network;
let ipam: IpamServer;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.1', end: '10.9.1.9' });
}, 60_000);

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

/** ADD, a ping from a third host, CHECK, DEL. */
function expectToWork(plugin: Plugin, pod: Host): void {
  const added = plugin.add('doc', pod);
  expect(added.status).toBe(0);
  expect(network.other.reaches(added.json.ips[0].address.replace(/\/.*/, ''))).toBe(true);
  expect(pod.ask('route show default')).toMatchObject([{ gateway: '10.9.0.1' }]);
  expect(plugin.check('doc', pod, added.json)).toMatchObject({ status: 0, stdout: '' });
  expect(plugin.del('doc', pod.path, { conf: { prevResult: added.json } }).status).toBe(0);
  expect(pod.ask('link show')).toHaveLength(1);
}

test.each(['host-local', 'static'])('the example of %s under realip works', (type) => {
  const example = examples('Other IPAM plugins under realip').find((conf) => conf.ipam.type === type);
  const { ipam: section, ...conf } = example as Conf;
  const dataDir = mkdtempSync(join(tmpdir(), 'realip-documented-'));
  const own = type === 'host-local' ? { ...section, dataDir } : section;
  expectToWork(new DelegatingPlugin(network.node, own, conf), network.pod(type));
});

test('the example of realip-ipam under macvlan works', () => {
  const [example] = examples('realip-ipam under other plugins');
  const { type, ...conf } = example as Conf;
  const section = { ...conf.ipam, server: url };
  expectToWork(new UpstreamPlugin(network.node, type, { ...conf, ipam: section }), network.pod(type));
  expect(ipam.allocated()).toEqual([]);
});
