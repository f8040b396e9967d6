import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { type Outage, outages } from './far-server.ts';
import { removeLeftovers } from './leftovers.ts';
import { Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open({
    nodes: 2,
    dualStack: true,
    cooldownSeconds: 0,
    conf: { ipam: { timeoutMs: 2000 } },
  });
});
afterAll(() => site?.close());

test('pods of two nodes get addresses of a server on the LAN; ledger and kernel agree', async () => {
  const { node, secondNode } = site;
  const answers = [node.add('a'), secondNode.add('b')];
  expect(answers.map(addressesOf)).toEqual([
    ['10.9.1.0', 'fd00:9::1:1'],
    ['10.9.2.0', 'fd00:9::2:1'],
  ]);
  expect(site.other.reaches('10.9.1.0')).toBe(true);
  expect(await site.differences()).toEqual([]);
  node.del('a');
  secondNode.del('b');
  expect(await site.differences()).toEqual([]);
});

test('an allocation without a pod, a pod without an allocation and a route without a pod are told', async () => {
  const { node } = site;
  const [ip = ''] = addressesOf(node.add('gone'));
  node.add('unknown');
  await site.server.ask('DELETE', '/v1/allocations/real/unknown/eth0');
  node.sandbox('gone').host.ip('link delete eth0');
  expect(await site.differences()).toEqual([
    expect.stringMatching(/^gone: its interface has nothing, the ledger says 10\.9\.1\./),
    expect.stringMatching(/^unknown: its interface has 10\.9\.1\.\d+ .*, the ledger says nothing/),
    expect.stringContaining(`n1 has a route to ${ip}`),
    expect.stringContaining('n1 has a route to fd00:9::1:'),
  ]);
  node.del('gone');
  node.del('unknown');
  expect(await site.differences()).toEqual([]);
});

/** What a client on the node meets, by curl's exit status. */
const met: Record<Outage, number> = {
  killed: 7,
  rejecting: 7,
  'black-holed': 28,
  frozen: 28,
  unplugged: 28,
};

test.each(outages)(
  'a server that is %s gives no node an answer, and returns with its ledger',
  async (outage) => {
    const { node, server } = site;
    const curl = () => node.host.run('curl', ['-s', '-m', '3', `${server.url}/healthz`]).status;
    expect(curl()).toBe(0);
    await server.fail(outage);
    expect(curl()).toBe(met[outage]);
    const { status, json } = node.add('p');
    expect({ status, code: json.code }).toEqual({ status: 1, code: 11 });
    await server.recover();
    expect(curl()).toBe(0);
    expect(node.add('p').status).toBe(0);
    node.del('p');
    expect(await site.differences()).toEqual([]);
  },
);

test('what a killed test left behind goes with the next site; what a living one has stays', async () => {
  const dead = `rk${spawnSync('true').pid}-left`;
  spawnSync('ip', ['netns', 'add', dead]);
  const program = spawn('ip', ['netns', 'exec', dead, 'sleep', '60']);
  const ended = once(program, 'exit');
  const inside = () => spawnSync('ip', ['netns', 'pids', dead], { encoding: 'utf8' }).stdout;
  await until('the program is inside', () => inside() === `${program.pid}\n`);
  removeLeftovers();
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(existsSync(`/run/netns/${dead}`)).toBe(false);
  expect(existsSync(site.node.host.path)).toBe(true);
});
