import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { newFolder, type Server, startServer } from './process.ts';
import { until } from './until.ts';

/** Files are looked at every half second; a change counts within five. */
const soon = 5_000;

const folder = newFolder();
const file = (name: string) => join(folder.path, name);
let servers: Server[] = [];

async function start(...args: string[]): Promise<Server> {
  const server = await startServer('memory:', ...args);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});
afterAll(() => folder.remove());

const tokenFile = (token: string, role = 'viewer') => `tokens: [{token: ${token}, role: "${role}"}]\n`;

async function statusOf(server: Server, token: string): Promise<number> {
  return (await server.call('GET', '/v1/zones', undefined, { token })).status;
}

test('tokens written in place or renamed over count within 5 s, those taken away stop working', async () => {
  const path = file('tokens.yaml');
  writeFileSync(path, tokenFile('one'));
  const server = await start('--tokens', path);
  expect(await statusOf(server, 'one')).toBe(200);

  writeFileSync(path, tokenFile('two'));
  await until('the new token counts', async () => (await statusOf(server, 'two')) === 200, soon);
  expect(await statusOf(server, 'one')).toBe(401);

  writeFileSync(file('next.yaml'), tokenFile('two', 'node:n1'));
  renameSync(file('next.yaml'), path);
  await until('the new role counts', async () => (await statusOf(server, 'two')) === 403, soon);
});

test('tokens swapped behind a link, as a Secret is mounted, count within 5 s', async () => {
  for (const name of ['v1', 'v2']) {
    mkdirSync(file(name));
    writeFileSync(file(`${name}/tokens.yaml`), tokenFile(name));
  }
  symlinkSync('v1', file('..data'));
  symlinkSync('..data/tokens.yaml', file('mounted.yaml'));
  const server = await start('--tokens', file('mounted.yaml'));
  expect(await statusOf(server, 'v1')).toBe(200);
  symlinkSync('v2', file('..data_tmp'));
  renameSync(file('..data_tmp'), file('..data'));
  await until('the swapped file counts', async () => (await statusOf(server, 'v2')) === 200, soon);
  expect(await statusOf(server, 'v1')).toBe(401);
});

test('a bad tokens file leaves the last good one in use, and the log says why without a token', async () => {
  const path = file('mended.yaml');
  writeFileSync(path, tokenFile('good'));
  const server = await start('--tokens', path);
  for (const [text, reason] of [
    ['tokens: [{token: secret-text, role: king}]', 'king'],
    ['tokens: [{token: secret-text, role: admin', 'mended.yaml'],
    ['', 'not a mapping'],
    ['tokens: []', 'at least one'],
    ['tokens: [{token: secret-text, role: admin}, {token: secret-text, role: viewer}]', 'earlier entry'],
  ] as const) {
    const told = server.stderr.length;
    writeFileSync(path, text);
    await until(`${text} is told`, () => server.stderr.slice(told).includes(reason), soon);
    expect(await statusOf(server, 'good')).toBe(200);
    expect(await statusOf(server, 'secret-text')).toBe(401);
  }
  renameSync(path, file('away.yaml'));
  await until('its absence is told', () => server.stderr.includes('can’t be read'), soon);
  expect(await statusOf(server, 'good')).toBe(200);
  expect(server.stderr).not.toContain('secret-text');

  writeFileSync(path, tokenFile('mended'));
  await until('the mended file counts', async () => (await statusOf(server, 'mended')) === 200, soon);
  const { text } = await server.call('GET', '/metrics', undefined, { token: 'mended' });
  expect(text).toContain('realip_ipam_reloads_total{what="tokens",result="ok"} 1');
});

function makeCertificate(name: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
  execFileSync('openssl', ['req', '-x509', ...key, ...files, '-days', '2', '-subj', `/CN=${name}`], {
    stdio: 'pipe',
  });
}

/** The name in the certificate that a new connection is shown. */
function subjectOf(server: Server): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('a renewed certificate serves new connections within 10 s; half of a pair changes nothing', async () => {
  makeCertificate('first');
  makeCertificate('second');
  const [cert, key] = [file('tls.crt'), file('tls.key')];
  renameSync(file('first.crt'), cert);
  renameSync(file('first.key'), key);
  const server = await start('--tls-cert', cert, '--tls-key', key);
  expect(await subjectOf(server)).toBe('first');
  renameSync(file('second.crt'), cert);
  await until('half of a pair is told', () => server.stderr.includes('not the key of'), 10_000);
  expect(await subjectOf(server)).toBe('first');
  renameSync(file('second.key'), key);
  await until('the new pair serves', async () => (await subjectOf(server)) === 'second', 10_000);
});
