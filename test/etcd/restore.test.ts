import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { allocate, makeLan, release, request } from '../server/lan.ts';
import { newFolder, program, type Server, startServer } from '../server/process.ts';
import { until } from '../server/until.ts';
import { command, Keys, told } from './commands.ts';
import { EtcdMember } from './etcd-cluster.ts';

/** How often a restore is killed; `REALIP_KILLS=100` for a soak. */
const kills = Number(process.env['REALIP_KILLS'] ?? 3);

const folder = newFolder();
const file = (name: string) => join(folder.path, name);
let member: EtcdMember;
let connection: EtcdConnection;
let store = '';
const servers: Server[] = [];

beforeAll(async () => {
  member = await EtcdMember.start();
  connection = new EtcdConnection(etcdPlace(member.url, {}));
  store = `etcd:${member.url}`;
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
afterAll(async () => {
  connection.close();
  await member.remove();
  folder.remove();
});

async function start(...args: string[]): Promise<Server> {
  const server = await startServer(store, ...args);
  servers.push(server);
  return server;
}

/** What a running server answers as its backup, in a file. */
async function download(server: Server, name: string): Promise<string> {
  const answer = await fetch(`${server.url}/v1/backup`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/vnd.sqlite3']);
  writeFileSync(file(name), Buffer.from(await answer.arrayBuffer()));
  return file(name);
}

async function held(server: Server): Promise<string[]> {
  const { body } = await server.call('GET', '/v1/allocations?limit=1000');
  return body.items.map((item: { containerId: string }) => item.containerId);
}

test('a backup of a running server is whole, has all that was acknowledged before, and a follower hands it on', async () => {
  const prefix = ['--etcd-prefix', '/running/'];
  const server = await start(...prefix);
  await makeLan(server, { start: '10.9.0.1', end: '10.9.255.254' });
  const follower = await start(...prefix);
  let acknowledged = 0;
  let isEnding = false;
  const clients = Array.from({ length: 4 }, async (_, client) => {
    for (let i = 0; !isEnding; i++) {
      expect((await allocate(server, `c${client}-${i}`)).status).toBe(201);
      acknowledged++;
    }
  });
  for (const from of [server, follower, server]) {
    const before = acknowledged;
    await until('more is given', () => acknowledged > before + 20);
    const least = acknowledged;
    const copy = await download(from, 'running.db');
    const most = acknowledged + clients.length;
    const verified = await command('verify', '--store', `sqlite:${copy}`);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    expect(Number(told(verified, 'allocations'))).toBeGreaterThanOrEqual(least);
    expect(Number(told(verified, 'allocations'))).toBeLessThanOrEqual(most);
  }
  isEnding = true;
  await Promise.all(clients);
});

test('a restored ledger has what the backup had, in a new epoch, with numbers that were never given; the other is put aside', async () => {
  const keys = new Keys(connection, '/lost/');
  const prefix = ['--etcd-prefix', keys.prefix];
  const server = await start(...prefix);
  await makeLan(server, { cooldownSeconds: 0 });
  await allocate(server, 'old');
  const backup = await download(server, 'backup.db');
  const { body: after } = await allocate(server, 'after-the-backup');
  await server.stop();
  const lost = await keys.current();

  const refused = await command('restore', '--from', backup, '--to', store, ...prefix);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('holds a ledger') });
  expect(await keys.ledgers()).toEqual([lost]);
  const restored = await command('restore', '--from', backup, '--to', store, '--force', ...prefix);
  expect(restored).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('waits for 1 nodes'),
  });
  expect(restored.stdout).toContain(`is kept under ${keys.prefix}${lost}/`);
  const next = await start(...prefix);
  expect(await held(next)).toEqual(['old']);
  expect((await next.call('GET', '/v1/epoch')).body).toMatchObject({ epoch: 2, waitingFor: ['n1'] });
  expect((await allocate(next, 'new')).body.code).toBe('EPOCH_PENDING');
  expect((await next.call('POST', '/v1/epoch:waive')).status).toBe(200);
  const { body: given } = await allocate(next, 'new');
  expect(given.ips[0].address).toBe(after.ips[0].address);
  expect(given.generation).toBeGreaterThan(after.generation);
  await release(next, 'new', `?generation=${after.generation}`);
  expect(await held(next)).toEqual(['old', 'new']);
  await next.stop();

  // Exactly one is kept aside.
  const second = await keys.current();
  const again = await command('restore', '--from', backup, '--to', store, '--force', ...prefix);
  expect(again.code).toBe(0);
  expect((await keys.ledgers()).sort()).toEqual([second, await keys.current()].sort());
});

test('a server that runs beside takes the restored ledger over, not what it has followed', async () => {
  const prefix = ['--etcd-prefix', '/beside/'];
  const first = await start(...prefix);
  await makeLan(first);
  await allocate(first, 'old');
  const backup = await download(first, 'beside.db');
  await allocate(first, 'after-the-backup');
  const second = await start(...prefix);
  // The place is free for the moment between two looks of the second server.
  let restored = { code: 1 };
  await until('the restore has come between two leaders', async () => {
    const leader = servers.find(({ child }) => child.exitCode === null && child.signalCode === null);
    leader?.child.kill('SIGSTOP');
    second.child.kill('SIGSTOP');
    await new Keys(connection, '/beside/').endTerm();
    restored = await command('restore', '--from', backup, '--to', store, '--force', ...prefix);
    leader?.child.kill('SIGCONT');
    second.child.kill('SIGCONT');
    return restored.code === 0;
  });
  await until('the restored one is served', async () => {
    const { status, body } = await second.call('GET', '/v1/epoch');
    return status === 200 && body.epoch === 2;
  });
  expect(await held(second)).toEqual(['old']);
});

