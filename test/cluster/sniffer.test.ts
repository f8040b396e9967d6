import { Host } from '../kernel/host.ts';
import { until } from '../server/until.ts';
import { Sniffer } from './sniffer.ts';

const address = '10.9.1.7';
/** The derived one, which all its holders have. */
const mac = '0a:58:0a:09:01:07';

let wire: Host;
const hosts: Host[] = [];
let sniffer: Sniffer | undefined;

beforeAll(() => {
  const prefix = `sniffed-${process.pid}`;
  wire = new Host(`${prefix}-switch`);
  wire.ip('link add lan type bridge');
  wire.ip('link set lan up');
  for (const name of ['mac-1', 'mac-2']) {
    const node = new Host(`${prefix}-${name}`);
    hosts.push(node);
    wire.ip(`link add ${name} type veth peer name eth0 netns ${node.name}`);
    wire.ip(`link set ${name} master lan up`);
    node.ip('link set eth0 up');
    const pod = new Host(`${prefix}-${name}-pod`);
    hosts.push(pod);
    node.ip(`link add link eth0 name m0 netns ${pod.name} type macvlan mode bridge`);
    pod.ip('link set m0 name eth0');
    pod.ip(`link set eth0 address ${mac}`);
    pod.ip('link set eth0 up');
  }
});

afterAll(async () => {
  await sniffer?.stop();
  for (const host of [...hosts, wire]) {
    host?.remove();
  }
});

test('an address that moves from node to node is told right, and one that two nodes have is told as double', async () => {
  const [, one, , two] = hosts as [Host, Host, Host, Host];
  const from = (port: string) => sniffer?.claims.filter((claim) => claim.port === port) ?? [];
  const take = (pod: Host) => {
    pod.ip(`address add ${address}/16 dev eth0`);
    pod.run('arping', ['-U', '-c', '1', '-w', '1', '-I', 'eth0', address]);
  };
  sniffer = await Sniffer.start(wire);
  take(one);
  await until(
    'the first holder is heard, and answers when it is asked',
    () => from('mac-1').length > 2,
    60_000,
  );
  // One who asks whether an address is free has it not.
  two.run('arping', ['-D', '-c', '1', '-w', '1', '-I', 'eth0', address]);
  one.ip('address flush dev eth0');
  take(two);
  await until('the second holder is heard', () => from('mac-2').length > 2, 60_000);
  expect(sniffer.doubles()).toEqual([]);
  expect(new Set(sniffer.claims.map((claim) => claim.mac))).toEqual(new Set([mac]));

  one.ip(`address add ${address}/16 dev eth0`);
  const before = from('mac-1').length;
  // It never says a word by itself.
  await until('the silent twin answers, too', () => from('mac-1').length > before + 1, 60_000);
  await until('the other answers after it', () => (sniffer?.doubles().length ?? 0) > 0, 60_000);
  expect(sniffer.doubles()[0]).toMatch(/^10\.9\.1\.7 was held at mac-[12] .* and at mac-[12] /);
});
