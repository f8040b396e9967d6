import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { migrate } from '../../ipam-server/command/migrate.ts';
import { placesOf } from '../../ipam-server/command/places.ts';
import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { allocate, makeLan, put, release } from '../server/lan.ts';
import { newFolder, program, refusedStart, type Server, startServer, worker } from '../server/process.ts';
import { until } from '../server/until.ts';
import { command, Keys, told } from './commands.ts';
import { EtcdMember } from './etcd-cluster.ts';

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

async function start(...args: Parameters<typeof startServer>): Promise<Server> {
  const server = await startServer(...args);
  servers.push(server);
  return server;
}

/** A ledger in a file, whose server has ended, with so many allocations. */
async function madeLedger(name: string, count: number): Promise<string> {
  const server = await start(`sqlite:${file(name)}`);
  await makeLan(server, { cooldownSeconds: 0 });
  for (let i = 0; i < count; i++) {
    await allocate(server, `c${i}`);
  }
  await server.stop();
  return `sqlite:${file(name)}`;
}

async function held(server: Server): Promise<string[]> {
  const { body } = await server.call('GET', '/v1/allocations?limit=1000');
  return body.items.map((item: { containerId: string }) => item.containerId);
}

const events = async (server: Server) =>
  (await server.call('GET', '/v1/events?since=0&limit=1000')).body.items;

test('a ledger moves to etcd and back as it is: same allocations, generations, events and epoch, and it goes on counting', async () => {
  const prefix = ['--etcd-prefix', '/there-and-back/'];
  const first = await start(`sqlite:${file('moving.db')}`);
  await makeLan(first, { cooldownSeconds: 0 });
  const { body: old } = await allocate(first, 'old');
  await release(first, 'old');
  const { body: kept } = await allocate(first, 'kept', {
    addresses: [old.ips[0].address.replace(/\/.*/, '')],
  });
  const before = await events(first);
  const { headers } = await first.call('GET', '/v1/subnets/lan');
  await first.stop();
  const source = await command('verify', '--store', `sqlite:${file('moving.db')}`);

  const there = await command('migrate', '--from', `sqlite:${file('moving.db')}`, '--to', store, ...prefix);
  expect(there).toMatchObject({ code: 0, stderr: '' });
  expect(there.stdout).toContain(`${store} --etcd-prefix /there-and-back/ holds the ledger of sqlite:`);
  expect(told(there, 'fingerprint')).toBe(told(source, 'fingerprint'));
  const second = await start(store, ...prefix);
  expect(await events(second)).toEqual(before);
  expect((await second.call('GET', '/v1/epoch')).body).toEqual({ epoch: 1, waitingFor: [] });
  expect((await second.call('GET', '/v1/subnets/lan')).headers['etag']).toBe(headers['etag']);
  await release(second, 'kept', `?generation=${old.generation}`);
  expect((await allocate(second, 'kept')).body).toEqual(kept);
  const { body: next } = await allocate(second, 'next');
  expect(next.generation).toBeGreaterThan(kept.generation);
  const after = await events(second);
  expect(after.map(({ id }: { id: number }) => id)).toEqual(after.map((_: unknown, i: number) => i + 1));
  await second.stop();

  const back = await command('migrate', '--from', store, '--to', `sqlite:${file('back.db')}`, ...prefix);
  expect(back).toMatchObject({ code: 0, stderr: '' });
  const third = await start(`sqlite:${file('back.db')}`);
  expect(await held(third)).toEqual(['kept', 'next']);
  expect(await events(third)).toEqual(after);
  expect((await allocate(third, 'last')).body.generation).toBeGreaterThan(next.generation);
});

