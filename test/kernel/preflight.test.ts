import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import { holdTable } from './held-table.ts';
import type { Host } from './host.ts';
import { IpamServer, url } from './ipam.ts';
import { Network } from './network.ts';

const program = new URL('../../dist/realip', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'realip-preflight-'));
let network: Network;
let ipam: IpamServer;
let gateway: Host;

beforeAll(async () => {
  network = new Network();
  gateway = network.join('gateway', 1);
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
  rmSync(folder, { recursive: true });
});

function preflight(plugin: object, more: object = {}) {
  const file = join(folder, 'x.conflist');
  const ipamSection = { type: 'realip-ipam', server: url, node: 'n1' };
  const list = {
    cniVersion: '1.0.0',
    name: 'real',
    plugins: [{ type: 'realip', ipam: ipamSection, ...plugin }],
  };
  writeFileSync(file, JSON.stringify({ ...list, ...more }, null, 2));
  const run = network.node.run(program, ['preflight', '--conf', file, '-o', 'json']);
  return { ...run, json: JSON.parse(run.stdout) };
}

/** Ids of what isn't well. */
function faults(json: { findings: { id: string; level: string }[] }): string[] {
  return json.findings.filter(({ level }) => level !== 'ok').map(({ id }) => id);
}

test('a node that is fit is found fit, and nothing is left on it', () => {
  const links = network.node.ask('link show').length;
  const { status, json } = preflight({ master: 'eth0' });
  expect(json).toMatchObject({ ok: true });
  expect(faults(json)).toEqual([]);
  expect(status).toBe(0);
  expect(json.findings.map(({ id }: { id: string }) => id)).toEqual([
    ...['conf', 'master', 'macvlan', 'foreign-mac', 'server', 'cluster'],
  ]);
  expect(network.node.ask('link show')).toHaveLength(links);
});

test.each([
  [{ master: 'eth9' }, ['master-missing']],
  [{ master: 'eth0', mtu: 9000 }, ['mtu-too-large']],
  [{ master: 'eth0', hostRoutez: [] }, ['conf-unknown-key']],
  [{ master: 'eth0', ipam: { type: 'realip-ipam', server: 'http://127.0.0.1:1' } }, ['server-away']],
  [{ master: 'eth0', ipam: { type: 'realip-ipam', server: url, tokenFile: '/nowhere' } }, ['server-refuses']],
  [{ master: 'eth0', ipam: { type: 'realip-ipam', server: url, node: 'n9' } }, ['server-refuses']],
  [
    { master: 'eth0', ipam: { type: 'realip-ipam', server: url, node: 'n1', families: ['ipv6'] } },
    ['no-address-free'],
  ],
])('%j is found unfit', (plugin, ids) => {
  const { status, json } = preflight(plugin);
  expect(faults(json)).toEqual(ids);
  expect(json.ok).toBe(false);
  expect(status).toBe(1);
});

test.each(['macvlan', 'ptp'])('a kernel without VLANs is no place for one, on %s', (dataplane) => {
  const probe = network.node.run('ip', 'link add link eth0 name probe type vlan id 7'.split(' '));
  network.node.run('ip', ['link', 'delete', 'probe']);
  const links = network.node.ask('link show').length;
  const { json } = preflight({ master: 'eth0', vlan: 100, dataplane });
  const ids = faults(json).filter((id) => id !== 'forwarding-off');
  expect(ids).toEqual(probe.status === 0 ? [] : ['kernel-lacks-vlan']);
  expect(network.node.ask('link show')).toHaveLength(links);
});

test('a master that is down, or without carrier, or part of a bridge, is said to be', () => {
  network.node.ip('link add spare type veth peer name other');
  expect(faults(preflight({ master: 'spare' }).json)).toEqual(['master-down']);
  network.node.ip('link set spare up');
  expect(faults(preflight({ master: 'spare' }).json)).toEqual(['master-down']);
  network.node.ip('link set other up');
  expect(faults(preflight({ master: 'spare' }).json)).toEqual([]);
  network.node.ip('link add br0 type bridge');
  network.node.ip('link set spare master br0');
  expect(faults(preflight({ master: 'spare' }).json)).toEqual(['master-in-bridge']);
  network.node.ip('link delete br0');
  network.node.ip('link delete spare');
});

test('hostRoutes on a node that does not forward are warned of', () => {
  network.node.sysctl('net/ipv4/ip_forward', '0');
  const { status, json } = preflight({ master: 'eth0', hostRoutes: ['10.96.0.0/12'] });
  expect(faults(json)).toContain('forwarding-off');
  expect(status).toBe(0);
});