test('a backup is restored into an etcd that is new, and over a ledger that is damaged', async () => {
  const keys = new Keys(connection, '/new/');
  const prefix = ['--etcd-prefix', keys.prefix];
  const server = await start('--etcd-prefix', '/origin/');
  await makeLan(server);
  await allocate(server, 'c');
  const backup = await download(server, 'new.db');
  expect(await command('restore', '--from', backup, '--to', store, ...prefix)).toMatchObject({
    code: 0,
    stderr: '',
  });
  await keys.put(`${keys.prefix}${await keys.current()}/records/zone/real`, '{"broken');
  const verified = await command('verify', '--store', store, ...prefix);
  expect(verified).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('record "zone/real" is not JSON'),
  });
  expect((await command('restore', '--from', backup, '--to', store, ...prefix)).stderr).toContain(
    'holds a ledger',
  );
  expect((await command('restore', '--from', backup, '--to', store, '--force', ...prefix)).code).toBe(0);
  const whole = await command('verify', '--store', store, ...prefix);
  expect([whole.code, told(whole, 'allocations'), told(whole, 'epoch')]).toEqual([0, '1', '3']);
  const copied = await command('backup', '--from', store, '--to', file('copied.db'), ...prefix);
  expect(copied).toMatchObject({ code: 0, stdout: expect.stringContaining('is a whole copy of etcd:') });
  expect(told(copied, 'fingerprint')).toBe(told(whole, 'fingerprint'));
  const missing = await command('verify', '--store', store, '--etcd-prefix', '/nothing/');
  expect(missing).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--etcd-prefix /nothing/ has no ledger'),
  });
});

test('whenever a restore is killed, the one ledger or the other is there, whole, and the next attempt goes over it', async () => {
  const keys = new Keys(connection, '/killed/');
  const prefix = ['--etcd-prefix', keys.prefix];
  const server = await start(...prefix);
  await makeLan(server);
  const allocating = Array.from({ length: 200 }, (_, i) => request(`c${i}`));
  expect((await server.call('POST', '/v1/allocations:batch', { allocate: allocating })).status).toBe(200);
  const backup = await download(server, 'killed.db');
  await allocate(server, 'after-the-backup');
  await server.stop();
  const args = ['restore', '--from', backup, '--to', store, '--force', ...prefix];
  const began = performance.now();
  expect((await command(...args)).code).toBe(0);
  const whole = performance.now() - began;
  for (let kill = 0; kill < kills; kill++) {
    const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
    const exited = once(child, 'exit');
    await Promise.race([exited, sleep((whole * (kill + Math.random())) / kills)]);
    child.kill('SIGKILL');
    await exited;
    await keys.endTerm();
    const verified = await command('verify', '--store', store, ...prefix);
    expect([verified.stderr, told(verified, 'allocations')]).toEqual(['', '200']);
    // The one in the place, the one aside, and what the one that was killed has begun.
    expect((await keys.ledgers()).length).toBeLessThanOrEqual(3);
  }
  const last = await keys.current();
  expect((await command(...args)).code).toBe(0);
  expect((await keys.ledgers()).sort()).toEqual([last, await keys.current()].sort());
});

test('verify finds what is damaged in events, in what finds them, and in what counts them', async () => {
  const keys = new Keys(connection, '/damaged/');
  const prefix = ['--etcd-prefix', keys.prefix];
  const server = await start(...prefix);
  await makeLan(server, { start: '10.9.0.1', end: '10.9.255.254' });
  for (let i = 0; i < 5; i++) {
    const allocating = Array.from({ length: 900 }, (_, each) => ({
      ...{ node: 'n1', network: 'realip', containerId: `c${i}-${each}`, ifname: 'eth0' },
    }));
    expect((await server.call('POST', '/v1/allocations:batch', { allocate: allocating })).status).toBe(200);
  }
  await until(
    'what finds them is written',
    async () => (await keys.all(`${await keys.current()}/segments/`)).length > 0,
  );
  await server.stop();
  const verify = () => command('verify', '--store', store, ...prefix);
  expect(await verify()).toMatchObject({ code: 0, stderr: '' });
  const damages: [what: string, said: string, change: (value: string) => string | null][] = [
    ['events/', 'holds no events', () => '[[1,'],
    ['events/', 'holds no events, or others', () => '[]'],
    ['events/', 'has another id', (value) => value.replaceAll('\\"id\\":', '\\"id\\":7')],
    ['postings/', 'does not tell of the events', () => null],
    ['postings/', 'does not tell of the events', (value) => value.replace('10.9.', '10.8.')],
    ['head', 'has counted to event', (value) => value.replace(/^\S+ \S+ \S+/, (count) => `${count}9`)],
    ['head', 'no head of a ledger', () => 'x'],
    ['records/allocation/', 'does not have the fields', (value) => value.replace('"node"', '"mode"')],
  ];
  for (const [what, said, change] of damages) {
    const [key = ''] = await keys.all(`${await keys.current()}/${what}`);
    const value = await keys.value(key);
    const changed = change(value);
    await (changed === null ? keys.remove(key) : keys.put(key, changed));
    expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringContaining(said) });
    await keys.put(key, value);
  }
  expect(await verify()).toMatchObject({ code: 0, stderr: '' });
});