test('no server begins on a ledger that was moved away, in a file or in etcd: the error says where it is', async () => {
  const prefix = ['--etcd-prefix', '/moved/'];
  const there = `${store} --etcd-prefix /moved/`;
  const ledger = await madeLedger('moved.db', 2);
  expect(await command('migrate', '--from', ledger, '--to', store, ...prefix)).toMatchObject({ code: 0 });
  const refused = await refusedStart('--listen', '127.0.0.1:0', '--store', ledger);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`was moved to ${there}.`) });
  const looked = await command('verify', '--store', ledger);
  expect(looked).toMatchObject({ code: 0, stdout: expect.stringContaining(`moved to             ${there}`) });
  const again = await command('migrate', '--from', ledger, '--to', store, ...prefix);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('which holds a ledger') });
  const elsewhere = await command('migrate', '--from', ledger, '--to', `sqlite:${file('third.db')}`);
  expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining(`was moved to ${there}.`) });
  expect(existsSync(file('third.db'))).toBe(false);
  const beside = await command('migrate', '--from', ledger, '--to', store, '--etcd-prefix', '/beside/');
  expect(beside).toMatchObject({ code: 1, stderr: expect.stringContaining(`was moved to ${there}.`) });

  // What was moved away may be replaced by what comes back.
  const back = await command('migrate', '--from', store, '--to', ledger, ...prefix);
  expect(back).toMatchObject({ code: 0, stdout: expect.stringMatching(/moved\.db\.replaced-\S+ now/) });
  const gone = await refusedStart('--listen', '127.0.0.1:0', '--store', store, ...prefix);
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining(`was moved to ${ledger}.`) });
  expect(await held(await start(ledger))).toEqual(['c0', 'c1']);
});

test('while a server leads, nothing is moved, restored, copied or verified under it', async () => {
  const prefix = ['--etcd-prefix', '/led/'];
  const ledger = await madeLedger('free.db', 1);
  const server = await start(store, ...prefix);
  await makeLan(server);
  const used = { code: 1, stderr: expect.stringContaining(`${server.url} leads. Another server`) };
  const refused = [
    ['migrate', '--from', store, '--to', `sqlite:${file('n.db')}`],
    ['migrate', '--from', ledger, '--to', store],
    ['restore', '--from', file('free.db'), '--to', store, '--force'],
    ['backup', '--from', store, '--to', file('n.db')],
    ['verify', '--store', store],
  ];
  const ended = await Promise.all(refused.map((args) => command(...args, ...prefix)));
  expect(ended).toMatchObject(refused.map(() => used));
  expect((await allocate(server, 'c')).status).toBe(201);

  const other = await start(ledger);
  const inUse = { code: 1, stderr: expect.stringContaining('Another server has the ledger’s file open') };
  expect(await command('migrate', '--from', ledger, '--to', store, '--etcd-prefix', '/n/')).toMatchObject(
    inUse,
  );
  expect(await held(other)).toEqual(['c0']);
  expect(await new Keys(connection, '/n/').all()).toEqual([]);
  expect(existsSync(file('n.db'))).toBe(false);
});

test('a ledger never takes the place of another, only of one that was never written to', async () => {
  const keys = new Keys(connection, '/taken/');
  const prefix = ['--etcd-prefix', keys.prefix];
  const [ledger, other] = [await madeLedger('a.db', 1), await madeLedger('b.db', 1)];
  await (await start(store, ...prefix)).stop();
  expect(await command('migrate', '--from', ledger, '--to', store, ...prefix)).toMatchObject({ code: 0 });
  const exists = { code: 1, stderr: expect.stringContaining('holds a ledger') };
  expect(await command('migrate', '--from', other, '--to', store, ...prefix)).toMatchObject(exists);
  expect(await command('migrate', '--from', store, '--to', other, ...prefix)).toMatchObject(exists);
  expect(await keys.ledgers()).toEqual([await keys.current()]);
  expect(await held(await start(other))).toEqual(['c0']);
  expect(await held(await start(store, ...prefix))).toEqual(['c0']);
});

test('a migration that is killed leaves the one ledger or none in its place, and another one does it', async () => {
  const keys = new Keys(connection, '/killed/');
  const prefix = ['--etcd-prefix', keys.prefix];
  const server = await start(`sqlite:${file('killed.db')}`);
  await makeLan(server, { start: '10.9.0.1', end: '10.9.255.254' });
  for (let i = 0; i < 4; i++) {
    const allocating = Array.from({ length: 1_000 }, (_, each) => ({
      ...{ node: 'n1', network: 'realip', containerId: `c${i}-${each}`, ifname: 'eth0' },
    }));
    expect((await server.call('POST', '/v1/allocations:batch', { allocate: allocating })).status).toBe(200);
  }
  await server.stop();
  const source = `sqlite:${file('killed.db')}`;
  // All records are there at the last of these, and the rest of the work takes a moment only: it may be done by then.
  for (const written of [1, 2_000, 4_004]) {
    const child = spawn(process.execPath, [program, 'migrate', '--from', source, '--to', store, ...prefix]);
    await until('so much is written', async () => (await keys.all()).length >= written, 60_000, 5);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await keys.endTerm();
    if (written > 4_000 && (await keys.current()) !== '') {
      break;
    }
    expect(await keys.current()).toBe('');
    expect((await command('verify', '--store', store, ...prefix)).stderr).toContain('has no ledger');
    expect(told(await command('verify', '--store', source), 'allocations')).toBe('4000');
  }
  const isDone = (await keys.current()) !== '';
  const done = await command('migrate', '--from', source, '--to', store, ...prefix);
  expect(done).toMatchObject({ code: isDone ? 1 : 0 });
  expect(told(await command('verify', '--store', store, ...prefix), 'allocations')).toBe('4000');
  expect((await refusedStart('--listen', '127.0.0.1:0', '--store', source)).stderr).toContain('was moved to');
  expect(await keys.ledgers()).toEqual([await keys.current()]);
});

