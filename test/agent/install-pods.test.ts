import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { IpamServer } from '../kernel/ipam.ts';
import { Network } from '../kernel/network.ts';
import { Plugin } from '../kernel/plugin.ts';
import { Installer, realip } from './installer.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let installer: Installer;

beforeEach(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  installer = new Installer(network.node);
  plugin = new Plugin(network.node, { hostRoutes: ['10.96.0.0/12'], ipam: { stateDir: installer.state } });
});

afterEach(async () => {
  installer.close();
  await ipam.stop();
  network.remove();
});

/** A pod as an overlay's CNI makes it: a pair, its other end in a bridge of the node. */
function overlayPod(name: string): Host {
  const pod = network.pod(name);
  network.node.ip('link add cni0 type bridge');
  network.node.ip('address add 10.244.0.1/24 dev cni0');
  network.node.ip(`link add veth${name} type veth peer name eth0 netns ${pod.name}`);
  network.node.ip(`link set veth${name} master cni0 up`);
  pod.ip('link set eth0 up');
  return pod;
}

function overlayConf(name = '10-flannel.conflist'): void {
  mkdirSync(installer.confDir, { recursive: true });
  writeFileSync(
    join(installer.confDir, name),
    JSON.stringify({ name: 'cbr0', plugins: [{ type: 'flannel' }] }),
  );
}

test('while pods of the CNI that is in force live, nothing is installed; once they are gone, or by --drained, it is', () => {
  installer.write();
  overlayConf();
  const pod = overlayPod('a');
  const refused = installer.put();
  expect(refused.stderr).toContain('INSTALL_OTHER_PODS');
  expect(refused.stderr).toContain(`eth0 of /run/netns/${pod.name}`);
  expect(refused.status).toBe(1);
  expect(installer.files()).toEqual(['10-flannel.conflist']);
  expect(installer.put({}, '--drained').status).toBe(0);
  // From now on ours is in force, and an upgrade asks nobody any more.
  expect(installer.put().status).toBe(0);
  expect(installer.remove().status).toBe(0);
  expect(installer.put().status).toBe(1);
  pod.remove();
  expect(installer.put().status).toBe(0);
});

test('a pod on a pair with a network’s address, and one on a macvlan, are seen; the other ends of uplinks are not', () => {
  installer.write();
  overlayConf();
  network.switch.ip(`link add second type veth peer name eth1 netns ${network.node.name}`);
  network.switch.ip('link set second master lan up');
  network.node.ip('address add 10.8.0.11/16 dev eth1');
  expect(installer.put().status).toBe(0);
  expect(installer.remove().status).toBe(0);
  const [paired, onMacvlan] = [network.pod('a'), network.pod('b')];
  network.node.ip(`link add va type veth peer name eth0 netns ${paired.name}`);
  network.node.ip('address add 10.244.0.1/24 dev va');
  expect(installer.put().stderr).toContain(`eth0 of /run/netns/${paired.name}`);
  paired.remove();
  network.node.ip('link add mb link eth0 type macvlan mode bridge');
  network.node.ip(`link set mb netns ${onMacvlan.name}`);
  expect(installer.put().stderr).toContain(`mb of /run/netns/${onMacvlan.name}`);
});

test('a container beside Kubernetes is no reason where no other CNI was configured', () => {
  installer.write();
  overlayPod('docker');
  expect(installer.put().status).toBe(0);
});

test('where the other CNI’s conf went first, the runtime’s own notes tell of its pods; notes of pods that are gone do not', () => {
  installer.write();
  const pod = overlayPod('a');
  const note = (sandbox: string) =>
    JSON.stringify({
      kind: 'cniCacheV1',
      containerId: 'c7',
      ifName: 'eth0',
      networkName: 'cbr0',
      result: { cniVersion: '1.0.0', interfaces: [{ name: 'vetha' }, { name: 'eth0', sandbox }] },
    });
  const notes = join(installer.folder, 'notes');
  mkdirSync(notes);
  const see = `mkdir -p /var/lib/cni/results && mount --bind ${notes} /var/lib/cni/results`;
  writeFileSync(join(notes, 'cbr0-c7-eth0'), note(pod.path));
  const refused = installer.put({ after: see });
  expect(refused.stderr).toContain('container c7 in the network cbr0');
  expect(refused.status).toBe(1);
  writeFileSync(join(notes, 'cbr0-c7-eth0'), note('/var/run/netns/cni-gone'));
  expect(installer.put({ after: see }).status).toBe(0);
});

