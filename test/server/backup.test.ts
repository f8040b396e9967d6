import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { allocate, makeLan, release } from './lan.ts';
import { newFolder, program, refusedStart, type Server, startServer } from './process.ts';

const folder = newFolder();
const file = (name: string) => join(folder.path, name);
afterAll(() => folder.remove());

const run = promisify(execFile);

/** Runs a subcommand of the server’s program to its end. */
async function command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, [program, ...args])) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

/** What a running server answers as its backup, in a file. */
async function download(server: Server, to: string): Promise<void> {
  const answer = await fetch(`${server.url}/v1/backup`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/vnd.sqlite3');
  writeFileSync(to, Buffer.from(await answer.arrayBuffer()));
}

async function attachments(server: Server): Promise<string[]> {
  const { body } = await server.call('GET', '/v1/allocations?limit=1000');
  return body.items.map((item: { containerId: string }) => item.containerId);
}

/** A ledger whose server has ended, with so many allocations. */
async function madeLedger(name: string, count: number): Promise<string> {
  const server = await startServer(`sqlite:${file(name)}`);
  await makeLan(server);
  for (let i = 0; i < count; i++) {
    await allocate(server, `c${i}`);
  }
  await server.stop();
  return file(name);
}

test('a backup of a running server is whole, of one moment, and holds all acknowledged before it was asked for', async () => {
  const server = await startServer(`sqlite:${file('running.db')}`);
  await makeLan(server, { start: '10.9.0.1', end: '10.9.255.254', cooldownSeconds: 0 });
  const acknowledged: string[] = [];
  let isEnding = false;
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let i = 0; !isEnding; i++) {
      const { status } = await allocate(server, `c${client}-${i}`);
      expect(status).toBe(201);
      acknowledged.push(`c${client}-${i}`);
    }
  });
  for (let round = 0; round < 5; round++) {
    const before = [...acknowledged];
    const copy = file(`copy-${round}.db`);
    await download(server, copy);
    const verified = await command('verify', '--store', `sqlite:${copy}`);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    const held = Number(/^allocations +(\d+)$/m.exec(verified.stdout)?.[1]);
    expect(held).toBeGreaterThanOrEqual(before.length);
    expect(held).toBeLessThanOrEqual(acknowledged.length + 8);
  }
  isEnding = true;
  await Promise.all(clients);
  await server.stop('SIGKILL');
  const again = await startServer(`sqlite:${file('running.db')}`);
  const { body } = await again.call('GET', '/v1/subnets/lan/usage');
  expect(body.byState.allocated).toBe(acknowledged.length);
  expect(await again.stop()).toBe(0);
  expect(readdirSync(folder.path).filter((name) => name.includes('sending'))).toEqual([]);
});

test('only an admin may take a backup, and a ledger in memory has none', async () => {
  const tokens = file('tokens.yaml');
  writeFileSync(
    tokens,
    'tokens: [{token: v, role: viewer}, {token: a, role: admin}, {token: n, role: "node:n1"}]',
  );
  const server = await startServer('memory:', '--tokens', tokens);
  const status = async (token: string) =>
    (await server.call('GET', '/v1/backup', undefined, { token })).status;
  expect([await status('v'), await status('n')]).toEqual([403, 403]);
  const { body } = await server.call('GET', '/v1/backup', undefined, { token: 'a' });
  expect(body).toMatchObject({ status: 409, code: 'BACKUP_IMPOSSIBLE' });
  await server.stop();
});

test('a restored ledger has what the backup had, in a new epoch, with numbers that were never given', async () => {
  const server = await startServer(`sqlite:${file('lost.db')}`);
  await makeLan(server, { cooldownSeconds: 0 });
  await allocate(server, 'old');
  await download(server, file('backup.db'));
  const { body: after } = await allocate(server, 'after-the-backup');
  await server.stop('SIGKILL');

  const restored = await command(
    'restore',
    '--from',
    file('backup.db'),
    '--to',
    `sqlite:${file('restored.db')}`,
  );
  expect(restored).toMatchObject({ code: 0, stderr: '' });
  expect(restored.stdout).toContain('waits for 1 nodes');
  const next = await startServer(`sqlite:${file('restored.db')}`);
  expect(await attachments(next)).toEqual(['old']);
  expect((await next.call('GET', '/v1/epoch')).body).toMatchObject({ epoch: 2, waitingFor: ['n1'] });
  expect((await allocate(next, 'new')).body.code).toBe('EPOCH_PENDING');
  expect((await next.call('POST', '/v1/epoch:waive')).status).toBe(200);
  const { body: given } = await allocate(next, 'new');
  expect(given.ips[0].address).toBe(after.ips[0].address);
  expect(given.generation).toBeGreaterThan(after.generation);
  await release(next, 'new', `?generation=${after.generation}`);
  expect(await attachments(next)).toEqual(['old', 'new']);
  await next.stop();
});

test('restore never takes a ledger away: it refuses, or with --force puts it aside', async () => {
  const ledger = await madeLedger('present.db', 3);
  const backup = await madeLedger('small.db', 1);
  const whole = readFileSync(ledger);
  const refused = await command('restore', '--from', backup, '--to', `sqlite:${ledger}`);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') });
  expect(readFileSync(ledger).equals(whole)).toBe(true);

  const forced = await command('restore', '--from', backup, '--to', `sqlite:${ledger}`, '--force');
  expect(forced.code).toBe(0);
  const aside = /is (\S+\.replaced-\S+) now/.exec(forced.stdout)?.[1] ?? '';
  expect((await command('verify', '--store', `sqlite:${aside}`)).stdout).toMatch(/^allocations +3$/m);
  expect((await command('verify', '--store', `sqlite:${ledger}`)).stdout).toMatch(/^allocations +1$/m);
});

