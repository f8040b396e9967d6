import type { Host } from '../kernel/host.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ duplicateDetection: false, ipam: { timeoutMs: 10_000 } });
});
afterAll(() => stage?.close());

const rounds = process.env['REALIP_FAULTS'] === 'all' ? 200 : 24;

/** IPv4 addresses of the pod's interface, if it has one. */
function addressesOf(pod: Host): string[] {
  return pod
    .ask('-4 address show eth0')
    .flatMap(({ addr_info }) => addr_info.map(({ local }: { local: string }) => local));
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test(`${rounds} times ADD and DEL of one container cross: no address is free that a pod has, and DEL leaves nothing`, async () => {
  const { network, plugin, ipam } = stage;
  const outcomes = new Map<string, number>();
  const pod = network.pod('cross');
  const call = (command: string) => plugin.start({ command, id: 'cross', netns: pod.path });
  for (let round = 0; round < rounds; round++) {
    const lead = (round % 20) - 6;
    const adding = pause(Math.max(0, -lead)).then(() => call('ADD'));
    const deleting = pause(Math.max(0, lead)).then(() => call('DEL'));
    const [added, deleted] = await Promise.all([adding, deleting]);
    const held = addressesOf(pod);
    const outcome = `ADD ${added}, DEL ${deleted}, ${held.length === 0 ? 'gone' : 'there'}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const known = held.length === 0 ? [] : ipam.allocated();
    expect({ round, outcome, unknown: held.filter((ip) => !known.includes(ip)) }).toEqual({
      round,
      outcome,
      unknown: [],
    });
    expect(plugin.del('cross', pod.path).status).toBe(0);
    expect({ round, left: stage.leftovers(pod) }).toEqual({ round, left: [] });
  }
  console.log([...outcomes]);
  expect(ipam.holders()).toEqual([]);
}, 300_000);

test('a release that waited without a generation is told before the container is added again, and frees nothing new', () => {
  const { network, plugin, ipam } = stage;
  const pod = network.pod('again');
  const { status, json: prevResult } = plugin.add('again', pod);
  expect(status).toBe(0);
  // Without its interface DEL knows no generation.
  pod.ip('link delete eth0');
  const away = {
    prevResult,
    ipam: { ...(plugin.conf['ipam'] as object), server: 'http://127.0.0.1:1', timeoutMs: 300 },
  };
  expect(plugin.del('again', pod.path, { conf: away }).status).toBe(0);
  expect(ipam.holders()).toEqual(['again']);
  const again = plugin.add('again', pod);
  expect(again.status).toBe(0);
  for (let calls = 0; calls < 3; calls++) {
    plugin.del('another', '');
  }
  expect(ipam.holders()).toEqual(['again']);
  expect(network.node.reaches(again.json.ips[0].address.replace(/\/.*/, ''))).toBe(true);
  plugin.del('again', pod.path);
  expect(stage.leftovers(pod)).toEqual([]);
  expect(ipam.holders()).toEqual([]);
});
