import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdTable } from './held-table.ts';
import { IpamServer, url } from './ipam.ts';
import { Network } from './network.ts';

const program = new URL('../../dist/realip', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'realip-preflight-'));
let network: Network;
let ipam: IpamServer;

beforeAll(async () => {
  network = new Network();
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
  expect(json.findings.map(({ id }: { id: string }) => id)).toEqual(['conf', 'master', 'macvlan', 'server']);
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
  network.other.ip('address add 10.9.0.1/16 dev eth0');
  const { json } = preflight({ master: 'eth0' });
  expect(json.findings.map(({ id }: { id: string }) => id)).toContain('foreign-mac');

  const { address } = network.node.ask('link show eth0')[0];
  network.switch.run('bridge', ['fdb', 'replace', address, 'dev', 'node', 'master', 'static']);
  network.switch.run('bridge', ['link', 'set', 'dev', 'node', 'locked', 'on', 'learning', 'off']);
  expect(faults(preflight({ master: 'eth0' }).json)).toEqual(['mac-filtered']);
  // A proxied pod has the node's MAC.
  expect(faults(preflight({ master: 'eth0', dataplane: 'ptp' }).json)).not.toContain('mac-filtered');
  network.switch.run('bridge', ['link', 'set', 'dev', 'node', 'locked', 'off', 'learning', 'on']);
  network.other.ip('address del 10.9.0.1/16 dev eth0');
  expect(network.node.ask('link show type macvlan')).toEqual([]);
});

test('it ends within five seconds, though a server that is silent would wait longer', () => {
  const silent = { type: 'realip-ipam', server: 'http://10.9.0.77:8080', timeoutMs: 60_000 };
  const started = Date.now();
  expect(faults(preflight({ master: 'eth0', ipam: silent }).json)).toEqual(['server-away']);
  expect(Date.now() - started).toBeLessThan(5_000);
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
