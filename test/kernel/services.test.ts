import { answersOf, Echo, echoPort } from './echo.ts';
import { holdTable } from './held-table.ts';
import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Answer, Plugin } from './plugin.ts';

type Family = 'ipv4' | 'ipv6';
const families: Family[] = ['ipv4', 'ipv6'];
const nodeIp = { ipv4: '10.9.0.11', ipv6: 'fd00:9::11' };
const otherIp = { ipv4: '10.9.0.99', ipv6: 'fd00:9::99' };
/** Who a pod sees in the place of another one of its node. */
const caller = { ipv4: '169.254.1.1', ipv6: 'fd1b:64c7:5258::1' };
const ofPodB = { ipv4: '10.96.0.1', ipv6: 'fd10:96::1' };
const ofOther = { ipv4: '10.96.0.2', ipv6: 'fd10:96::2' };
const ofItself = { ipv4: '10.96.0.3', ipv6: 'fd10:96::3' };
const ofNode = { ipv4: '10.96.0.4', ipv6: 'fd10:96::4' };
const ofVeth = { ipv4: '10.96.0.5', ipv6: 'fd10:96::5' };
let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let a: Host;
/** A pod that the shim can't reach: in mode private, with a pair to its host. */
let veth: Host;
let ipOfVeth: Record<Family, string>;
let ipOfA: Record<Family, string>;
let ipOfB: Record<Family, string>;
const echoes: Echo[] = [];

function ipOf({ json }: Answer): Record<Family, string> {
  const [ipv4, ipv6] = json.ips.map(({ address }: { address: string }) => address.replace(/\/.*/, ''));
  return { ipv4, ipv6 };
}