test('a migration that is interrupted in its last step serves neither, until another one has finished it', async () => {
  const prefix = { etcdPrefix: '/last-step/' };
  const ledger = await madeLedger('last.db', 2);
  const [from, to] = placesOf([ledger, store], prefix, pathToFileURL(worker));
  const dying = {
    name: to.name,
    open: () => to.open(),
    succeed: async () => {
      const successor = await to.succeed();
      return {
        store: successor.store,
        predecessor: () => successor.predecessor(),
        epoch: () => successor.epoch(),
        confirm: () => successor.confirm(),
        putInPlace: () => Promise.reject(new Error('killed')),
        end: () => successor.end(),
      };
    },
  };
  await expect(migrate(from, dying)).rejects.toThrow('killed');
  const refused = await refusedStart('--listen', '127.0.0.1:0', '--store', ledger);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('run it again') });
  const args = ['--from', ledger, '--to', store, '--etcd-prefix', prefix.etcdPrefix];
  expect(await command('migrate', ...args)).toMatchObject({ code: 0, stderr: '' });
  expect(await held(await start(store, '--etcd-prefix', prefix.etcdPrefix))).toEqual(['c0', 'c1']);
});

test('a ledger that was moved can still be restored from, as a backup: in a new epoch', async () => {
  const ledger = await madeLedger('restorable.db', 1);
  const to = `sqlite:${file('moved-to.db')}`;
  expect(await command('migrate', '--from', ledger, '--to', to)).toMatchObject({ code: 0, stderr: '' });
  const target = `sqlite:${file('again.db')}`;
  expect(await command('restore', '--from', file('restorable.db'), '--to', target)).toMatchObject({
    code: 0,
  });
  const server = await start(target);
  expect((await server.call('GET', '/v1/epoch')).body).toMatchObject({ epoch: 2, waitingFor: ['n1'] });
  await put(server, '/v1/nodes/n2', { zone: 'real' });
  expect(readdirSync(folder.path).filter((name) => name.includes('restoring'))).toEqual([]);
});

test('the commands of docs/ipam/storage.md for etcd work as they are written, in their order', async () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'ipam', 'storage.md'), 'utf8');
  const lines = page.match(/^realip-ipam-server [a-z]+ --.*etcd:.*$/gm) ?? [];
  expect(lines.map((line) => line.split(' ')[1])).toEqual([
    'backup',
    'verify',
    'restore',
    'migrate',
    'migrate',
  ]);
  mkdirSync(file('typed/var/lib/realip'), { recursive: true });
  mkdirSync(file('typed/backup'));
  const server = await start(store);
  await makeLan(server);
  await allocate(server, 'c');
  await server.stop();
  const ledger = file('typed/var/lib/realip/ipam.db');
  // The page moves a file's ledger to etcd and back; here it has been in etcd before.
  const there = ['--from', store, '--to', `sqlite:${ledger}`];
  for (const line of lines) {
    if (line.includes('--from sqlite:')) {
      expect(await command('migrate', ...there)).toMatchObject({ code: 0, stderr: '' });
    }
    const args = line
      .replaceAll('http://127.0.0.1:2379', member.url)
      .replaceAll(/(\/var\/lib|\/backup\/)/g, `${file('typed')}$1`)
      .split(' ')
      .slice(1);
    expect(await command(...args)).toMatchObject({
      ...{ code: 0, stderr: '' },
      stdout: expect.stringMatching(/^allocations +1$/m),
    });
  }
  const last = await start(`sqlite:${ledger}`);
  expect((await last.call('GET', '/v1/epoch')).body).toMatchObject({ epoch: 2 });
});