test('a kernel that takes no rule for services is told of, and nothing is made to find out', async () => {
  const conf = { master: 'eth0', hostRoutes: ['10.96.0.0/12'] };
  expect(faults(preflight(conf).json)).not.toContain('nat-refused');
  expect(network.node.run('nft', ['list', 'tables']).stdout).toBe('');
  const release = await holdTable(network.node);
  const found = preflight(conf);
  const without = preflight({ master: 'eth0' });
  await release();
  expect(faults(found.json)).toContain('nat-refused');
  expect(found.status).toBe(1);
  expect(faults(without.json)).not.toContain('nat-refused');
});

test('a host that has the node’s address too is found by its MAC', () => {
  network.other.ip('address add 10.9.0.11/16 dev eth0');
  const { json } = preflight({ master: 'eth0' });
  network.other.ip('address del 10.9.0.11/16 dev eth0');
  const found = json.findings.find(({ id }: { id: string }) => id === 'duplicate-address');
  expect(found.message).toContain(network.other.ask('link show eth0')[0].address);
  expect(found.message).toContain('10.9.0.11');
});

test('a network that drops foreign MACs is found, and one that does not is found well', () => {
  const { json } = preflight({ master: 'eth0' });
  expect(json.findings.map(({ id }: { id: string }) => id)).toContain('foreign-mac');

  const { address } = network.node.ask('link show eth0')[0];
  network.switch.run('bridge', ['fdb', 'replace', address, 'dev', 'node', 'master', 'static']);
  network.switch.run('bridge', ['link', 'set', 'dev', 'node', 'locked', 'on', 'learning', 'off']);
  expect(faults(preflight({ master: 'eth0' }).json)).toEqual(['mac-filtered']);
  // A proxied pod has the node's MAC.
  expect(faults(preflight({ master: 'eth0', dataplane: 'ptp' }).json)).not.toContain('mac-filtered');
  network.switch.run('bridge', ['link', 'set', 'dev', 'node', 'locked', 'off', 'learning', 'on']);
  expect(network.node.ask('link show type macvlan')).toEqual([]);
});

test('a gateway that does not answer is told of', () => {
  gateway.ip('link set eth0 down');
  const { json, status } = preflight({ master: 'eth0' });
  gateway.ip('link set eth0 up');
  expect(faults(json)).toEqual(['gateway-silent']);
  expect(status).toBe(0);
});

test('a switch that carries shorter packets than the master is found', () => {
  expect(faults(preflight({ master: 'eth0' }).json)).toEqual([]);
  // A bridge drops what is too long for a port, without a word.
  network.switch.ip('link set gateway mtu 1400');
  const { json } = preflight({ master: 'eth0' });
  const fitting = preflight({ master: 'eth0', mtu: 1400 });
  network.switch.ip('link set gateway mtu 1500');
  expect(faults(json)).toEqual(['mtu-path']);
  expect(json.findings.find(({ id }: { id: string }) => id === 'mtu-path').message).toContain('1500');
  expect(faults(fitting.json)).toEqual([]);
});

test('a gateway that answers no echo says nothing about lengths', () => {
  gateway.sysctl('net/ipv4/icmp_echo_ignore_all', '1');
  const { json } = preflight({ master: 'eth0' });
  gateway.sysctl('net/ipv4/icmp_echo_ignore_all', '0');
  expect(faults(json)).toEqual([]);
});

test('a node whose networking is not complete is told what is missing', () => {
  network.node.ip('route del default');
  expect(faults(preflight({}).json)).toEqual(['master-missing']);
  network.node.ip('address flush dev eth0 scope global');
  const { json, status } = preflight({ master: 'eth0' });
  network.node.ip('address add 10.9.0.11/16 dev eth0');
  network.node.ip('address add fd00:9::11/64 dev eth0 nodad');
  network.node.ip('route add default via 10.9.0.1');
  expect(faults(json)).toEqual(['network-incomplete']);
  expect(status).toBe(0);
  expect(faults(preflight({ master: 'eth0' }).json)).toEqual([]);
});

test('a strict rp_filter below proxied pods is told of where the default route is another’s', () => {
  network.node.sysctl('net/ipv4/ip_forward', '1');
  network.node.sysctl('net/ipv6/conf/all/forwarding', '1');
  network.node.ip('link add spare type veth peer name other');
  for (const name of ['spare', 'other']) {
    network.node.ip(`link set ${name} up`);
  }
  network.node.sysctl('net/ipv4/conf/spare/rp_filter', '1');
  const strict = preflight({ master: 'spare', dataplane: 'ptp' });
  network.node.sysctl('net/ipv4/conf/spare/rp_filter', '2');
  const loose = preflight({ master: 'spare', dataplane: 'ptp' });
  network.node.sysctl('net/ipv4/conf/spare/rp_filter', '1');
  const lan = preflight({ master: 'spare' });
  network.node.ip('link delete spare');
  expect(faults(strict.json)).toEqual(['rp-filter']);
  expect(faults(loose.json)).toEqual([]);
  expect(faults(lan.json)).toEqual([]);
});

