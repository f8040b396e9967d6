import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Network } from '../kernel/network.ts';
import { DelegatingPlugin } from './delegating.ts';

let network: Network;
let dataDir: string;

beforeEach(() => {
  network = new Network();
  dataDir = mkdtempSync(join(tmpdir(), 'realip-planes-'));
});

afterEach(() => network?.remove());

const ranges = [
  [{ subnet: '10.9.0.0/16', rangeStart: '10.9.3.1', rangeEnd: '10.9.3.9', gateway: '10.9.0.1' }],
];
const routes = [{ dst: '0.0.0.0/0' }];

test.each([
  ['behind the node', { dataplane: 'ptp' }, true],
  ['in mode private', { mode: 'private', hostAccess: 'none' }, false],
  ['with the interface whole', { mode: 'passthru', hostAccess: 'none', mac: 'master' }, false],
])('host-local’s addresses for pods %s', (_, conf, hasHost) => {
  const plugin = new DelegatingPlugin(network.node, { type: 'host-local', dataDir, ranges, routes }, conf);
  const pod = network.pod('p');
  const added = plugin.add('pl-p', pod);
  expect(added.json.msg).toBe(undefined);
  expect(added.json.ips).toMatchObject([{ address: '10.9.3.1/16' }]);
  expect(network.other.reaches('10.9.3.1')).toBe(true);
  expect(network.node.reaches('10.9.3.1')).toBe(hasHost);
  expect(plugin.check('pl-p', pod, added.json)).toMatchObject({ status: 0, stdout: '' });
  expect(plugin.del('pl-p', pod.path, { conf: { prevResult: added.json } }).status).toBe(0);
  expect(pod.ask('link show')).toHaveLength(1);
  expect(readdirSync(join(dataDir, 'real')).filter((name) => name.startsWith('10.'))).toEqual([]);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(network.node.ask('neigh show proxy')).toEqual([]);
});

test('a pod behind its node can’t lease by an interface that the LAN never sees', () => {
  const plugin = new DelegatingPlugin(network.node, { type: 'dhcp' }, { dataplane: 'ptp' });
  const pod = network.pod('d');
  expect(plugin.add('pl-d', pod).json).toMatchObject({ code: 7, msg: expect.stringContaining('dhcp') });
});
