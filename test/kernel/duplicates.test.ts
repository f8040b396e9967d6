import { once } from 'node:events';
import { Capture } from './capture.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

const mostTaken = 5;
/** Asks for an address again and again, as a host's own duplicate detection, or as one that looks for another. */
const arpLoop = `
import socket, sys, time
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(('eth0', 0x0806))
mac = out.getsockname()[4]
sender, target = map(socket.inet_aton, sys.argv[1:])
frame = b'\\xff' * 6 + mac + bytes.fromhex('0806000108000604' + '0001') + mac + sender + bytes(6) + target
print('ready', flush=True)
while True:
    out.send(frame)
    time.sleep(0.01)
`;

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let rogue: Host;
let rogueMac: string;

// The ledger gives addresses in order, and a quarantined one to nobody: each test has its own ledger and rogue.
beforeEach(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.8', end: '10.9.1.99' });
  plugin = new Plugin(network.node);
  rogue = network.join('rogue', 66);
  rogueMac = rogue.ask('link show eth0')[0].address;
});

afterEach(async () => {
  await ipam?.stop();
  network?.remove();
});

const bare = (address: string) => address.replace(/\/.*/, '');
const addressesOf = (json: { ips: { address: string }[] }) => json.ips.map(({ address }) => bare(address));
const given = (number: number) => `10.9.1.${8 + number}`;

