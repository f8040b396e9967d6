import { Fields } from '../../core/cni/fields.ts';
import { readConfig, unknownKeys } from './config.ts';
import { configOf } from './testing/config.ts';

test('the defaults', () => {
  expect(configOf()).toMatchObject({
    dataplane: 'macvlan',
    mode: 'bridge',
    mac: 'derived',
    hostAccess: 'shim',
    hostRoutes: [],
    sysctl: [],
    ipam: { servers: ['http://10.9.0.5:8080'], timeoutMs: 3000, stateDir: '/var/lib/realip' },
  });
  expect(configOf({ mode: 'private' }).hostAccess).toBe('veth');
  expect(configOf({ mtu: 0 })).not.toHaveProperty('mtu');
});

test('the agent is where its socket is, and an ADD has eight seconds for its reserve', () => {
  expect(configOf({ ipam: { agent: '/run/a.sock' } }).ipam).toMatchObject({
    agent: '/run/a.sock',
    reserveWaitMs: 8000,
  });
});

test('server is one URL or several, without the slash at the end', () => {
  expect(configOf({ ipam: { server: ['https://a:1/', 'http://[fd00::1]:8080'] } }).ipam.servers).toEqual([
    'https://a:1',
    'http://[fd00::1]:8080',
  ]);
});

test('a call may last as long as one of several servers takes to lead in place of another, unless the conf says less', () => {
  const server = ['https://a:1', 'https://b:1'];
  expect(configOf({ ipam: { server } }).ipam.timeoutMs).toBe(8000);
  expect(configOf({ ipam: { server, timeoutMs: 2000 } }).ipam.timeoutMs).toBe(2000);
  expect(configOf({ ipam: { server: server.slice(0, 1) } }).ipam.timeoutMs).toBe(3000);
});

test.each([
  [{ dataplane: 'ipvlan' }, 'dataplane must be one of "macvlan", "ptp"'],
  [{ mode: 'Bridge' }, 'mode must be one of'],
  [{ mtu: '1500' }, 'mtu must be a whole number'],
  [{ mtu: 70_000 }, 'mtu must be a whole number'],
  [{ vlan: 4095 }, 'vlan must be'],
  [{ master: 'eth0/1' }, 'master: the interface name "eth0/1" holds'],
  [
    { hostRoutes: ['10.96.0.1/12'] },
    'hostRoutes[0]: "10.96.0.1/12" has host bits set; the prefix is 10.96.0.0/12',
  ],
  [{ duplicateDetection: 'yes' }, 'duplicateDetection must be true or false'],
  [{ sysctl: { 'kernel/panic': '1' } }, 'sysctl: "kernel/panic" is not below net/'],
  [{ sysctl: { 'net.ipv4.ip_forward': '1' } }, 'write "net/ipv4/ip_forward"'],
  [{ sysctl: { 'net/../kernel/panic': '1' } }, 'is no path below net/'],
  [{ sysctl: { 'net/ipv4/ip_forward': 1 } }, 'sysctl.net/ipv4/ip_forward must be a text'],
  [{ ipam: { server: 'localhost:8080' } }, 'ipam.server: "localhost:8080" is no URL'],
  [{ ipam: { server: 'https://a/path' } }, 'is no URL'],
  [{ ipam: { families: ['ip4'] } }, 'ipam.families[0]: "ip4" is no family'],
  [{ ipam: { agent: 'run/agent.sock' } }, 'ipam.agent: "run/agent.sock" is no path of a socket'],
  [{ ipam: { agent: `/${'x'.repeat(107)}` } }, 'is no path of a socket'],
  [{ ipam: { timeoutMs: 0 } }, 'ipam.timeoutMs must be'],
])('%j is refused by name', (conf, words) => {
  expect(() => configOf(conf)).toThrow(words);
});

test('a lenient reading takes what it can, and tells the rest', () => {
  const faults: string[] = [];
  const onFault = (message: string) => faults.push(message);
  const conf = {
    mode: 3,
    mtu: 'x',
    hostRoutes: ['10.0.0.0/8', 7],
    ipam: { server: 'http://a:1', timeoutMs: -1 },
  };
  const config = readConfig(new Fields(conf, onFault), '1.0.0', 'real', onFault);
  expect(config).toMatchObject({ mode: 'bridge', ipam: { servers: ['http://a:1'], timeoutMs: 3000 } });
  expect(config.hostRoutes.map(String)).toEqual(['10.0.0.0/8']);
  expect(faults).toHaveLength(4);
});

test('keys that mean nothing are found; those of runtimes are known', () => {
  const conf = {
    type: 'realip',
    capabilities: {},
    'cni.dev/attachments': [],
    mastr: 'eth0',
    ipam: { sever: 'x' },
  };
  expect(unknownKeys(new Fields(conf, () => undefined))).toEqual(['mastr', 'ipam.sever']);
});
