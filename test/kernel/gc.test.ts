import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Answer, Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let count = 0;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  plugin = new Plugin(network.node, { cniVersion: '1.1.0' });
});

afterEach(() => {
  gc(listing());
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

const gc = (conf: object, by = plugin): Answer => by.call({ command: 'GC', id: '', netns: '', conf });
const listing = (...ids: string[]) => ({
  'cni.dev/valid-attachments': ids.map((containerID) => ({ containerID, ifname: 'eth0' })),
});

function added(id: string, more: { conf?: object; args?: string } = {}) {
  const pod = network.pod(`${id}${++count}`);
  const { status, json } = plugin.add(id, pod, more);
  expect(status).toBe(0);
  return { pod, ip: json.ips[0].address.replace('/16', '') };
}

test('interface, host route and address of a container that the runtime forgot go, though its namespace lives', () => {
  const other = { conf: { name: 'other' } };
  const [gone, living, foreign] = [added('a'), added('b'), added('c', other)];
  expect(gc(listing('b'))).toMatchObject({ status: 0, stdout: '' });
  expect(gone.pod.ask('link show')).toHaveLength(1);
  expect(ipam.allocated().toSorted()).toEqual([living.ip, foreign.ip].toSorted());
  expect(network.node.ask('route show proto 82')).toHaveLength(2);
  for (const { pod, ip } of [living, foreign]) {
    expect(pod.ask('link show eth0')).toHaveLength(1);
    expect(network.node.reaches(ip)).toBe(true);
  }
  plugin.del('c', foreign.pod.path, other);
});

test('without a list nothing goes, with an empty one all of the network does, by either key', () => {
  const { pod } = added('a');
  for (const conf of [{}, { 'cni.dev/valid-attachments': null }]) {
    expect(gc(conf)).toMatchObject({ status: 0, stdout: '' });
    expect(pod.ask('link show eth0')).toHaveLength(1);
  }
  expect(gc({ ...listing(), 'cni.dev/attachments': [{ containerID: 'a', ifname: 'eth0' }] }).status).toBe(0);
  expect(pod.ask('link show eth0')).toHaveLength(1);
  expect(gc({ 'cni.dev/attachments': [] }).status).toBe(0);
  expect(pod.ask('link show')).toHaveLength(1);
  expect(ipam.allocated()).toEqual([]);
});

test('a namespace that only a process holds is looked into too', async () => {
  const child = spawn('unshare', ['--net', 'sleep', '60'], { stdio: 'ignore' });
  try {
    const own = () => spawnSync('readlink', [`/proc/${child.pid}/ns/net`], { encoding: 'utf8' }).stdout;
    const home = spawnSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).stdout;
    while (own() === home) {
      await new Promise(setImmediate);
    }
    const links = () =>
      spawnSync('nsenter', ['-t', `${child.pid}`, '-n', 'ip', '-o', 'link']).stdout.toString();
    const call = { command: 'ADD', id: 'held', netns: `/proc/${child.pid}/ns/net` };
    expect(plugin.call(call).status).toBe(0);
    expect(links()).toContain('eth0');
    expect(gc(listing()).status).toBe(0);
    expect(links()).not.toContain('eth0');
    expect(ipam.allocated()).toEqual([]);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
});

test('a link that the ledger has forgotten goes, and the host’s way to whoever has its address now stays', () => {
  const old = added('a');
  ipam.forget('a');
  // Otherwise the plugin would ask the network first, and the link that was left answers.
  const conf = { duplicateDetection: false };
  const next = added('b', { args: `IP=${old.ip};MAC=02:00:00:00:00:02`, conf });
  expect(next.ip).toBe(old.ip);
  expect(gc(listing('b'))).toMatchObject({ status: 0, stdout: '' });
  expect(old.pod.ask('link show')).toHaveLength(1);
  expect(ipam.allocated()).toEqual([next.ip]);
  expect(network.node.reaches(next.ip)).toBe(true);
});

test('a record without a link goes', () => {
  added('a').pod.remove();
  expect(gc(listing()).status).toBe(0);
  expect(ipam.allocated()).toEqual([]);
  expect(network.node.ask('route show proto 82')).toEqual([]);
});

test.each([
  ['behind their node', { dataplane: 'ptp' }],
  ['with a pair to their host', { mode: 'private', hostAccess: 'veth' }],
])('of pods %s nothing stays either', (_, conf) => {
  const links = () => network.node.ask('link show').map(({ ifname }) => ifname);
  const before = links();
  const [gone, kept] = [added('a', { conf }), added('b', { conf })];
  expect(gc({ ...conf, ...listing('b') })).toMatchObject({ status: 0, stdout: '' });
  expect(gone.pod.ask('link show')).toHaveLength(1);
  expect(network.node.ask(`route show ${gone.ip}`)).toEqual([]);
  expect(network.node.ask('neigh show proxy').map(({ dst }) => dst)).not.toContain(gone.ip);
  expect(ipam.allocated()).toEqual([kept.ip]);
  expect(network.node.reaches(kept.ip)).toBe(true);
  expect(network.other.reaches(kept.ip)).toBe(true);

  expect(gc({ ...conf, ...listing() }).status).toBe(0);
  expect(kept.pod.ask('link show')).toHaveLength(1);
  expect(links()).toEqual(before);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(network.node.ask('neigh show proxy')).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
});

test('an interface goes that was left by an ADD which was killed while it asked the network', () => {
  const { pod } = added('a');
  // What such an ADD leaves: no address yet, and an alias without generation.
  pod.ip('address flush dev eth0');
  pod.run('ip', ['link', 'set', 'eth0', 'alias', 'realip draft a real']);
  expect(gc(listing()).status).toBe(0);
  expect(pod.ask('link show')).toHaveLength(1);
  expect(ipam.allocated()).toEqual([]);
  expect(network.node.ask('route show proto 82')).toEqual([]);
});

test('another node of this machine keeps its pods, though its network has the same name', async () => {
  const far = new Network();
  let server: IpamServer | undefined;
  try {
    server = await IpamServer.start(far.node);
    server.prepare({ start: '10.9.2.0', end: '10.9.2.255' });
    const pod = far.pod('far');
    expect(new Plugin(far.node).add('far', pod).status).toBe(0);
    const { pod: gone } = added('a');
    expect(gc(listing()).status).toBe(0);
    expect(gone.ask('link show')).toHaveLength(1);
    expect(pod.ask('link show eth0')).toHaveLength(1);
    expect(server.allocated()).toHaveLength(1);
  } finally {
    await server?.stop();
    far.remove();
  }
});

test('with the server away links go, addresses wait in the journal, and the failure is told at the end', () => {
  const pods = ['a', 'b'].map((id) => added(id).pod);
  const { stateDir } = plugin.conf['ipam'] as { stateDir: string };
  const away = { ipam: { ...(plugin.conf['ipam'] as object), server: 'http://127.0.0.1:1' } };
  const answer = gc({ ...away, ...listing() });
  expect(answer).toMatchObject({
    status: 1,
    json: { code: 105, msg: expect.stringContaining('127.0.0.1:1') },
  });
  expect(pods.map((pod) => pod.ask('link show').length)).toEqual([1, 1]);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(readFileSync(`${stateDir}/journal`, 'utf8').trim().split('\n')).toHaveLength(2);
  expect(ipam.allocated()).toHaveLength(2);
  expect(gc(listing()).status).toBe(0);
  expect(ipam.allocated()).toEqual([]);
});

test.each([
  [{ containerID: 'm' }],
  [{ containerId: 'm', ifname: 'eth0' }],
  [{ containerID: 'm', ifname: '' }],
])('GC with an attachment that it can’t read, %j, frees nothing', (attachment) => {
  added('m');
  const before = ipam.allocated();
  expect(gc({ 'cni.dev/valid-attachments': [attachment] }).json).toMatchObject({ code: 7 });
  expect(ipam.allocated()).toEqual(before);
});
