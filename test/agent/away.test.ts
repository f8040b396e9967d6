import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site } from './site.ts';

const timeoutMs = 2000;
/** What a call may take that first finds the agent hung, and then asks the server. */
const bounded = 2 * timeoutMs + 1000;

let site: Site;
beforeAll(async () => {
  site = await Site.open({ conf: { ipam: { timeoutMs, reserveWaitMs: 2000 } } });
}, 400_000);
afterAll(() => site?.close());

const state = async (ip: string) => (await site.server.address(ip)).state;

test('where there is no socket the plugin asks the server, and probes by itself', async () => {
  const { node, other } = site;
  expect(existsSync(node.socket)).toBe(false);
  const [free = ''] = addressesOf(node.add('a'));
  expect(other.reaches(free)).toBe(true);
  node.del('a');
  // The next address of the range belongs to a stranger: only a probe finds that out.
  const next = `10.9.1.${Number(free.split('.')[3]) + 1}`;
  other.ip(`address add ${next}/32 dev eth0`);
  expect(addressesOf(node.add('b'))).not.toContain(next);
  expect(await state(next)).toBe('quarantined');
  other.ip(`address delete ${next}/32 dev eth0`);
  node.del('b');
  expect(await site.differences()).toEqual([]);
});

test('the dead socket of an agent that was killed is no obstacle', async () => {
  const { node } = site;
  await node.startAgent('--reserve', '4');
  await node.reserveReady(4);
  const [before = ''] = addressesOf(node.add('before'));
  // Until then only the agent could tell CHECK of it.
  await until('it is recorded', async () => (await state(before)) === 'allocated');
  await node.killAgent();
  expect(existsSync(node.socket)).toBe(true);
  const [ip = ''] = addressesOf(node.add('after'));
  expect(ip).not.toBe(before);
  expect(node.check('before')).toMatchObject({ status: 0 });
  expect(node.check('after')).toMatchObject({ status: 0 });
  expect(node.del('before')).toMatchObject({ status: 0 });
  await node.startAgent();
  await site.settled();
  expect(await state(before)).toBe('cooling');
  expect(node.del('after')).toMatchObject({ status: 0 });
  await site.settled();
  expect(await state(ip)).toBe('cooling');
}, 400_000);

test('with agent and server away ADD ends with code 11, and a DEL is kept for the agent to tell', async () => {
  const { node, server } = site;
  const [ip = ''] = addressesOf(node.add('p'));
  await until('it is recorded', async () => (await state(ip)) === 'allocated');
  await node.killAgent();
  await server.fail('killed');
  const failed = node.add('q');
  expect({ status: failed.status, code: failed.json?.code }).toEqual({ status: 1, code: 11 });
  expect(node.del('q')).toMatchObject({ status: 0 });
  expect(node.statusOf().json).toMatchObject({ code: 50 });
  expect(node.del('p')).toMatchObject({ status: 0, stdout: '' });
  await server.recover();
  expect(await state(ip)).toBe('allocated');
  await node.startAgent();
  await until('the release is told', async () => (await state(ip)) === 'cooling', 15_000);
  await site.settled();
}, 400_000);

test('what the server recorded and took back while the agent was away is told, though the agent heard of neither', async () => {
  const { node, server } = site;
  if (!node.hasAgent) {
    await node.startAgent('--reserve', '4');
  }
  await node.reserveReady(4);
  await site.settled();
  await server.fail('black-holed');
  const [ip = ''] = addressesOf(node.add('unheard'));
  // As the agent's own word whose answer is lost: the server has it, the agent doesn't know.
  const stay = { node: node.name, network: 'real', containerId: 'unheard', ifname: 'eth0' };
  await server.ask('POST', '/v1/allocations', { ...stay, addresses: [ip] });
  await node.killAgent();
  await server.recover();
  expect(node.del('unheard')).toMatchObject({ status: 0 });
  expect(await state(ip)).toBe('cooling');
  await node.startAgent();
  await site.settled(30_000);
  const { items } = await server.ask('GET', `/v1/addresses/${ip}/history`);
  expect(items.filter(({ type }: { type: string }) => type === 'allocated')).toHaveLength(1);
}, 400_000);

test('a hung agent holds nobody up: ADD and DEL go to the server, and what the agent does late harms nobody', async () => {
  const { node } = site;
  await node.reserveReady(4);
  const [before = ''] = addressesOf(node.add('before'));
  await until('it is recorded', async () => (await state(before)) === 'allocated');
  node.agent.signal('SIGSTOP');
  const added = node.add('late');
  expect({ status: added.status, json: added.json }).toMatchObject({ status: 0 });
  expect(added.milliseconds).toBeLessThan(bounded * slowness());
  const [ip = ''] = addressesOf(added);
  const deleted = node.del('before');
  expect(deleted).toMatchObject({ status: 0 });
  expect(deleted.milliseconds).toBeLessThan(bounded * slowness());
  // The same container again, before the agent reads the DEL that it was sent.
  const again = node.add('before');
  expect(again.status).toBe(0);
  node.agent.signal('SIGCONT');
  await sleep(1000);
  await site.settled();
  expect(site.other.reaches(ip)).toBe(true);
  expect(await state(ip)).toBe('allocated');
  expect(await state(addressesOf(again)[0] ?? '')).toBe('allocated');
  node.del('late');
  node.del('before');
  await site.settled();
}, 400_000);

test('a kubelet never sees a stuck pod while agent and server come and go', async () => {
  const { node, server } = site;
  const stop = performance.now() + (process.env['REALIP_SOAK'] === '1' ? 180_000 : 25_000);
  let isOver = false;
  const disturb = async () => {
    for (let round = 0; !isOver; round++) {
      await node.killAgent();
      await sleep(700);
      await node.startAgent();
      await sleep(1500);
      await server.fail(round % 2 === 0 ? 'killed' : 'rejecting');
      await sleep(1000);
      if (round % 3 === 0) {
        await node.killAgent();
        await node.startAgent();
      }
      await server.recover();
      await sleep(1500);
    }
  };
  const disturbing = disturb();
  const stuck: string[] = [];
  let pods = 0;
  for (; performance.now() < stop; pods++) {
    const id = `k${pods}`;
    let tries = 0;
    for (; tries < 20; tries++) {
      const { status } = await node.addBeside(id);
      if (status === 0) {
        break;
      }
      // As kubelet does: the sandbox is torn down, and made anew after a while.
      const { status: undone, stdout } = node.del(id);
      if (undone !== 0) {
        stuck.push(`DEL of ${id}: ${stdout}`);
      }
      await sleep(300);
    }
    if (tries === 20) {
      stuck.push(`${id} has no address after 20 tries`);
    }
    if (pods >= 3) {
      const { status, stdout } = node.del(`k${pods - 3}`);
      if (status !== 0) {
        stuck.push(`DEL of k${pods - 3}: ${stdout}`);
      }
    }
  }
  isOver = true;
  await disturbing;
  console.log(`${pods} pods`);
  expect(stuck).toEqual([]);
  await site.settled();
  for (const id of [...node.pods.keys()]) {
    expect(node.del(id)).toMatchObject({ status: 0 });
  }
  await site.settled();
  expect((await server.ask('GET', '/v1/subnets/lan/usage')).byState.allocated).toBe(0);
}, 400_000);
