import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Answer, Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let count = 0;

beforeAll(async () => {
  network = new Network();
  network.node.sysctl('net/ipv4/conf/all/rp_filter', '1');
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  ipam.prepareIpv6();
  plugin = new Plugin(network.node);
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

interface Added {
  readonly id: string;
  readonly pod: Host;
  readonly answer: Answer;
  readonly ips: string[];
}

function added(conf: object = {}): Added {
  const id = `p${++count}`;
  const pod = network.pod(id);
  const answer = plugin.add(id, pod, { conf });
  expect(answer.status).toBe(0);
  const ips = answer.json.ips.map(({ address }: { address: string }) => address.replace(/\/.*/, ''));
  return { id, pod, answer, ips };
}

const shimOf = () => network.node.ask('link show type macvlan')[0];

/** kubelet's HTTP probe asks so; the answer is larger than any window, so that full packets are sent. */
function download(from: Host, ip: string): string {
  const host = ip.includes(':') ? `[${ip}]` : ip;
  return from.run('curl', [
    '-sS',
    '--max-time',
    '5',
    '-o',
    '/dev/null',
    '-w',
    '%{size_download}',
    `http://${host}:8000/`,
  ]).stdout;
}

test.each([1500, 1300])('a large answer comes whole from a pod with MTU %i', async (mtu) => {
  const { pod, ips } = added({ mtu });
  const server = `require('http').createServer((_, answer) => answer.end(Buffer.alloc(4_000_000))).listen(8000, '::', () => console.log('ready'))`;
  const child = pod.start(process.execPath, ['-e', server]);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  for (const ip of ips) {
    expect(download(network.node, ip)).toBe('4000000');
    expect(network.node.run('ping', ['-n', '-c', '1', '-W', '2', '-s', '1450', ip]).status).toBe(0);
  }
  child.kill('SIGKILL');
});

const losses: [string, () => void][] = [
  ['the shim was deleted', () => network.node.ip(`link delete ${shimOf().ifname}`)],
  ['the shim was put down', () => network.node.ip(`link set ${shimOf().ifname} down`)],
  [
    'the node’s address was taken away for a while',
    () => {
      network.node.ip('address delete 10.9.0.11/16 dev eth0');
      network.node.ip('address add 10.9.0.11/16 dev eth0');
    },
  ],
];

test.each(losses)('the next ADD leads the host to all its living pods again after %s', (_, lose) => {
  const [first, second, shut] = [added(), added({ mtu: 1300 }), added({ hostAccess: 'none' })];
  const gone = added();
  plugin.del(gone.id, gone.pod.path);
  lose();
  expect(network.node.ask(`route show ${first.ips[0]}`)).toEqual([]);
  expect(plugin.check(first.id, first.pod, first.answer.json).json.code).toBe(104);
  added();
  for (const { id, pod, answer, ips } of [first, second]) {
    for (const ip of ips) {
      expect(network.node.reaches(ip)).toBe(true);
    }
    const conf = id === second.id ? { mtu: 1300 } : {};
    expect(plugin.check(id, pod, answer.json, conf)).toMatchObject({ status: 0 });
  }
  for (const ip of [...shut.ips, ...gone.ips]) {
    expect(network.node.ask(`route show ${ip}`)).toEqual([]);
  }
});

test('when the node’s address is another for good, new pods have it, and CHECK names what old ones lack', () => {
  const { id, pod, answer, ips } = added();
  network.node.ip('address delete 10.9.0.11/16 dev eth0');
  network.node.ip('address add 10.9.0.12/16 dev eth0');
  const young = added();
  expect(network.node.reaches(young.ips[0] ?? '')).toBe(true);
  expect(young.pod.reaches('10.9.0.12')).toBe(true);
  expect(network.node.ask(`route get ${ips[0]}`)).toMatchObject([
    { dev: shimOf().ifname, prefsrc: '10.9.0.12' },
  ]);
  expect(plugin.check(id, pod, answer.json).json.msg).toContain('route to 10.9.0.12/32 via 169.254.1.1');
});
