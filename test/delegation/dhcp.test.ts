import { readdirSync, readFileSync } from 'node:fs';
import { Capture } from '../kernel/capture.ts';
import { Network } from '../kernel/network.ts';
import { DelegatingPlugin } from './delegating.ts';
import { DhcpService } from './dhcp-service.ts';

let network: Network;
let plugin: DelegatingPlugin;
let dhcp: DhcpService;

beforeEach(async () => {
  network = new Network();
  dhcp = await DhcpService.start(network.other, network.node);
  plugin = new DelegatingPlugin(network.node, { type: 'dhcp', daemonSocketPath: dhcp.socket });
});

afterEach(async () => {
  await dhcp?.stop();
  network?.remove();
});

function hasChild(pid: number): boolean {
  return readdirSync('/proc').some((each) => /^\d+$/.test(each) && parentOf(each) === pid);
}

function parentOf(pid: string): number | null {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    // It has ended.
    return null;
  }
}

test('ADD leases an address by the pod’s own interface, CHECK agrees, DEL lets go of it', async () => {
  const pod = network.pod('a');
  const added = plugin.add('dh-a', pod);
  expect(added.stderr).toBe('');
  expect(added.status).toBe(0);
  const [{ address: mac, addr_info: own }] = pod.ask('address show eth0');
  expect(mac).toMatch(/^0a:58:/);
  const { local } = own.find(({ family }: { family: string }) => family === 'inet');
  expect(dhcp.leases()).toEqual([`${mac} ${local}`]);
  expect(added.json).toMatchObject({
    interfaces: [{ name: 'eth0', mac, sandbox: pod.path }],
    ips: [{ address: `${local}/16`, gateway: '10.9.0.1', interface: 0 }],
    routes: [{ dst: '0.0.0.0/0', gw: '10.9.0.1' }],
  });
  expect(pod.ask('route show default')).toMatchObject([{ gateway: '10.9.0.1' }]);
  expect(network.other.reaches(local)).toBe(true);
  expect(network.node.reaches(local)).toBe(true);
  expect(plugin.check('dh-a', pod, added.json)).toMatchObject({ status: 0, stdout: '' });

  const capture = await Capture.start(network.other, 'eth0', 'udp dst port 67');
  expect(plugin.del('dh-a', pod.path, { conf: { prevResult: added.json } })).toMatchObject({
    status: 0,
    stdout: '',
    stderr: '',
  });
  expect(pod.ask('link show')).toHaveLength(1);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  // DHCPRELEASE is what goes to the server alone (RFC 2131, section 4.4.4). Upstream's has no source address, which
  // makes a server on Linux drop it unless it listens to raw frames: that the lease ends with it isn't ours to promise.
  expect(await capture.stop()).toEqual([
    expect.stringMatching(new RegExp(`^${mac} .* > 10\\.9\\.0\\.99\\.67`)),
  ]);
  expect(plugin.del('dh-a', pod.path).status).toBe(0);
});

test('a MAC that the runtime gives gets the address that the DHCP server keeps for it, and both are announced', async () => {
  const pod = network.pod('m');
  const capture = await Capture.start(network.other, 'eth0', 'arp');
  const conf = { capabilities: { mac: true }, runtimeConfig: { mac: '02:00:00:00:00:77' } };
  expect(plugin.add('dh-m', pod, { conf }).json).toMatchObject({
    interfaces: [{ mac: '02:00:00:00:00:77' }],
    ips: [{ address: '10.9.5.77/16' }],
  });
  // Although the daemon had the interface up long before it had its address.
  expect(await capture.stop()).toContainEqual(
    expect.stringMatching(/^02:00:00:00:00:77 .*who-has 10\.9\.5\.77 .*tell 10\.9\.5\.77/),
  );
  expect(plugin.del('dh-m', pod.path, { conf }).status).toBe(0);
});

test('DEL after the namespace has gone', () => {
  const pod = network.pod('g');
  const { json: prevResult } = plugin.add('dh-g', pod);
  pod.remove();
  expect(plugin.del('dh-g', pod.path, { conf: { prevResult } }).status).toBe(0);
  expect(network.node.ask('route show proto 82')).toEqual([]);
});

test('ADD is killed while no DHCP server answers: DEL leaves nothing', async () => {
  const pod = network.pod('k');
  dhcp.server.kill('SIGSTOP');
  // When it has begun to wait for upstream's plugin.
  const isAsking = (pid: number) => pod.ask('link show').length === 2 && hasChild(pid);
  expect(await plugin.start({ command: 'ADD', id: 'dh-k', netns: pod.path }, isAsking)).toBe(null);
  expect(pod.ask('link show')).toHaveLength(2);
  expect(plugin.del('dh-k', pod.path)).toMatchObject({ status: 0, stdout: '' });
  expect(pod.ask('link show')).toHaveLength(1);
  dhcp.server.kill('SIGCONT');
  expect(plugin.add('dh-k', pod).status).toBe(0);
});

test('without the daemon ADD fails with dhcp’s own words and leaves nothing, DEL succeeds', async () => {
  const pod = network.pod('d');
  const { json: prevResult } = plugin.add('dh-d', pod);
  await dhcp.stopDaemon();
  expect(plugin.del('dh-d', pod.path, { conf: { prevResult } })).toMatchObject({
    status: 0,
    stdout: '',
    stderr: expect.stringContaining('dhcp.sock'),
  });
  expect(pod.ask('link show')).toHaveLength(1);
  expect(plugin.add('dh-d', pod)).toMatchObject({
    status: 1,
    json: { code: 999, msg: expect.stringContaining('error dialing DHCP daemon') },
  });
  expect(pod.ask('link show')).toHaveLength(1);
  expect(network.node.ask('route show proto 82')).toEqual([]);
});
