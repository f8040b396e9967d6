import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { allocate, makeLan, release, request } from '../server/lan.ts';
import { newFolder, type Server, startServer } from '../server/process.ts';
import { until } from '../server/until.ts';
import { WatchClient } from '../server/watch.ts';
import { EtcdMember } from './etcd-cluster.ts';

const folder = newFolder();
const file = (name: string) => join(folder.path, name);
const tokens = file('tokens.yaml');
const admin = { token: 'admin-token' };
let member: EtcdMember;
let prefixes = 0;
const servers: Server[] = [];

beforeAll(async () => {
  writeFileSync(
    tokens,
    'tokens: [{token: admin-token, role: admin}, {token: n1-token, role: "node:n1"}, {token: viewer-token, role: viewer}]\n',
  );
  member = await EtcdMember.start();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop('SIGKILL')));
});
afterAll(async () => {
  await member.remove();
  folder.remove();
});

/** Two servers on one new ledger; the first leads. */
async function pair(...args: string[]): Promise<[leader: Server, follower: Server]> {
  const prefix = `/forwarding-${++prefixes}/`;
  const start = async () => {
    const server = await startServer(`etcd:${member.url}`, '--etcd-prefix', prefix, ...args);
    servers.push(server);
    return server;
  };
  return [await start(), await start()];
}

test('a follower answers every call as the leader would, and says who that is', async () => {
  const [leader, follower] = await pair();
  await makeLan(follower);
  const given = await allocate(follower, 'c1');
  expect(given.status).toBe(201);
  expect((await allocate(leader, 'c1')).body).toEqual(given.body);
  const zone = await follower.call('GET', '/v1/zones/real');
  expect(zone.headers['etag']).toBe((await leader.call('GET', '/v1/zones/real')).headers['etag']);
  const stale = { headers: { 'if-match': '"999"' } };
  expect((await follower.call('PUT', '/v1/zones/real', { type: 'macvlan' }, stale)).status).toBe(412);
  expect((await release(follower, 'c1')).status).toBe(204);
  expect((await release(follower, 'c1')).status).toBe(204);
  const batch = { allocate: Array.from({ length: 200 }, (_, i) => request(`b${i}`)) };
  expect((await follower.call('POST', '/v1/allocations:batch', batch)).body.allocated).toHaveLength(200);
  const page = await follower.call('GET', '/v1/allocations?limit=150&node=n1');
  expect(page.body.items).toHaveLength(150);
  const rest = await follower.call('GET', `/v1/allocations?limit=150&node=n1&cursor=${page.body.cursor}`);
  expect(rest.body.items).toHaveLength(50);
  expect((await follower.call('GET', '/readyz')).body).toEqual({
    ready: true,
    role: 'follower',
    leader: leader.url,
  });
  expect((await leader.call('GET', '/readyz')).body).toEqual({ ready: true, role: 'leader' });
  expect((await leader.call('GET', '/metrics')).text).toMatch(/^realip_ipam_leader 1$/m);
  expect((await follower.call('GET', '/metrics')).text).toMatch(/^realip_ipam_leader 0$/m);
});

test('a follower refuses what is wrong as the leader does', async () => {
  const [, follower] = await pair('--tokens', tokens);
  const zone = { type: 'macvlan' };
  const status = async (...call: Parameters<Server['call']>) => (await follower.call(...call)).status;
  expect(await status('PUT', '/v1/zones/a', zone, admin)).toBe(201);
  expect(await status('PUT', '/v1/zones/a', zone)).toBe(401);
  expect(await status('PUT', '/v1/zones/a', zone, { token: 'viewer-token' })).toBe(403);
  const foreign = { ...request('c1'), node: 'n2' };
  expect(await status('POST', '/v1/allocations', foreign, { token: 'n1-token' })).toBe(403);
  expect(await status('GET', '/v1/nothing', undefined, admin)).toBe(404);
  expect(await status('POST', '/v1/zones/a', zone, admin)).toBe(405);
  expect(await status('PUT', '/v1/zones/a', undefined, { ...admin, raw: '{"type":' })).toBe(400);
  expect(await status('PUT', '/v1/zones/a', undefined, { ...admin, raw: '' })).toBe(400);
  const text = { ...admin, raw: 'x', headers: { 'content-type': 'text/plain' } };
  expect(await status('PUT', '/v1/zones/a', undefined, text)).toBe(415);
  const long = { ...admin, raw: `"${'x'.repeat(1_100_000)}"` };
  expect(await status('PUT', '/v1/zones/a', undefined, long)).toBe(413);
  // What is announced as too long is not waited for.
  const announced = { 'content-type': 'application/json', 'content-length': '1100000' };
  expect(await status('PUT', '/v1/zones/a', undefined, { ...admin, raw: '{', headers: announced })).toBe(413);
  expect(await status('GET', '/healthz')).toBe(200);
});

