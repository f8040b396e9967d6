import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allocate, makeLan } from '../server/lan.ts';
import { refusedStart, type Server, startServer } from '../server/process.ts';
import { until } from '../server/until.ts';
import { EtcdMember } from './etcd-cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'realip-least-role-'));
let member: EtcdMember;
const servers: Server[] = [];
beforeAll(async () => {
  // Tokens of this kind say of which time they are; etcd's own kind doesn't.
  const key = join(folder, 'key.pem');
  execFileSync('openssl', ['genrsa', '-out', key, '2048'], { stdio: 'ignore' });
  execFileSync('openssl', ['rsa', '-in', key, '-pubout', '-out', `${key}.pub`], { stdio: 'ignore' });
  member = await EtcdMember.start(
    ...['--auth-token', `jwt,pub-key=${key}.pub,priv-key=${key},sign-method=RS256,ttl=10m`],
  );
  // As docs/ipam/etcd.md says by etcdctl.
  await etcd('auth/role/add', { name: 'realip' });
  const perm = { permType: 'READWRITE', key: base64('/realip/'), range_end: base64('/realip0') };
  await etcd('auth/role/grant', { name: 'realip', perm });
  for (const [name, role] of [
    ['root', 'root'],
    ['realip', 'realip'],
  ]) {
    await etcd('auth/user/add', { name, password: 'a-long-password' });
    await etcd('auth/user/grant', { user: name, role });
  }
  await etcd('auth/enable', {});
  writeFileSync(join(folder, 'password'), 'a-long-password\n');
}, 120_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop('SIGKILL')));
  await member?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A call of etcd's JSON gateway, as whoever the token is of. */
async function etcd(call: string, body: object, token = ''): Promise<{ readonly token?: string }> {
  const headers = { authorization: token };
  const answer = await fetch(`${member.url}/v3/${call}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  expect([call, answer.status, text]).toEqual([call, 200, expect.any(String)]);
  return JSON.parse(text);
}

const login = () => ['--etcd-user', 'realip', '--etcd-password-file', join(folder, 'password')];

test('a user who may read and write the prefix alone is enough for two servers, of which one takes over', async () => {
  for (const _ of ['leader', 'follower']) {
    servers.push(await startServer(`etcd:${member.url}`, ...login()));
  }
  const [first, second] = servers as [Server, Server];
  await makeLan(second);
  const { body } = await allocate(second, 'c1');
  await first.stop('SIGKILL');
  await until(
    'the other leads',
    async () => (await second.call('GET', '/readyz')).body.role === 'leader',
    60_000,
  );
  expect((await allocate(second, 'c1')).body).toEqual(body);
  expect((await allocate(second, 'c2')).status).toBe(201);
}, 120_000);

test('a server goes on when etcd’s users are changed, which ends every token', async () => {
  const [, server] = servers as [Server, Server];
  const { token } = await etcd('auth/authenticate', { name: 'root', password: 'a-long-password' });
  await etcd('auth/user/add', { name: 'somebody', password: 'else' }, token);
  expect((await allocate(server, 'c3')).status).toBe(201);
  expect((await server.call('GET', '/readyz')).body).toMatchObject({ role: 'leader' });
}, 120_000);

test('another prefix is refused to him, at the start', async () => {
  const { code, stderr } = await refusedStart(
    ...['--listen', '127.0.0.1:0', '--store', `etcd:${member.url}`, '--etcd-prefix', '/others/', ...login()],
  );
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('permission denied') });
}, 120_000);

test('without a user nobody is let in', async () => {
  const { code, stderr } = await refusedStart('--listen', '127.0.0.1:0', '--store', `etcd:${member.url}`);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('user name is empty') });
}, 120_000);