test('a bridge below the pods whose frames the firewall sees is told of', () => {
  network.node.ip('link add br0 type bridge');
  network.node.ip('link add spare type veth peer name other');
  network.node.ip('link set spare master br0');
  for (const name of ['spare', 'other', 'br0']) {
    network.node.ip(`link set ${name} up`);
  }
  const isThere =
    network.node.run('test', ['-e', '/proc/sys/net/bridge/bridge-nf-call-iptables']).status === 0;
  const filter = (value: string) =>
    network.node.run('sh', ['-c', `echo ${value} | tee /proc/sys/net/bridge/bridge-nf-call-ip*tables`]);
  filter('1');
  const filtered = preflight({ master: 'br0' });
  filter('0');
  const plain = preflight({ master: 'br0' });
  network.node.ip('link delete br0');
  network.node.ip('link delete spare');
  expect(faults(filtered.json)).toEqual(isThere ? ['bridge-filter'] : []);
  expect(faults(plain.json)).toEqual([]);
});

test.each([
  [0, []],
  [60, ['clock-skew']],
  [-60, ['clock-skew']],
  [3600, ['clock-skew']],
])('a node whose clock is %i seconds away from the server’s', async (seconds, ids) => {
  const proxy = network.node.start(process.execPath, ['--input-type=module', '-e', wrongClock(seconds)]);
  await new Promise((resolve) => proxy.stdout?.once('data', resolve));
  const ipamSection = { type: 'realip-ipam', server: 'http://127.0.0.1:8090', node: 'n1' };
  const { json, status } = preflight({ master: 'eth0', ipam: ipamSection });
  proxy.kill('SIGKILL');
  await once(proxy, 'exit');
  expect(faults(json)).toEqual(ids);
  expect(status).toBe(Math.abs(seconds) > 300 ? 1 : 0);
});

/** The IPAM server, as it would be with another clock. */
function wrongClock(seconds: number): string {
  return `
import { createServer } from 'node:http';
createServer(async (request, answer) => {
  const { status, headers, body } = await fetch('${url}' + request.url, { headers: { authorization: request.headers.authorization ?? '' } });
  answer.writeHead(status, { 'content-type': headers.get('content-type') ?? '', date: new Date(Date.now() - ${seconds} * 1000).toUTCString() });
  answer.end(body && Buffer.from(await new Response(body).arrayBuffer()));
}).listen(8090, '127.0.0.1', () => console.log('up'));
`;
}

test('the node’s agent is asked for: away, it is a warning as long as servers are named', () => {
  const away = { type: 'realip-ipam', server: url, node: 'n1', agent: join(folder, 'nobody.sock') };
  expect(preflight({ master: 'eth0', ipam: away })).toMatchObject({ status: 0 });
  expect(faults(preflight({ master: 'eth0', ipam: away }).json)).toEqual(['agent-away']);
  const { server: _, ...alone } = away;
  expect(preflight({ master: 'eth0', ipam: alone }).status).toBe(1);
});

test('it ends within five seconds, though a server that is silent would wait longer', () => {
  const silent = { type: 'realip-ipam', server: 'http://10.9.0.77:8080', timeoutMs: 60_000 };
  const started = Date.now();
  expect(faults(preflight({ master: 'eth0', ipam: silent }).json)).toEqual(['server-away']);
  expect(Date.now() - started).toBeLessThan(5_000 * slowness());
});

test('for people it says the line and what was meant', () => {
  const file = join(folder, 'y.conflist');
  writeFileSync(
    file,
    '{\n "cniVersion": "1.0.0",\n "name": "real",\n "plugins": [{\n  "type": "realip",\n  "mastr": "eth0"\n }]\n}',
  );
  const { stdout, status } = network.node.run(program, ['preflight', '--conf', file]);
  expect(stdout).toContain(`${file}:6: unknown key "mastr"`);
  expect(stdout).toContain('Did you mean "master"?');
  expect(status).toBe(1);
});

test('without a configuration the node alone is judged', () => {
  const { stdout, status } = network.node.run(program, ['preflight', '-o', 'json']);
  expect(faults(JSON.parse(stdout))).toEqual(['conf-missing']);
  expect(status).toBe(0);
});