test('restore puts a damaged ledger aside, and nothing of its -wal file gets into the restored one', async () => {
  const ledger = file('torn.db');
  const server = await startServer(`sqlite:${ledger}`);
  await makeLan(server);
  await allocate(server, 'lost');
  await server.stop('SIGKILL');
  writeFileSync(ledger, Buffer.alloc(100_000, 0xab));
  const backup = await madeLedger('good.db', 2);
  const { code, stdout } = await command('restore', '--from', backup, '--to', `sqlite:${ledger}`, '--force');
  expect(code).toBe(0);
  expect(existsSync(/is (\S+\.replaced-\S+) now/.exec(stdout)?.[1] ?? '')).toBe(true);
  expect(existsSync(`${ledger}-wal`)).toBe(false);
  const next = await startServer(`sqlite:${ledger}`);
  expect(await attachments(next)).toEqual(['c0', 'c1']);
  await next.stop();
});

test('neither a file in use nor a damaged backup is restored, copied or verified', async () => {
  const ledger = await madeLedger('used.db', 2);
  const broken = file('broken.db');
  const bytes = readFileSync(ledger);
  bytes.fill(0xab, 4096, 6000);
  writeFileSync(broken, bytes);
  const damaged = { code: 1, stderr: expect.stringMatching(/damaged/) };
  expect(await command('verify', '--store', `sqlite:${broken}`)).toMatchObject(damaged);
  expect(await command('restore', '--from', broken, '--to', `sqlite:${file('n.db')}`)).toMatchObject(damaged);
  expect(await command('backup', '--from', `sqlite:${broken}`, '--to', file('n.db'))).toMatchObject(damaged);
  expect(existsSync(file('n.db'))).toBe(false);

  const server = await startServer(`sqlite:${ledger}`);
  const used = { code: 1, stderr: expect.stringMatching(/another server.*GET \/v1\/backup/i) };
  expect(await command('backup', '--from', `sqlite:${ledger}`, '--to', file('n.db'))).toMatchObject(used);
  expect(await command('verify', '--store', `sqlite:${ledger}`)).toMatchObject(used);
  const force = ['--to', `sqlite:${ledger}`, '--force'];
  expect(await command('restore', '--from', await madeLedger('b.db', 1), ...force)).toMatchObject(used);
  expect((await allocate(server, 'c1')).status).toBe(200);
  await server.stop();
  expect(readdirSync(folder.path).filter((name) => name.includes('restoring'))).toEqual([]);
});

test('a backup by the subcommand is a new file, whole, and the ledger goes on', async () => {
  const ledger = await madeLedger('stopped.db', 2);
  const copied = await command('backup', '--from', `sqlite:${ledger}`, '--to', file('stopped-copy.db'));
  expect(copied).toMatchObject({ code: 0, stdout: expect.stringMatching(/^allocations +2$/m) });
  const again = await command('backup', '--from', `sqlite:${ledger}`, '--to', file('stopped-copy.db'));
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') });
  const nothing = await command('backup', '--from', `sqlite:${file('nothing.db')}`, '--to', file('n2.db'));
  expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing.db') });
  expect(existsSync(file('nothing.db'))).toBe(false);
  const server = await startServer(`sqlite:${ledger}`);
  expect(await attachments(server)).toEqual(['c0', 'c1']);
  await server.stop();
});

test('what a server that was killed had not sent is gone with the next start', async () => {
  const ledger = await madeLedger('unsent.db', 1);
  writeFileSync(`${ledger}.sending-1`, 'half a copy');
  writeFileSync(`${ledger}.kept`, 'something else');
  await (await startServer(`sqlite:${ledger}`)).stop();
  expect([existsSync(`${ledger}.sending-1`), existsSync(`${ledger}.kept`)]).toEqual([false, true]);
});

test('a file that was copied from under a running server is refused: its last changes are missing', async () => {
  const server = await startServer(`sqlite:${file('live.db')}`);
  await makeLan(server);
  copyFileSync(file('live.db'), file('bare-copy.db'));
  await server.stop();
  const { code, stderr } = await refusedStart(
    '--listen',
    '127.0.0.1:0',
    '--store',
    `sqlite:${file('bare-copy.db')}`,
  );
  expect([code, stderr]).toEqual([1, expect.stringMatching(/-wal.*is missing/)]);
});

test('the commands of docs/ipam/storage.md work as they are written: backup, verify, restore', async () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'ipam', 'storage.md'), 'utf8');
  mkdirSync(file('disaster/var/lib/realip'), { recursive: true });
  mkdirSync(file('disaster/backup'));
  const all = page.match(/realip-ipam-server (backup|verify|restore) --[^`\n]+/g) ?? [];
  const lines = all.filter((line) => !line.includes('etcd:'));
  expect(lines.map((line) => line.split(' ')[1])).toEqual(['backup', 'verify', 'restore']);
  const ledger = await madeLedger('disaster/var/lib/realip/ipam.db', 3);
  for (const line of lines) {
    if (line.includes('restore')) {
      rmSync(ledger);
    }
    const args = line
      .replaceAll(/(\/var\/lib|\/backup\/)/g, `${file('disaster')}$1`)
      .split(' ')
      .slice(1);
    expect(await command(...args)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^allocations +3$/m),
    });
  }
  const server = await startServer(`sqlite:${ledger}`);
  expect(await attachments(server)).toEqual(['c0', 'c1', 'c2']);
  expect((await server.call('GET', '/v1/epoch')).body).toMatchObject({ epoch: 2 });
  await server.stop();
});
