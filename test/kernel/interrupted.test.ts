import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  plugin = new Plugin(network.node);
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

function expectNothing(): void {
  expect(ipam.allocated()).toEqual([]);
  expect(network.node.ask('route show proto 82')).toEqual([]);
}

// From before the plugin reads its configuration, while it asks the network, until after it is done.
const moments = [
  ...Array.from({ length: 16 }, (_, index) => 4 + index),
  ...[30, 50, 70, 90],
  ...Array.from({ length: 16 }, (_, index) => 100 + 2 * index),
];

test('an ADD killed at any moment leaves nothing after its DEL', async () => {
  const statuses: (number | null)[] = [];
  for (const moment of moments) {
    const id = `k${moment}`;
    const pod = network.pod(id);
    statuses.push(await plugin.start({ command: 'ADD', id, netns: pod.path }, moment));
    expect(plugin.del(id, pod.path).status).toBe(0);
    expect(pod.ask('link show')).toHaveLength(1);
  }
  expect(statuses).toContain(null);
  expectNothing();
});

test('an ADD killed at any moment is done by the next ADD, or refused as done', async () => {
  for (const moment of moments) {
    const id = `n${moment}`;
    const pod = network.pod(id);
    await plugin.start({ command: 'ADD', id, netns: pod.path }, moment);
    // A runtime calls DEL between the two; without it a half-made interface is refused, never mended silently.
    const { status, json } = plugin.add(id, pod);
    expect(status === 0 || json.code === 101).toBe(true);
    expect(plugin.del(id, pod.path).status).toBe(0);
  }
  expectNothing();
});

test('an ADD whose result nobody takes leaves nothing: its runtime is dead, and may have forgotten the pod', async () => {
  const pod = network.pod('orphan');
  expect(await plugin.orphan({ command: 'ADD', id: 'orphan', netns: pod.path })).toBe(1);
  expect(pod.ask('link show')).toHaveLength(1);
  expectNothing();
});

test('of two ADDs of one attachment at once one wins, and its address stays', async () => {
  for (let round = 0; round < 8; round++) {
    const id = `t${round}`;
    const pod = network.pod(id);
    const call = { command: 'ADD', id, netns: pod.path };
    const statuses = await Promise.all([plugin.start(call), plugin.start(call)]);
    expect(statuses.toSorted()).toEqual([0, 1]);
    const [link] = pod.ask('-4 address show eth0');
    expect(ipam.allocated()).toEqual([link.addr_info[0].local]);
    expect(network.node.reaches(link.addr_info[0].local)).toBe(true);
    expect(plugin.del(id, pod.path).status).toBe(0);
  }
  expectNothing();
});

test('DEL and ADD of different pods cross without touching one another', async () => {
  const pods = Array.from({ length: 20 }, (_, index) => ({ id: `x${index}`, pod: network.pod(`x${index}`) }));
  const half = pods.slice(0, 10);
  await Promise.all(half.map(({ id, pod }) => plugin.start({ command: 'ADD', id, netns: pod.path })));
  const statuses = await Promise.all(
    pods.map(({ id, pod }, index) =>
      plugin.start({ command: index < 10 ? 'DEL' : 'ADD', id, netns: pod.path }),
    ),
  );
  expect(new Set(statuses)).toEqual(new Set([0]));
  expect(network.node.ask('route show proto 82')).toHaveLength(10);
  for (const { id, pod } of pods.slice(10)) {
    const [
      {
        addr_info: [{ local }],
      },
    ] = pod.ask('-4 address show eth0');
    expect(network.node.reaches(local)).toBe(true);
    plugin.del(id, pod.path);
  }
  expectNothing();
});
