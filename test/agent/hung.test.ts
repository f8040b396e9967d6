import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site } from './site.ts';

let site: Site;

beforeAll(async () => {
  site = await Site.open({ cooldownSeconds: 0 });
  await site.node.startAgent();
  await site.node.reserveReady(4);
});
afterAll(() => site?.close());
afterEach(async () => {
  await site.server.recover();
  if (!site.node.hasAgent) {
    await site.node.startAgent();
  }
  site.node.agent.signal('SIGCONT');
  await until('the agent answers', async () => (await site.node.call('GET', '/readyz')).status === 200);
});

const stateOf = async (ip: string) => (await site.server.ask('GET', `/v1/addresses/${ip}`)).state;
const holders = async () =>
  (await site.server.ask('GET', '/v1/allocations?node=n1')).items.map(
    ({ containerId }: { containerId: string }) => containerId,
  );

/** The longest that a call may take, where nothing else runs: half a second, another, and some to spare. */
const longest = 6_000;

async function timed<T>(act: () => T | Promise<T>): Promise<T & { readonly took: number }> {
  const began = performance.now();
  const outcome = await act();
  return { ...outcome, took: performance.now() - began };
}

test('an agent that hangs: ADD, CHECK, STATUS and DEL go to the server, in bounded time', async () => {
  const { node } = site;
  node.agent.signal('SIGSTOP');
  const added = await timed(() => node.add('hung'));
  expect(added).toMatchObject({ status: 0 });
  expect(added.took).toBeGreaterThan(900);
  expect(added.took).toBeLessThan(longest * slowness());
  const [ip = ''] = addressesOf(added);
  expect(await stateOf(ip)).toBe('allocated');
  for (const call of [() => node.check('hung'), () => node.statusOf(), () => node.del('hung')]) {
    const { status, took } = await timed(call);
    expect(status).toBe(0);
    expect(took).toBeLessThan(longest * slowness());
  }
  expect(await holders()).toEqual([]);
});

test('agent hung and server away: ADD is code 11, STATUS 50, CHECK is no fault, DEL waits in the journal', async () => {
  const { node, server } = site;
  expect(node.add('a').status).toBe(0);
  await until('it is recorded', async () => (await holders()).includes('a'));
  node.agent.signal('SIGSTOP');
  await server.fail('rejecting');
  const patient = longest + 3_000;
  const added = await timed(() => node.add('b'));
  expect(added).toMatchObject({ status: 1, json: { code: 11, msg: expect.stringContaining('unix:') } });
  expect(added.took).toBeLessThan(patient * slowness());
  expect(node.sandbox('b').host.ask('link show')).toHaveLength(1);
  const status = await timed(() => node.statusOf());
  expect(status).toMatchObject({ status: 1, json: { code: 50 } });
  expect(status.took).toBeLessThan(patient * slowness());
  expect((await timed(() => node.check('a'))).status).toBe(0);
  const deleted = await timed(() => node.del('a'));
  expect(deleted).toMatchObject({ status: 0 });
  expect(deleted.took).toBeLessThan(patient * slowness());
  expect(readFileSync(join(node.stateDir, 'journal'), 'utf8')).toContain('"containerId":"a"');
  await server.recover();
  node.agent.signal('SIGCONT');
  await until('the agent has told the release', async () => (await holders()).length === 0, 60_000);
});

test('an agent that was killed: all of it goes to the server at once', async () => {
  const { node } = site;
  await node.killAgent();
  const added = await timed(() => node.add('a'));
  expect(added).toMatchObject({ status: 0 });
  expect(node.check('a').status).toBe(0);
  expect(node.statusOf().status).toBe(0);
  expect(node.del('a').status).toBe(0);
  expect(await holders()).toEqual([]);
});

test('a pod that ends while the agent is away is none of its pods when it comes back', async () => {
  const { node } = site;
  expect(node.add('a').status).toBe(0);
  await until('it is recorded', async () => (await holders()).includes('a'));
  await node.killAgent();
  expect(node.del('a').status).toBe(0);
  expect(await holders()).toEqual([]);
  await node.startAgent();
  await until('the agent has synced', () => node.status().lastSync !== undefined, 20_000);
  expect(node.status()).toMatchObject({ attachments: 0, journal: 0 });
  expect(await holders()).toEqual([]);
  expect(node.agent.output).not.toContain('"adopted":[{');
});

test('without servers in the configuration the agent alone is asked; without an agent there it is code 11', () => {
  const { node } = site;
  const ipam = { ...(node.plugin.conf['ipam'] as object), server: undefined };
  expect(node.add('a', { conf: { ipam } }).status).toBe(0);
  expect(node.del('a', { conf: { ipam } }).status).toBe(0);
  const nowhere = join(mkdtempSync(join(tmpdir(), 'realip-none-')), 'agent.sock');
  const alone = { ...ipam, agent: nowhere };
  expect(node.add('a', { conf: { ipam: alone } }).json).toMatchObject({
    code: 11,
    msg: expect.stringContaining(`unix:${nowhere}: ENOENT`),
  });
  expect(node.statusOf({ conf: { cniVersion: '1.1.0', ipam: alone } }).json).toMatchObject({ code: 50 });
});

test('realip-ipam under another plugin asks the agent, too', async () => {
  const { node } = site;
  const before = node.ready();
  const { host } = node.sandbox('other');
  const type = 'macvlan';
  const added = node.plugin.call({ command: 'ADD', id: 'other', netns: host.path, conf: { type } });
  const [ip = ''] = addressesOf(added);
  expect(before).toContain(ip);
  await until('it is recorded', async () => (await holders()).includes('other'));
  expect(node.plugin.call({ command: 'DEL', id: 'other', netns: host.path, conf: { type } }).status).toBe(0);
  await until('it is released', async () => (await holders()).length === 0);
});
