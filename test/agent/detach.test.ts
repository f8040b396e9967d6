import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';
import type { Answer } from '../kernel/plugin.ts';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site } from './site.ts';

let site: Site;

beforeEach(async () => {
  site = await Site.open({ cooldownSeconds: 0 });
});
afterEach(() => site?.close());

const links = (id: string) =>
  site.node
    .sandbox(id)
    .host.ask('link show')
    .map(({ ifname }) => ifname);
const stateOf = async (ip: string) => (await site.server.ask('GET', `/v1/addresses/${ip}`)).state;

/** DEL as `node.del` does it, and what is in the pod at once afterwards: its namespace stays. */
function del(id: string) {
  const { node } = site;
  const { host, result } = node.sandbox(id);
  const began = performance.now();
  const answer = node.plugin.del(id, host.path, { conf: { prevResult: result ?? {} } });
  return { ...answer, milliseconds: performance.now() - began, left: links(id) };
}

test('DEL returns when the link is gone, and the release follows', async () => {
  const { node } = site;
  await node.startAgent();
  await node.reserveReady(4);
  for (let round = 0; round < 5; round++) {
    const [ip = ''] = addressesOf(node.add(`p${round}`));
    await until('it is recorded', async () => (await stateOf(ip)) === 'allocated');
    expect(del(`p${round}`)).toMatchObject({ status: 0, stdout: '', stderr: '', left: ['lo'] });
    await until('it is released', async () => (await stateOf(ip)) !== 'allocated');
  }
  // Once more is no error, nor is a pod that never was.
  expect(del('p0')).toMatchObject({ status: 0, left: ['lo'] });
  expect(del('never')).toMatchObject({ status: 0, left: ['lo'] });
});

test.each([
  [{ mode: 'private' }, 'the pair beside a macvlan'],
  [{ dataplane: 'ptp' }, 'the pair of a pod behind its node'],
])('%j: %s goes along', async (conf, _what) => {
  const { node } = site;
  await node.startAgent();
  await node.reserveReady(4);
  const before = node.host.ask('link show').length;
  expect(node.add('a', { conf }).status).toBe(0);
  expect(node.host.ask('link show').length).toBeGreaterThan(before);
  const { result } = node.sandbox('a');
  const answer = node.plugin.del('a', node.sandbox('a').host.path, { conf: { ...conf, prevResult: result } });
  expect(answer).toMatchObject({ status: 0, stderr: '' });
  expect(links('a')).toEqual(['lo']);
  expect(node.host.ask('link show').length).toBe(before);
  expect(node.host.ask('route show proto 82')).toEqual([]);
});

test('a hundred DELs at once: none waits in vain for the agent, every link is gone, all is released', async () => {
  const { node, server } = site;
  await node.startAgent('--reserve', '100');
  await node.reserveReady(100, 60_000);
  const ids = Array.from({ length: 100 }, (_, index) => `p${index}`);
  for (const id of ids) {
    expect(node.add(id).status).toBe(0);
  }
  // An agent that others keep from the processor for a second is given up for a hung one, and rightly.
  const atOnce = Math.ceil(100 / slowness());
  const answers: Answer[] = [];
  for (let first = 0; first < ids.length; first += atOnce) {
    const ends = ids.slice(first, first + atOnce).map((id) => {
      const { host, result = {} } = node.sandbox(id);
      return node.plugin.begin({ command: 'DEL', id, netns: host.path, conf: { prevResult: result } });
    });
    answers.push(...(await Promise.all(ends)));
  }
  const left = ids.flatMap((id) => links(id).filter((name) => name !== 'lo'));
  expect(answers.filter(({ status, stderr }) => status !== 0 || stderr !== '')).toEqual([]);
  expect(left).toEqual([]);
  await until('all are released', async () => {
    const { items } = await server.ask('GET', '/v1/allocations?node=n1&limit=1000');
    return items.length === 0;
  });
}, 180_000);

test('an agent that dies within a DEL: the plugin goes on by itself, nothing is leaked', async () => {
  const { node } = site;
  await node.startAgent();
  await node.reserveReady(4);
  const [ip = ''] = addressesOf(node.add('a'));
  await until('it is recorded', async () => (await stateOf(ip)) === 'allocated');
  const { host, result = {} } = node.sandbox('a');
  node.agent.signal('SIGSTOP');
  const begun = node.plugin.begin({
    command: 'DEL',
    id: 'a',
    netns: host.path,
    conf: { prevResult: result },
  });
  await sleep(150);
  await node.killAgent();
  expect(await begun).toMatchObject({ status: 0, stdout: '' });
  expect(links('a')).toEqual(['lo']);
  expect(await stateOf(ip)).not.toBe('allocated');
  node.forget('a');
  await node.startAgent();
  const { server } = site;
  const isForgotten = async () =>
    node.status().attachments === 0 &&
    (await server.ask('GET', '/v1/allocations?node=n1')).items.length === 0;
  await until('agent and server know of its end', isForgotten, 60_000);
});

test('an agent that sees other mounts than the runtime: DEL takes the link away by itself', async () => {
  const { node } = site;
  await node.startAgent();
  await node.reserveReady(4);
  const added = node.add('a');
  const { host } = node.sandbox('a');
  const inode = Number(host.run('stat', ['-L', '-c', '%i', '/proc/self/ns/net']).stdout);
  const body = { netns: `/nowhere/${host.name}`, inode, ifname: 'eth0' };
  expect(await node.call('POST', '/v1/agent/detach', { body })).toMatchObject({
    status: 404,
    body: { code: 'NETNS_NOT_FOUND' },
  });
  expect(links('a')).toContain('eth0');
  const conf = { prevResult: added.json };
  // A path through this very process means another namespace to the agent.
  const path = `/proc/self/root${host.path}`;
  expect(node.plugin.del('a', path, { conf })).toMatchObject({ status: 0 });
  expect(links('a')).toEqual(['lo']);
});
