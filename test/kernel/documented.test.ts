import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Example, examples, isOurs } from '../docs/cni-page.ts';
import type { Host } from './host.ts';
import type { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Answer, Plugin } from './plugin.ts';
import { startSecured } from './secured.ts';

const folder = mkdtempSync(join(tmpdir(), 'realip-documented-'));
let network: Network;
let ipam: IpamServer;

/** What the place wants otherwise than the page has it; all else is run as it stands there. */
const substitutions: Readonly<Record<string, (ipam: Example['ipam']) => string>> = {
  // For /etc/realip/token, /etc/realip/ca.crt and /var/lib/realip.
  tokenFile: ({ node = nodeName }) => join(folder, 'tokens', String(node)),
  caFile: () => join(folder, 'server.crt'),
  stateDir: () => join(folder, 'state'),
};
/** The variable by which a node has another name than its host's. */
const nodeName = 'n1';
const otherName = 'worker-7.example.com';
/** The interfaces that examples name, beside eth0: to the plugin a NIC is as good as a bond. */
const masters = ['bond0', 'eth1'];
/** Subnets that examples name; hosts on them are at 99. */
const subnets = { lan: '10.9', storage: '10.20', office: '10.30' };
/** What a runtime gives to who asks by `capabilities`. */
const given: Readonly<Record<string, unknown>> = {
  mac: '02:00:00:00:00:77',
  ips: ['10.9.1.77/16', 'fd00:9::1:77'],
  'io.kubernetes.cri.pod-annotations': { 'realip.io/addresses': '10.9.1.77,fd00:9::1:77' },
};

beforeAll(async () => {
  network = new Network();
  const { node, other } = network;
  for (const master of masters) {
    network.switch.ip(`link add ${master} type veth peer name ${master} netns ${node.name}`);
    network.switch.ip(`link set ${master} master lan up`);
    node.ip(`link set ${master} up`);
  }
  node.sysctl('net/ipv4/ip_forward', '1');
  node.sysctl('net/ipv6/conf/all/forwarding', '1');
  other.ip(`address add ${subnets.storage}.0.99/16 dev eth0`);
  // The example of two servers finds the first one away.
  network.join('away', 6);
  const server = network.join('server', 5);
  ipam = await startSecured(server, folder, '10.9.0.5', 8443, [nodeName, otherName]);
  ipam.prepare({ start: '10.9.1.1', end: '10.9.1.99' });
  ipam.prepareIpv6();
  ipam.put(`/v1/nodes/${otherName}`, { zone: 'real' });
  ipam.put('/v1/ranges/lan-worker-7', {
    ...{ subnet: 'lan', node: otherName },
    ...{ start: '10.9.7.1', end: '10.9.7.9' },
  });
  ipam.put('/v1/ranges/lan6-worker-7', {
    ...{ subnet: 'lan6', node: otherName },
    ...{ start: 'fd00:9::7:1', end: 'fd00:9::7:9' },
  });
  for (const [subnet, begin] of Object.entries(subnets).slice(1)) {
    const vlan = subnet === 'office' ? { vlan: 100 } : {};
    ipam.put(`/v1/subnets/${subnet}`, { zone: 'real', cidr: `${begin}.0.0/16`, ...vlan });
    ipam.put(`/v1/ranges/${subnet}-n1`, {
      ...{ subnet, node: nodeName },
      ...{ start: `${begin}.1.1`, end: `${begin}.1.9` },
    });
  }
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
  rmSync(folder, { recursive: true });
});

function pluginOf(example: Example): Plugin {
  const section = Object.entries(substitutions).map(([field, put]) => [field, put(example.ipam)]);
  const asked = Object.keys((example['capabilities'] as object | undefined) ?? {});
  const runtimeConfig = Object.fromEntries(asked.map((capability) => [capability, given[capability]]));
  const plugin = new Plugin(network.node);
  // The harness's defaults would hide what an example lacks.
  for (const field of Object.keys(plugin.conf)) {
    delete plugin.conf[field];
  }
  const ipamSection = { ...example.ipam, ...Object.fromEntries(section) };
  Object.assign(plugin.conf, example, { ipam: ipamSection, ...(asked.length > 0 ? { runtimeConfig } : {}) });
  return plugin;
}

/** What pods leave on a node, and the interfaces that aren't theirs; a shim stays for the next pod. */
function left(): unknown[] {
  const { node } = network;
  return [
    node
      .ask('link show')
      .filter(({ ifname }) => !/^realip\d+$/.test(ifname))
      .map(({ ifname }) => ifname),
    ...['route show proto 82', '-6 route show proto 82', 'neigh show nud permanent', 'neigh show proxy'].map(
      (words) => node.ask(words),
    ),
    ipam.allocated(),
  ];
}

interface Seen {
  readonly pod: Host;
  readonly answer: Answer;
  // biome-ignore lint/suspicious/noExplicitAny: iproute2's JSON
  readonly link: any;
}

const bare = ({ json }: Answer): string[] =>
  json.ips.map(({ address }: { address: string }) => address.replace(/\/.*/, ''));