/** All that a namespace's addresses ever were while something was done. */
async function addressHistory(host: Host, act: () => void): Promise<string> {
  const monitor = host.start('ip', ['monitor', 'address', 'link']);
  let told = '';
  monitor.stdout?.on('data', (data) => {
    told += data;
  });
  // It hears of everything that it asks for once it has told of something.
  while (!told.includes('warm-up')) {
    host.ip('link add warm-up type bridge');
    host.ip('link delete warm-up');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  act();
  host.ip('link add finish type bridge');
  while (!told.includes('finish')) {
    await once(monitor.stdout ?? monitor, 'data');
  }
  host.ip('link delete finish');
  const ended = once(monitor, 'exit');
  monitor.kill();
  await ended;
  return told;
}

test('a pod never has the address of a host on the network, and gets the next one in the same ADD', async () => {
  rogue.ip(`address add ${given(0)}/16 dev eth0`);
  // The rogue learns from all that it hears: were it told a MAC for its own address, it would complain or give in.
  rogue.sysctl('net/ipv4/conf/eth0/arp_accept', '1');
  const pod = network.pod('a');
  const frames = await Capture.start(network.switch, 'lan', 'arp');
  let json: { ips: { address: string }[] } = { ips: [] };
  const history = await addressHistory(pod, () => {
    json = plugin.add('a', pod).json;
  });
  const lines = await frames.stop();
  expect(addressesOf(json)).toEqual([given(1)]);
  expect(history).toContain(given(1));
  expect(history).not.toContain(`${given(0)}/`);
  // Whoever spoke from the taken address was the rogue.
  const from = lines.filter(
    (line) => line.includes(`tell ${given(0)},`) || line.includes(`Reply ${given(0)} is-at`),
  );
  expect(from.length).toBeGreaterThan(0);
  expect(from.filter((line) => !line.startsWith(rogueMac))).toEqual([]);
  expect(rogue.neighbour(given(0))).toBeUndefined();
  expect(network.other.reaches(given(0))).toBe(true);
  expect(network.other.neighbour(given(0))).toBe(rogueMac);
  expect(network.other.reaches(given(1))).toBe(true);
});

test('the ledger has the taken address in quarantine, and tells the MAC', () => {
  rogue.ip(`address add ${given(0)}/16 dev eth0`);
  plugin.add('a', network.pod('a'));
  expect(ipam.address(given(0))).toMatchObject({
    state: 'quarantined',
    why: expect.stringContaining(rogueMac),
  });
  expect(ipam.allocated()).toEqual([given(1)]);
  rogue.ip(`address delete ${given(0)}/16 dev eth0`);
  expect(addressesOf(plugin.add('b', network.pod('b')).json)).toEqual([given(2)]);
});

test('DEL frees what ADD gave in the end', () => {
  rogue.ip(`address add ${given(0)}/16 dev eth0`);
  const pod = network.pod('a');
  plugin.add('a', pod);
  expect(plugin.del('a', pod.path).status).toBe(0);
  expect(ipam.allocated()).toEqual([]);
  expect(ipam.address(given(0)).state).toBe('quarantined');
  expect(network.node.ask('route show proto 82')).toEqual([]);
});

test('an IPv6 address of a host on the network is found too, and both families get others', () => {
  ipam.prepareIpv6();
  rogue.ip('address add fd00:9::1:1/64 dev eth0 nodad');
  const pod = network.pod('a');
  const { status, json } = plugin.add('a', pod);
  expect(status).toBe(0);
  expect(addressesOf(json)).toContain('fd00:9::1:2');
  expect(ipam.address('fd00:9::1:1')).toMatchObject({
    state: 'quarantined',
    why: expect.stringContaining(rogueMac),
  });
  expect(network.other.reaches('fd00:9::1:2')).toBe(true);
});

test('both families taken at once are both reported', () => {
  ipam.prepareIpv6();
  rogue.ip('address add fd00:9::1:1/64 dev eth0 nodad');
  rogue.ip(`address add ${given(0)}/16 dev eth0`);
  const { json } = plugin.add('a', network.pod('a'));
  for (const ip of [given(0), 'fd00:9::1:1']) {
    expect(ipam.address(ip).state).toBe('quarantined');
    expect(addressesOf(json)).not.toContain(ip);
  }
});

test('a host that is about to take the address, and probes for it too, is a conflict; one that merely asks is none', async () => {
  const asking = async (sender: string, ip: string) => {
    const asker = rogue.start('python3', ['-c', arpLoop, sender, ip]);
    await once(asker.stdout ?? asker, 'data');
    return asker;
  };
  const askers = [await asking('0.0.0.0', given(0)), await asking('10.9.0.66', given(1))];
  const { json } = plugin.add('a', network.pod('a'));
  for (const asker of askers) {
    asker.kill();
  }
  expect(addressesOf(json)).toEqual([given(1)]);
  expect(ipam.address(given(0))).toMatchObject({
    state: 'quarantined',
    why: expect.stringContaining(rogueMac),
  });
});

test('five taken addresses in a row are no failure', () => {
  for (let number = 0; number < mostTaken; number++) {
    rogue.ip(`address add ${given(number)}/16 dev eth0`);
  }
  expect(addressesOf(plugin.add('a', network.pod('a')).json)).toEqual([given(mostTaken)]);
});

test('more than five are: code 11 names them all with the MAC, and nothing is left', () => {
  for (let number = 0; number < 2 * mostTaken; number++) {
    rogue.ip(`address add ${given(number)}/16 dev eth0`);
  }
  const pod = network.pod('a');
  const { status, json } = plugin.add('a', pod);
  expect(status).toBe(1);
  expect(json.code).toBe(11);
  for (let number = 0; number <= mostTaken; number++) {
    expect(json.msg).toContain(`${given(number)} is used by ${rogueMac}`);
  }
  expectNothing(pod);
  // What the runtime tries again begins behind them.
  expect(addressesOf(plugin.add('a', pod).json ?? { ips: [] })).toEqual([given(2 * mostTaken)]);
});

test('a range of which each address is taken: code 11 names them, and nothing is left', () => {
  ipam.put('/v1/ranges/lan-n1', { subnet: 'lan', node: 'n1', start: given(0), end: given(2) });
  for (let number = 0; number <= 2; number++) {
    rogue.ip(`address add ${given(number)}/16 dev eth0`);
  }
  const pod = network.pod('a');
  const { json } = plugin.add('a', pod);
  expect(json.code).toBe(11);
  expect(json.msg).toContain('RANGE_EXHAUSTED');
  for (let number = 0; number <= 2; number++) {
    expect(json.msg).toContain(`${given(number)} is used by ${rogueMac}`);
  }
  expectNothing(pod);
});

test('an address that the runtime asks for is not replaced: code 110 names the MAC', () => {
  rogue.ip('address add 10.9.1.50/16 dev eth0');
  const pod = network.pod('a');
  const { json } = plugin.add('a', pod, { args: 'IP=10.9.1.50' });
  expect(json.code).toBe(110);
  expect(json.msg).toContain(`10.9.1.50 is used by ${rogueMac}`);
  expectNothing(pod);
  expect(ipam.address('10.9.1.50').state).toBe('quarantined');
});

test('with duplicateDetection off the taken address is given: nobody was asked', () => {
  rogue.ip(`address add ${given(0)}/16 dev eth0`);
  const { json } = plugin.add('a', network.pod('a'), { conf: { duplicateDetection: false } });
  expect(addressesOf(json)).toEqual([given(0)]);
});

test('a server that is gone when the conflict is to be told: code 11, and nothing is left', async () => {
  const proxy = await CuttingProxy.start(network.node, /:conflict$/);
  try {
    rogue.ip(`address add ${given(0)}/16 dev eth0`);
    const conf = { ipam: { ...(plugin.conf['ipam'] as object), server: proxy.url } };
    const pod = network.pod('a');
    const { status, json } = plugin.add('a', pod, { conf });
    expect(status).toBe(1);
    expect(json.code).toBe(11);
    expect(pod.ask('link show').map((link) => link.ifname)).toEqual(['lo']);
    // The release waited in the journal: by now no server would be asked again.
    expect(plugin.del('a', pod.path).status).toBe(0);
    expectNothing(pod);
  } finally {
    await proxy.stop();
  }
});

/** No trace in pod, host and ledger. */
function expectNothing(pod: Host): void {
  expect(pod.ask('link show').map((link) => link.ifname)).toEqual(['lo']);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
}
