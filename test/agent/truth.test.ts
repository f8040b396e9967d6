import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from '../server/process.ts';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site } from './site.ts';

let site: Site;
beforeEach(async () => {
  site = await Site.open({ nodes: 2 });
  await site.node.startAgent('--reserve', '4');
  await site.node.reserveReady(4);
}, 400_000);
afterEach(() => site?.close());

const state = async (ip: string) => (await site.server.address(ip)).state;

/** Reports whether a pod's interface is up and has an address. */
function lives(id: string, ip: string): boolean {
  const [link] = site.node.sandbox(id).host.ask('address show up dev eth0');
  return link?.addr_info?.some(({ local }: { local: string }) => local === ip) === true;
}

test('an allocation that nobody shows, and a pod that went without DEL, are released within 30 s', async () => {
  const { node, server } = site;
  const key = { network: 'real', containerId: 'ghost', ifname: 'eth0' };
  const ghost = await server.ask('POST', '/v1/allocations', { node: 'n1', ...key });
  const ghostIp = ghost.ips[0].address.replace(/\/.*/, '');
  const [missed = ''] = addressesOf(node.add('missed'));
  const [stays = ''] = addressesOf(node.add('stays'));
  node.forget('missed');
  await until(
    'both rest',
    async () => (await state(ghostIp)) === 'cooling' && (await state(missed)) === 'cooling',
    30_000,
  );
  expect(await state(stays)).toBe('allocated');
  await site.settled();
}, 400_000);

test('a live attachment that the ledger does not know is adopted with its address', async () => {
  const { node, server } = site;
  const [ip = ''] = addressesOf(node.add('p'));
  await until('it is recorded', async () => (await state(ip)) === 'allocated');
  await server.ask('DELETE', '/v1/allocations/real/p/eth0');
  expect(await state(ip)).toBe('cooling');
  await until('it is adopted', async () => (await state(ip)) === 'allocated', 30_000);
  expect((await server.address(ip)).owner).toMatchObject({ node: 'n1', containerId: 'p' });
  await site.settled();
  expect(node.del('p').status).toBe(0);
  await site.settled();
}, 400_000);

test('an attachment that was made while the agent was away is known and released after its return', async () => {
  const { node } = site;
  await node.agent.end('SIGTERM');
  const [ip = ''] = addressesOf(node.add('direct'));
  await node.startAgent();
  await site.settled();
  expect(node.check('direct')).toMatchObject({ status: 0 });
  node.del('direct');
  await site.settled();
  expect(await state(ip)).toBe('cooling');
}, 400_000);

test('two live holders of an address are reported, and neither loses it', async () => {
  const { node, secondNode, server } = site;
  await server.ask('PUT', '/v1/ranges/shared', { subnet: 'lan', start: '10.9.8.0', end: '10.9.8.255' });
  const ip = '10.9.8.9';
  const wanted = { args: `IP=${ip}` };
  expect(addressesOf(node.add('first', wanted))).toEqual([ip]);
  await node.agent.end('SIGTERM');
  await server.ask('PUT', '/v1/subnets/lan', {
    ...{ zone: 'real', cidr: '10.9.0.0/16', gateway: '10.9.0.1', cooldownSeconds: 0 },
  });
  await server.ask('DELETE', '/v1/allocations/real/first/eth0');
  const blind = { conf: { duplicateDetection: false } };
  expect(addressesOf(secondNode.add('second', { ...wanted, ...blind }))).toEqual([ip]);
  await node.startAgent();
  const conflicts = async () =>
    (await server.ask('GET', '/v1/events?limit=1000')).items.filter(
      ({ type, addresses }: { type: string; addresses: string[] }) =>
        type.includes('conflict') && addresses.includes(ip),
    );
  await until('it is told as an event', async () => (await conflicts()).length > 0, 30_000);
  await until('the agent tells of it', () => JSON.stringify(node.status().conflicts).includes(ip), 30_000);
  expect((await server.address(ip)).owner).toMatchObject({ containerId: 'second' });
  expect(lives('first', ip)).toBe(true);
  node.del('first');
  secondNode.del('second');
  await site.settled();
}, 400_000);

test('a fenced node that returns takes the revoked pods’ links down, says so, and serves new pods', async () => {
  const { node, server } = site;
  const [ip = ''] = addressesOf(node.add('p'));
  await until('it is recorded', async () => (await state(ip)) === 'allocated');
  await node.agent.end('SIGTERM');
  await server.ask('POST', '/v1/nodes/n1:fence');
  expect(await state(ip)).toBe('cooling');
  const told = node.agent.output.length;
  await node.startAgent();
  await until('its link is down', () => !lives('p', ip), 30_000);
  expect(node.agent.output.slice(told)).toContain(ip);
  await until(
    'the server has forgotten it',
    async () => (await server.ask('GET', '/v1/nodes/n1/status')).revoked.length === 0,
    45_000,
  );
  expect(await state(ip)).toBe('cooling');
  await node.reserveReady(4, 30_000);
  expect(addressesOf(node.add('q'))).not.toContain(ip);
  expect(node.del('p').status).toBe(0);
  await site.settled();
}, 150_000);

test('after a restore of the ledger the reserve is dropped, living pods are adopted, and nothing is given twice', async () => {
  const { node, secondNode, server } = site;
  await secondNode.startAgent('--reserve', '4');
  const [old = ''] = addressesOf(node.add('old'));
  await until('it is recorded', async () => (await state(old)) === 'allocated');
  const backup = join(site.folder, 'backup.db');
  const run = (...args: string[]) => execFileSync(process.execPath, [program, ...args], { stdio: 'pipe' });
  await server.stop();
  run('backup', '--from', `sqlite:${server.database}`, '--to', backup);
  await server.start();
  const [later = ''] = addressesOf(node.add('later'));
  await until('it is recorded', async () => (await state(later)) === 'allocated');
  await server.fail('killed');
  const [during = ''] = addressesOf(node.add('during'));
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(`${server.database}${suffix}`, { force: true });
  }
  run('restore', '--from', backup, '--to', `sqlite:${server.database}`);
  await server.recover();
  const owner = async (ip: string) => (await server.address(ip)).owner;
  await until('both are adopted', async () => Boolean((await owner(later)) && (await owner(during))), 45_000);
  expect(await owner(later)).toMatchObject({ containerId: 'later' });
  expect(await owner(during)).toMatchObject({ containerId: 'during' });
  await node.reserveReady(4, 30_000);
  const [next = ''] = addressesOf(node.add('next'));
  expect([old, later, during]).not.toContain(next);
  await site.settled(60_000);
}, 400_000);

test('a state file that is damaged or gone loses no address that a pod has', async () => {
  const { node } = site;
  const ips = ['a', 'b'].flatMap((id) => addressesOf(node.add(id)));
  const file = join(node.stateDir, 'agent.state');
  for (const harm of [
    () => writeFileSync(file, '0badc0de {"half', { flag: 'a' }),
    () => writeFileSync(file, 'nothing that was ever written\n'),
    () => rmSync(file),
    () => renameSync(node.stateDir, `${node.stateDir}.gone`),
  ]) {
    await node.killAgent();
    harm();
    await node.startAgent();
    await site.settled();
    await node.reserveReady(4, 30_000);
    const id = `n${ips.length}`;
    const [next = ''] = addressesOf(node.add(id));
    expect(ips).not.toContain(next);
    ips.push(next);
  }
  await site.settled();
}, 240_000);
