import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import { allocate, makeLan } from './lan.ts';
import { newFolder, refusedStart, startServer } from './process.ts';

const folder = newFolder();
const file = (name: string) => join(folder.path, name);
const loopback = ['--listen', '127.0.0.1:0'];
afterAll(() => folder.remove());

/** A start error is one clear message, soon, and no stack trace. */
async function expectRefusal(args: string[], message: RegExp): Promise<void> {
  const start = Date.now();
  const { code, stderr } = await refusedStart(...args);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/ at .*:\d+:\d+/);
  expect(Date.now() - start).toBeLessThan(8_000 * slowness());
}

test('the ready line has the address, and nothing else is on stdout', async () => {
  const server = await startServer('memory:');
  await server.call('GET', '/readyz');
  expect(server.stdout).toMatch(/^\S+.* http:\/\/127\.0\.0\.1:\d+\n$/);
  expect(await server.stop()).toBe(0);
});

test('a second server on the same file is refused, and the first goes on', async () => {
  const store = `sqlite:${file('one.db')}`;
  const first = await startServer(store);
  await makeLan(first);
  await expectRefusal([...loopback, '--store', store], /one\.db.*another server.*Stop that server/i);
  expect((await allocate(first, 'c1')).status).toBe(201);
  expect(await first.stop()).toBe(0);
  const next = await startServer(store);
  expect((await allocate(next, 'c1')).status).toBe(200);
  await next.stop();
});

test('a damaged file is refused and left as it is', async () => {
  const store = file('whole.db');
  const server = await startServer(`sqlite:${store}`);
  await makeLan(server);
  for (let i = 0; i < 100; i++) {
    await allocate(server, `c${i}`);
  }
  await server.stop();
  const whole = readFileSync(store);
  const damages: [string, (path: string) => void][] = [
    ['no database', (path) => writeFileSync(path, 'not a database '.repeat(1000))],
    ['cut', (path) => truncateSync(path, whole.length - 4096)],
    ['overwritten', (path) => overwrite(path, 4096, 3000)],
    ['a damaged head', (path) => overwrite(path, 0, 200)],
  ];
  for (const [name, damage] of damages) {
    const path = file(`${name}.db`);
    writeFileSync(path, whole);
    damage(path);
    const before = readFileSync(path);
    await expectRefusal([...loopback, '--store', `sqlite:${path}`], /damaged/);
    expect(readFileSync(path).equals(before)).toBe(true);
  }
});

function overwrite(path: string, at: number, length: number): void {
  const handle = openSync(path, 'r+');
  writeSync(handle, Buffer.alloc(length, 0xab), 0, length, at);
  closeSync(handle);
}

test('another program’s database is refused', async () => {
  const path = file('other.db');
  execFileSync(process.execPath, [
    '-e',
    `const D = require('libsql'); new D(${JSON.stringify(path)}).exec('CREATE TABLE songs (title TEXT)')`,
  ]);
  await expectRefusal([...loopback, '--store', `sqlite:${path}`], /another program/);
});

test.each([
  ['an unknown role', 'tokens: [{token: x, role: king}]', /king/],
  ['an entry without token', 'tokens: [{role: admin}]', /tokens\[0\]/],
  ['an unknown field', 'tokens: [{token: x, role: admin, colour: red}]', /tokens\[0\]/],
  ['no list', 'token: x', /"tokens"/],
  ['no YAML', 'tokens: [', /tokens\.yaml/],
  ['no entry', 'tokens: []', /at least one/],
  ['an unknown role of a service account', 'serviceAccounts: [{namespace: a, name: b, role: king}]', /king/],
  ['an account without namespace', 'serviceAccounts: [{name: b, role: admin}]', /serviceAccounts\[0\]/],
  ['a token for all nodes', 'tokens: [{token: x, role: "node:*"}]', /tokens\[0\]: the role "node:\*"/],
  ['a token that no header can carry', 'tokens: [{token: "a b", role: admin}]', /without blanks/],
  ['a token twice', 'tokens: [{token: x, role: admin}, {token: x, role: viewer}]', /tokens\[1\].*again/],
])('a tokens file with %s is refused', async (_, text, message) => {
  const path = file('tokens.yaml');
  writeFileSync(path, text);
  await expectRefusal([...loopback, '--store', 'memory:', '--tokens', path], message);
});