test('a conf that stays in front of ours, as Multus’, makes no difference to anybody', () => {
  installer.write();
  overlayConf('00-multus.conf');
  overlayPod('a');
  expect(installer.put().status).toBe(0);
});

test('the network’s name is not changed below pods that live in it', () => {
  installer.write();
  installer.put();
  plugin.add('c1', network.pod('a'));
  installer.write({}, { name: 'other' });
  const refused = installer.put();
  expect(refused.stderr).toContain('in the realip network real');
  expect(refused.status).toBe(1);
  installer.write({ mtu: 1400 });
  expect(installer.put().status).toBe(0);
});

test('nothing is removed while pods of ours live; then all that it put is, and what the pods left on the node', () => {
  installer.write();
  installer.put();
  const before = network.node.ask('link show').length;
  const pod = network.pod('a');
  expect(plugin.add('c1', pod).status).toBe(0);
  const refused = installer.remove();
  expect(refused.stderr).toContain('INSTALL_OWN_PODS');
  expect(refused.stderr).toContain('container c1');
  expect(refused.status).toBe(1);
  expect(installer.files()).toEqual(['realip', 'realip-ipam', '00-realip.conflist']);

  expect(plugin.del('c1', pod.path).status).toBe(0);
  expect(network.node.run('nft', ['list', 'tables']).stdout).toContain('realip');
  const { status, stdout } = installer.remove();
  expect(stdout).toMatch(/the node's interface towards pods, realip\d+: taken away/);
  expect(stdout).toContain(`left: ${installer.state}`);
  expect(status).toBe(0);
  expect(installer.files()).toEqual([]);
  expect(network.node.ask('link show')).toHaveLength(before);
  expect(network.node.run('nft', ['list', 'tables']).stdout).toBe('');
  expect(existsSync(installer.state)).toBe(true);
  expect(installer.remove('--purge').status).toBe(0);
  expect(existsSync(installer.state)).toBe(false);
  expect(installer.remove().status).toBe(0);
});

test('removed all the same, the conf goes and the executables stay, so that the DEL of who lives works', () => {
  installer.write();
  installer.put();
  const pod = network.pod('a');
  plugin.add('c1', pod);
  const { status, stdout } = installer.remove('--drained');
  expect(stdout).toContain('left, for the DEL of pods that live');
  expect(status).toBe(0);
  expect(installer.files()).toEqual(['realip', 'realip-ipam']);
  expect(plugin.del('c1', pod.path, { program: installer.program }).status).toBe(0);
  expect(ipam.allocated()).toEqual([]);
  expect(installer.remove().status).toBe(0);
  expect(installer.files()).toEqual([]);
});

test('releases that no server knows of keep the state folder from being purged', async () => {
  installer.write();
  installer.put();
  const pod = network.pod('a');
  plugin.add('c1', pod);
  await ipam.stop();
  expect(plugin.del('c1', pod.path).status).toBe(0);
  const refused = installer.remove('--purge');
  expect(refused.stderr).toContain('INSTALL_RELEASES_WAIT');
  expect(refused.status).toBe(1);
  const { status, stdout } = installer.remove();
  expect(stdout).toContain('releases that wait for the server: 1');
  expect(status).toBe(0);
});

test('pods come and go while versions and confs are changed below them, and no call fails', async () => {
  installer.write();
  installer.put();
  const other = installer.other();
  const pods = [network.pod('a'), network.pod('b')];
  let isOver = false;
  const failures: string[] = [];
  const calls = { ADD: 0, DEL: 0 };
  const lives = pods.map(async (pod, at) => {
    for (let round = 0; !isOver; round++) {
      for (const command of ['ADD', 'DEL'] as const) {
        const call = { command, id: `c${at}-${round}`, netns: pod.path, program: installer.program };
        const status = await plugin.start(call);
        calls[command]++;
        if (status !== 0) {
          failures.push(`${command} ${call.id}: ${status}`);
        }
      }
    }
  });
  // However slow the machine is: so many changes, and so many calls meanwhile.
  for (let round = 0; round < 10 || calls.ADD < 15 || calls.DEL < 15; round++) {
    installer.write({ mtu: round % 2 === 0 ? 1400 : 1500 });
    const program = round % 2 === 0 ? other : realip;
    const changed = await installer.start(
      ['--conf', join(installer.folder, 'wanted.conflist'), '--no-agent'],
      program,
    );
    if (changed !== 0) {
      failures.push(`install ${round}: ${changed}`);
    }
  }
  isOver = true;
  await Promise.all(lives);
  expect(failures).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
}, 300_000);