beforeAll(async () => {
  network = new Network();
  const { node } = network;
  node.sysctl('net/ipv4/ip_forward', '1');
  node.sysctl('net/ipv6/conf/all/forwarding', '1');
  // The kernel’s masquerade takes the first address of the host that it finds, or the nearest to the pod’s, where the
  // way out has none.
  node.ip('address add 10.200.0.1/32 dev lo');
  node.ip('address add fd00:9::1:ff/128 dev lo');
  ipam = await IpamServer.start(node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  ipam.prepareIpv6();
  plugin = new Plugin(node, { hostRoutes: ['10.96.0.0/12', 'fd10:96::/112'] });
  a = network.pod('a');
  const b = network.pod('b');
  ipOfA = ipOf(plugin.add('a', a));
  ipOfB = ipOf(plugin.add('b', b));
  veth = network.pod('veth');
  ipOfVeth = ipOf(plugin.add('veth', veth, { conf: { mode: 'private' } }));
  const servers = Object.entries({ a, b, veth, other: network.other, node });
  echoes.push(...(await Promise.all(servers.map(([name, host]) => Echo.start(host, name)))));
});

afterAll(async () => {
  await Promise.all(echoes.map((echo) => echo.stop()));
  await ipam?.stop();
  network?.remove();
});

/** nftables as `nft` shows it, with or without our own table. */
function ruleset(isWhole = false): string {
  const { stdout } = network.node.run('nft', ['list', 'ruleset']);
  return isWhole ? stdout : stdout.replace(/^table inet realip \{.*?^\}\n/ms, '');
}

const backends = (family: Family) => [
  [ofPodB[family], ipOfB[family]],
  [ofOther[family], otherIp[family]],
  [ofItself[family], ipOfA[family]],
  [ofNode[family], nodeIp[family]],
  [ofVeth[family], ipOfVeth[family]],
];

/** The node's end of the pair to `veth`. */
function hostEnd(): string {
  return network.node.ask('link show type veth').find(({ ifname }) => ifname.startsWith('realipv')).ifname;
}

/** As kube-proxy does, without its masquerade. */
const translations = {
  iptables(node: Host) {
    const command = { ipv4: 'iptables', ipv6: 'ip6tables' };
    for (const family of families) {
      for (const [service, backend] of backends(family)) {
        for (const protocol of ['tcp', 'udp']) {
          const match = `-t nat -A PREROUTING -d ${service} -p ${protocol} --dport 80`;
          const rule = `${match} -j DNAT --to ${at(backend)}`;
          expect(node.run(command[family], rule.split(' '))).toMatchObject({ status: 0 });
        }
      }
    }
  },
  nftables(node: Host) {
    for (const family of families) {
      const protocol = { ipv4: 'ip', ipv6: 'ip6' }[family];
      const rules = backends(family).map(
        ([service, backend]) =>
          `${protocol} daddr ${service} meta l4proto { tcp, udp } th dport 80 dnat to ${at(backend)}`,
      );
      const chain = `type nat hook prerouting priority dstnat\n${rules.join('\n')}`;
      const table = `table ${protocol} services {\nchain pre {\n${chain}\n}\n}\n`;
      expect(node.run('nft', ['-f', '-'], table)).toMatchObject({ status: 0 });
    }
  },
};

function at(backend = ''): string {
  return `${backend.includes(':') ? `[${backend}]` : backend}:${echoPort}`;
}

describe.each(['iptables', 'nftables'] as const)('a ClusterIP that %s translates', (translation) => {
  beforeAll(() => translations[translation](network.node));
  afterAll(() => {
    for (const protocol of ['ip', 'ip6']) {
      const table = translation === 'iptables' ? 'nat' : 'services';
      network.node.run('nft', ['delete', 'table', protocol, table]);
    }
  });

  test.each(['1', '0'])('answers a pod over TCP and UDP, with rp_filter %s', (filter) => {
    for (const device of ['all', 'eth0', network.node.ask('link show type macvlan')[0].ifname, hostEnd()]) {
      network.node.sysctl(`net/ipv4/conf/${device}/rp_filter`, filter);
    }
    for (const [pod, ip] of [
      [a, ipOfA],
      [veth, ipOfVeth],
    ] as const) {
      const expected = families.flatMap((family) => [
        [ofPodB[family], `b ${caller[family]}`],
        [ofOther[family], `other ${nodeIp[family]}`],
        [ofItself[family], `a ${caller[family]}`],
        [ofVeth[family], `veth ${caller[family]}`],
        // Who is on the node itself sees the pod.
        [ofNode[family], `node ${ip[family]}`],
      ]);
      const services = expected.map(([service = '']) => service);
      expect(answersOf(pod, services)).toEqual(
        Object.fromEntries(
          expected.flatMap(([service, answer]) => [
            [`tcp ${service}`, answer],
            [`udp ${service}`, answer],
          ]),
        ),
      );
    }
  });

  test('the rules of others stay as they are', () => {
    network.node.run('nft', ['delete', 'table', 'inet', 'realip']);
    const before = ruleset();
    const pod = network.pod(`rules-${translation}`);
    plugin.add(`rules-${translation}`, pod);
    expect(ruleset(true)).toContain('table inet realip');
    expect(ruleset()).toBe(before);
  });
});

test('rules that a firewall’s restart took away are named by CHECK, and made again by the next ADD', () => {
  const pod = network.pod('flushed');
  const { json: result } = plugin.add('flushed', pod);
  const made = ruleset(true);
  network.node.run('nft', ['flush', 'ruleset']);
  expect(plugin.check('flushed', pod, result).json.msg).toContain('rules that lead translated connections');
  plugin.add('next', network.pod('next'));
  expect(ruleset(true)).toBe(made);
  network.node.run('nft', ['flush', 'chain', 'inet', 'realip', 'postrouting']);
  plugin.add('next2', network.pod('next2'));
  expect(ruleset(true)).toBe(made);
  expect(plugin.check('flushed', pod, result)).toMatchObject({ status: 0 });
});

test('many ADDs at once make one table', async () => {
  network.node.run('nft', ['flush', 'ruleset']);
  // A busy machine may hold up the server; that isn't what this is about.
  const conf = { ipam: { ...(plugin.conf['ipam'] as object), timeoutMs: 20_000 } };
  const calls = Array.from({ length: 16 }, (_, index) => {
    const id = `many${index}`;
    return plugin.start({ command: 'ADD', id, netns: network.pod(id).path, conf });
  });
  expect(new Set(await Promise.all(calls))).toEqual(new Set([0]));
  expect(ruleset(true).match(/comment/g)).toHaveLength(3);
});

test('without hostRoutes the node’s netfilter is left alone', () => {
  network.node.run('nft', ['flush', 'ruleset']);
  plugin.add('bare', network.pod('bare'), { conf: { hostRoutes: [] } });
  expect(ruleset(true)).toBe('');
});

test('an ADD with hostRoutes fails where the rules can’t be made, and leaves nothing', async () => {
  network.node.run('nft', ['flush', 'ruleset']);
  const release = await holdTable(network.node);
  const pod = network.pod('owned');
  const routes = network.node.ask('route show proto 82').length;
  const { status, json } = plugin.add('owned', pod);
  await release();
  expect({ status, json }).toMatchObject({ status: 1, json: { code: 106 } });
  expect(pod.ask('link show')).toHaveLength(1);
  expect(network.node.ask('route show proto 82')).toHaveLength(routes);
});

test('a node that forwards nothing is warned of', () => {
  network.node.sysctl('net/ipv4/ip_forward', '0');
  const { status, stderr } = plugin.add('still', network.pod('still'));
  network.node.sysctl('net/ipv4/ip_forward', '1');
  expect(status).toBe(0);
  expect(stderr).toContain('net/ipv4/ip_forward is not 1');
  expect(plugin.add('moving', network.pod('moving')).stderr).toBe('');
});