/** By what one sees that a field was followed, those whose effect a pod shows. */
// biome-ignore lint/suspicious/noExplicitAny: the page's JSON
const effects: Readonly<Record<string, (value: any, seen: Seen) => void>> = {
  dataplane: (value, { link }) => expect(link.linkinfo.info_kind).toBe(value === 'ptp' ? 'veth' : value),
  mode: (value, { link }) => expect(link.linkinfo.info_data.mode).toBe(value),
  master: (value, { link }) => {
    // A ptp pod's interface is one of a pair: that the LAN reaches it shows its master.
    if (link.linkinfo.info_kind === 'macvlan') {
      expect(link.link_index).toBe(network.node.ask(`link show ${value}`)[0].ifindex);
    }
  },
  mtu: (value, { link }) => expect(link.mtu).toBe(value),
  mac: (value, { link }) => {
    const own = network.node.ask('link show eth1')[0].address;
    expect(link.address === own).toBe(value === 'master');
    // Nor is it the one that is derived.
    expect(link.address).not.toMatch(/^0a:58:0a:09:/);
  },
  hostAccess: (value, { pod }) =>
    expect(pod.ask('neigh show 169.254.1.1 nud permanent')).toHaveLength(value === 'none' ? 0 : 1),
  hostRoutes: ([prefix], { pod }) =>
    expect(pod.ask(`route get ${prefix.replace(/\/.*/, '')}`)).toMatchObject([{ gateway: '169.254.1.1' }]),
  sysctl: (value, { pod }) => {
    for (const [key, wanted] of Object.entries(value)) {
      expect(pod.run('cat', [`/proc/sys/${key}`]).stdout.trim()).toBe(wanted);
    }
  },
  dns: (value, { answer }) => expect(answer.json.dns).toEqual(value),
  capabilities: (_, { answer, link }) => {
    expect(link.address).toBe(given['mac']);
    expect(bare(answer)).toEqual(['10.9.1.77', 'fd00:9::1:77']);
  },
  'ipam.families': (value, { answer }) => expect(answer.json.ips).toHaveLength(value.length),
  'ipam.node': (_, { answer }) => expect(bare(answer)[0]).toMatch(/^10\.9\.7\./),
  'ipam.subnet': (value: keyof typeof subnets, { answer }) =>
    expect(bare(answer)[0]?.startsWith(`${subnets[value]}.`)).toBe(true),
};

function expectEffects(example: Example, seen: Seen): void {
  const section = Object.entries(example.ipam).map(([field, value]) => [`ipam.${field}`, value] as const);
  for (const [field, value] of [...Object.entries(example), ...section]) {
    effects[field]?.(value, seen);
  }
}

const env = { NODE_NAME: nodeName };

function expectToWork(example: Example, id: string): void {
  const plugin = pluginOf(example);
  const before = left();
  const pod = network.pod(id);
  const answer = plugin.add(id, pod, { env });
  expect(answer).toMatchObject({ status: 0, stderr: '' });
  const [link] = pod.ask('link show eth0');
  expectEffects(example, { pod, answer, link });
  for (const ip of bare(answer)) {
    expect([ip, network.other.reaches(ip)]).toEqual([ip, true]);
  }
  const conf = { prevResult: answer.json };
  expect(plugin.call({ command: 'CHECK', id, netns: pod.path, env, conf })).toMatchObject({
    ...{ status: 0, stdout: '', stderr: '' },
  });
  expect(plugin.del(id, pod.path, { env, conf })).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(pod.ask('link show')).toHaveLength(1);
  expect(left()).toEqual(before);
}

/** Whether this kernel has VLANs, as iproute2 finds. */
function hasVlans(): boolean {
  const { status } = network.node.run('ip', 'link add link eth0 name probe type vlan id 7'.split(' '));
  network.node.run('ip', ['link', 'delete', 'probe']);
  return status === 0;
}

const ours = examples
  .filter(isOurs)
  .map((example, index) => [JSON.stringify(example), example, `e${index}`] as const);

test.each(ours.filter(([, example]) => example['vlan'] === undefined))('%s', (_, example, id) =>
  expectToWork(example, id),
);

test.each(ours.filter(([, example]) => example['vlan'] !== undefined))(
  '%s, which a kernel without 8021q answers with that module’s name',
  (_, example, id) => {
    if (hasVlans()) {
      network.other.ip(`link add link eth0 name vlan type vlan id ${example['vlan']}`);
      network.other.ip(`address add ${subnets.office}.0.99/16 dev vlan`);
      network.other.ip('link set vlan up');
      expectToWork(example, id);
      return;
    }
    const before = left();
    const pod = network.pod(id);
    const plugin = pluginOf(example);
    const error = { code: 109, details: expect.stringContaining('modprobe 8021q') };
    expect(plugin.add(id, pod, { env })).toMatchObject({ status: 1, json: error });
    expect(plugin.del(id, pod.path, { env })).toMatchObject({ status: 0, stdout: '' });
    expect(pod.ask('link show')).toHaveLength(1);
    expect(left()).toEqual(before);
  },
);
