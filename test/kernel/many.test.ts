import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

test('a hundred ADDs at once give a hundred addresses and one shim, a hundred DELs take all away', async () => {
  const network = new Network();
  let ipam: IpamServer | undefined;
  try {
    ipam = await IpamServer.start(network.node);
    ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
    const plugin = new Plugin(network.node, { ipam: { timeoutMs: 20_000 } });
    const pods = Array.from({ length: 100 }, (_, index) => network.pod(`p${index}`));
    const all = (command: string) =>
      Promise.all(pods.map((pod, index) => plugin.start({ command, id: `p${index}`, netns: pod.path })));

    expect(new Set(await all('ADD'))).toEqual(new Set([0]));
    expect(new Set(ipam.allocated()).size).toBe(100);
    expect(network.node.ask('route show proto 82')).toHaveLength(100);
    expect(network.node.ask('link show type macvlan')).toHaveLength(1);
    const addresses = pods.map((pod) => pod.ask('-4 address show eth0')[0].addr_info[0].local);
    expect([addresses[0], addresses[99]].map((ip) => network.node.reaches(ip))).toEqual([true, true]);

    expect(new Set(await all('DEL'))).toEqual(new Set([0]));
    expect(ipam.allocated()).toEqual([]);
    expect(network.node.ask('route show proto 82')).toEqual([]);
  } finally {
    await ipam?.stop();
    network.remove();
  }
});
