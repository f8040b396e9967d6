import { slowness } from '../../netlink/testing/slowness.ts';
import { Capture } from '../kernel/capture.ts';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site } from './site.ts';

let site: Site;
beforeEach(async () => {
  site = await Site.open({ dualStack: true, conf: { ipam: { families: ['ipv4'] } } });
}, 400_000);
afterEach(() => site?.close());

test('a reserve is fully probed within 7.5 s, by three questions 1 to 2 s apart, and ADD asks nobody again', async () => {
  const { node, other } = site;
  const frames = await Capture.start(other, 'eth0', 'arp');
  await node.startAgent('--reserve', '4');
  await until('the reserve is granted', () => node.status().reserve.length >= 4);
  const began = performance.now();
  await node.reserveReady(8);
  const milliseconds = performance.now() - began;
  // Twice a second at least between questions, then two to listen (PROBE_MIN, ANNOUNCE_WAIT).
  expect(milliseconds).toBeGreaterThan(3500);
  expect(milliseconds).toBeLessThan(7500 * slowness());
  const [ip = ''] = addressesOf(node.add('p'));
  const lines = await frames.stop();
  const probes = lines.filter((line) => line.includes(`who-has ${ip} `) && line.includes('tell 0.0.0.0'));
  expect(probes).toHaveLength(3);
  const announcements = lines.filter((line) => line.includes(`who-has ${ip} tell ${ip}`));
  expect(announcements.length).toBeGreaterThan(0);
});

test('30 pods at once on a cold node have real addresses within 10 s', async () => {
  const { node, other } = site;
  const ids = Array.from({ length: 30 }, (_, index) => `p${index}`);
  for (const id of ids) {
    node.sandbox(id);
  }
  await node.startAgent();
  const began = performance.now();
  const answers = await Promise.all(ids.map((id) => node.addBeside(id)));
  const milliseconds = performance.now() - began;
  expect(answers.filter(({ status }) => status !== 0).map(({ stdout }) => stdout)).toEqual([]);
  expect(new Set(answers.flatMap(addressesOf)).size).toBe(30);
  expect(milliseconds).toBeLessThan(10_000 * slowness());
  expect(other.reaches(answers.flatMap(addressesOf).at(-1) ?? '')).toBe(true);
  await site.settled();
}, 400_000);

test('the reserve survives a restart of the agent, and a kill: the same addresses, ready at once', async () => {
  const { node } = site;
  await node.startAgent('--reserve', '4');
  await node.reserveReady(8);
  const before = node.ready().toSorted();
  await node.agent.end('SIGTERM');
  await node.startAgent();
  expect(node.ready().toSorted()).toEqual(before);
  await node.killAgent();
  await node.startAgent();
  expect(node.ready().toSorted()).toEqual(before);
  const answer = node.add('p');
  expect(before).toContain(addressesOf(answer)[0]);
  await site.settled();
}, 400_000);

test('a range that is disabled takes its warm addresses back; pods that have some keep theirs', async () => {
  const { node, server } = site;
  await node.startAgent('--reserve', '4');
  await node.reserveReady(8);
  const [ip = ''] = addressesOf(node.add('p'));
  const range = await server.ask('GET', '/v1/ranges/lan-n1');
  const { name: _, ...rest } = range;
  await server.ask('PUT', '/v1/ranges/lan-n1', { ...rest, disabled: true });
  const ofRange = () => node.status().reserve.filter(({ address }) => address.startsWith('10.9.1.'));
  const warm = async () => (await server.ask('GET', '/v1/subnets/lan/usage')).byState.warm;
  await until('no address of it is in reserve', async () => ofRange().length + (await warm()) === 0, 20_000);
  expect((await server.address(ip)).state).toBe('allocated');
  expect(node.check('p')).toMatchObject({ status: 0 });
  const answer = node.add('q');
  expect({ status: answer.status, code: answer.json.code }).toEqual({ status: 1, code: 11 });
  await server.ask('PUT', '/v1/ranges/lan-n1', rest);
  await node.reserveReady(8, 30_000);
  expect(node.add('q').status).toBe(0);
  await site.settled();
}, 400_000);

test('pods with an address of their own, and wanted addresses, never get one of the reserve', async () => {
  const { node, server } = site;
  await server.ask('PUT', '/v1/reservations/db', {
    addresses: ['10.9.3.7'],
    pod: { namespace: 'shop', name: 'db-0' },
  });
  await node.startAgent('--reserve', '4');
  await node.reserveReady(8);
  const own = { args: 'K8S_POD_NAMESPACE=shop;K8S_POD_NAME=db-0;K8S_POD_UID=u1' };
  expect(addressesOf(node.add('db', own))).toEqual(['10.9.3.7']);
  expect(addressesOf(node.add('wanted', { args: 'IP=10.9.1.200' }))).toEqual(['10.9.1.200']);
  // One that is made now counts for the pod that is begun next; only a server that is busy for a tenth of a second isn't
  // waited for.
  let missed = 0;
  for (let n = 10; n < 13 + missed; n++) {
    await server.ask('PUT', `/v1/reservations/late-${n}`, {
      addresses: [`10.9.3.${n}`],
      pod: { namespace: 'shop', name: `late-${n}` },
    });
    const late = { args: `K8S_POD_NAMESPACE=shop;K8S_POD_NAME=late-${n};K8S_POD_UID=u${n}` };
    missed += addressesOf(node.add(`late-${n}`, late))[0] === `10.9.3.${n}` ? 0 : 1;
    node.del(`late-${n}`);
    expect(missed).toBeLessThanOrEqual(Math.round(6 * (slowness() - 1)));
  }
  node.del('db');
  node.del('wanted');
  await site.settled();
}, 400_000);