test.each([
  [['--store', 'memory:', '--listen', '0.0.0.0:0'], /--tokens/],
  [['--store', 'memory:', '--listen', '0.0.0.0:0', '--insecure-http'], /--tokens/],
  [['--store', 'memory:', '--listen', '10.9.0.1'], /host:port/],
  [['--store', 'memory:', '--tokens', '/nowhere/tokens.yaml'], /tokens\.yaml/],
  [['--store', 'memory:', '--tls-cert', '/nowhere/cert.pem'], /go together/],
  [['--store', 'memory:', '--tls-cert', '/nowhere/a.pem', '--tls-key', '/nowhere/b.pem'], /TLS/],
  [['--store', 'mysql:x'], /mysql/],
  [['--store', 'sqlite:/nowhere/ipam.db'], /nowhere/],
  [['--listen', '127.0.0.1:0'], /--store/],
  [['--store', 'memory:', '--colour'], /colour/],
  [['--store', 'memory:', '--kube'], /--kube finds no cluster: KUBECONFIG is not set/],
  [['--store', 'memory:', '--listen', '0.0.0.0:0', '--kube'], /--insecure-http/],
  [['--store', 'memory:', '--listen', '[::]:0'], /--tokens or --kube/],
  [['--store', 'memory:', '--listen', '[::ffff:10.9.0.1]:0'], /--tokens or --kube/],
])('%j is refused', async (args, message) => {
  await expectRefusal(args, message);
});

test('an address in use is refused', async () => {
  const server = await startServer('memory:');
  const { host } = new URL(server.url);
  await expectRefusal(['--store', 'memory:', '--listen', host], /in use/);
  await expectRefusal([...loopback, '--store', 'memory:', '--metrics-listen', host], /in use/);
  await server.stop();
});

test('beyond loopback it starts with tokens and TLS, or with --insecure-http', async () => {
  const path = file('good.yaml');
  writeFileSync(path, 'tokens: [{token: t, role: admin}]');
  const beyond = ['--listen', '0.0.0.0:0', '--tokens', path];
  await expectRefusal(['--store', 'memory:', ...beyond], /--insecure-http/);
  const plain = await startServer('memory:', ...beyond, '--insecure-http');
  await plain.stop();

  const [cert, key] = [file('cert.pem'), file('key.pem')];
  const subject = ['-subj', '/CN=ipam', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject],
    {
      stdio: 'ignore',
    },
  );
  const otherKey = file('other-key.pem');
  execFileSync('openssl', ['genrsa', '-out', otherKey, '2048'], { stdio: 'ignore' });
  const tls = await startServer('memory:', ...beyond, '--tls-cert', cert, '--tls-key', key);
  expect(tls.url).toMatch(/^https:/);
  await expectRefusal(
    ['--store', 'memory:', ...beyond, '--tls-cert', cert, '--tls-key', otherKey],
    /cert\.pem.*not the key of/,
  );
  const zones = await tls.call('GET', '/v1/zones', undefined, { token: 't' });
  expect(zones).toMatchObject({ status: 200, body: { items: [] } });
  expect((await tls.call('GET', '/v1/zones')).status).toBe(401);
  expect(await tls.stop()).toBe(0);
});

test.each(['localhost:0', '[::1]:0', '[::ffff:127.0.0.1]:0'])(
  '%s is loopback: no token is asked for',
  async (place) => {
    const server = await startServer('memory:', '--listen', place);
    expect((await server.call('GET', '/v1/zones')).status).toBe(200);
    expect(await server.stop()).toBe(0);
  },
);

test('service accounts in the tokens file of a server without --kube are warned of', async () => {
  const path = file('accounts.yaml');
  writeFileSync(path, 'serviceAccounts: [{namespace: a, name: b, role: viewer}]');
  const server = await startServer('memory:', '--tokens', path);
  expect(server.stderr).toContain('only with --kube');
  expect(await server.stop()).toBe(0);
});

test('--metrics-listen opens a port with metrics alone', async () => {
  const server = await startServer('memory:', '--metrics-listen', '127.0.0.1:19391');
  await makeLan(server);
  const metrics = await fetch('http://127.0.0.1:19391/metrics');
  expect(await metrics.text()).toContain('realip_ipam_addresses{subnet="lan",state="free"} 256');
  expect((await fetch('http://127.0.0.1:19391/metrics?name=x', { method: 'HEAD' })).status).toBe(200);
  expect((await fetch('http://127.0.0.1:19391/v1/zones')).status).toBe(404);
  expect(await server.stop()).toBe(0);
});