test('what came through a follower is told as its caller’s, and nobody else can say who called', async () => {
  const [leader, follower] = await pair();
  await follower.call('PUT', '/v1/zones/a', { type: 'macvlan' }, { headers: { 'x-request-id': 'mine' } });
  const forged = { headers: { 'x-realip-forwarded-for': '192.0.2.1' } };
  await leader.call('PUT', '/v1/zones/b', { type: 'macvlan' }, forged);
  await follower.call('PUT', '/v1/zones/c', { type: 'macvlan' }, forged);
  const { body } = await leader.call('GET', '/v1/events');
  expect(body.items.map(({ object, from }: { object: string; from: string }) => [object, from])).toEqual([
    ['a', '127.0.0.1'],
    ['b', '127.0.0.1'],
    ['c', '127.0.0.1'],
  ]);
  expect(body.items[0].request).toBe('mine');
  const stranger = { headers: { 'x-realip-forwarded-by': 'guess', 'x-realip-forwarded-for': '192.0.2.1' } };
  for (const server of [leader, follower]) {
    const answer = await server.call('PUT', '/v1/zones/d', { type: 'macvlan' }, stranger);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 503, code: 'NOT_LEADING' });
    expect(answer.headers['retry-after']).toBe('1');
  }
});

test('a watch through a follower sees what happens, and goes on where it was at another', async () => {
  const [leader, follower] = await pair();
  const watch = await WatchClient.open(follower);
  await leader.call('PUT', '/v1/zones/a', { type: 'macvlan' });
  await follower.call('PUT', '/v1/zones/b', { type: 'macvlan' });
  const seen = await watch.received(2);
  expect(seen.map(({ data }) => data.object)).toEqual(['a', 'b']);
  await leader.stop();
  await watch.ended;
  await follower.call('PUT', '/v1/zones/c', { type: 'macvlan' });
  const next = await WatchClient.open(follower, '', { 'last-event-id': seen.at(-1)?.id ?? '' });
  expect((await next.received(1))[0]?.data.object).toBe('c');
  next.close();
});

test('calls that find no leader are held, and answered by whoever leads next', async () => {
  const [leader, follower] = await pair();
  await makeLan(follower);
  await leader.stop('SIGKILL');
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => allocate(follower, `held-${i}`)));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
  const given = answers.map(({ body }) => body.ips[0].address);
  expect(new Set(given).size).toBe(20);
  expect((await follower.call('GET', '/readyz')).body).toEqual({ ready: true, role: 'leader' });
});

test('a leader that stops in order lets another lead at once', async () => {
  const [leader, follower] = await pair();
  await makeLan(follower);
  let isOver = false;
  let given = 0;
  const load = (async () => {
    while (!isOver) {
      expect((await allocate(follower, `c${given}`)).status).toBe(201);
      given++;
    }
  })();
  await until('calls are under way', async () => given > 10);
  expect(await leader.stop()).toBe(0);
  const before = given;
  await until('calls go on', async () => given > before + 10);
  isOver = true;
  await load;
  expect((await follower.call('GET', '/v1/allocations?limit=1000')).body.items).toHaveLength(given);
});

function makeCertificate(name: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
  execFileSync('openssl', ['req', '-x509', ...key, ...files, '-days', '2', '-subj', `/CN=${name}`], {
    stdio: 'pipe',
  });
}

test('with TLS a follower tells its token only to the certificate that leads, also to a renewed one', async () => {
  for (const name of ['own', 'renewed', 'stranger']) {
    makeCertificate(name);
  }
  const tls = ['--tls-cert', file('own.crt'), '--tls-key', file('own.key')];
  const [leader, follower] = await pair('--tokens', tokens, ...tls);
  const zone = (server: Server, name: string) =>
    server.call('PUT', `/v1/zones/${name}`, { type: 'macvlan' }, admin);
  expect(leader.url).toMatch(/^https:/);
  expect((await zone(follower, 'a')).status).toBe(201);

  renameSync(file('renewed.crt'), file('own.crt'));
  renameSync(file('renewed.key'), file('own.key'));
  await until('the leader has the new certificate', () => /certificate/.test(leader.stderr), 60_000);
  expect((await zone(follower, 'b')).status).toBe(201);

  // Who has come by the leader's address has not come by its key.
  const { hostname, port } = new URL(leader.url);
  leader.child.kill('SIGKILL');
  await once(leader.child, 'exit');
  const heard: (string | undefined)[] = [];
  const stranger = createServer(
    { cert: readFileSync(file('stranger.crt')), key: readFileSync(file('stranger.key')) },
    ({ headers }, response) => {
      heard.push(headers.authorization);
      response.end('{}');
    },
  ).listen(Number(port), hostname);
  await once(stranger, 'listening');
  expect((stranger.address() as AddressInfo).port).toBe(Number(port));
  expect((await zone(follower, 'c')).status).toBe(201);
  expect(heard).toEqual([]);
  stranger.close();
}, 120_000);
