import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

const folder = mkdtempSync(join(tmpdir(), 'realip-tls-'));
const at = (name: string) => join(folder, name);
const url = 'https://127.0.0.1:8080';
const adminToken = 'a-long-token-of-the-admin';
let network: Network;
let ipam: IpamServer;

function certify(name: string): void {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)],
    ],
    { stdio: 'ignore' },
  );
}

beforeAll(async () => {
  certify('server');
  certify('stranger');
  const tokens = [
    { token: adminToken, role: 'admin' },
    { token: 'a-long-token-of-node-n1', role: 'node:n1' },
  ];
  writeFileSync(at('tokens.yaml'), JSON.stringify({ tokens }));
  writeFileSync(at('node'), 'a-long-token-of-node-n1\n');
  writeFileSync(at('wrong'), 'a-long-token-of-nobody');
  network = new Network();
  const flags = [
    '--tls-cert',
    at('server.crt'),
    '--tls-key',
    at('server.key'),
    '--tokens',
    at('tokens.yaml'),
  ];
  ipam = await IpamServer.start(network.node, { flags, url, adminToken, caFile: at('server.crt') });
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
  rmSync(folder, { recursive: true });
});

function called(name: string, change: object) {
  const own = { server: url, caFile: at('server.crt'), tokenFile: at('node'), ...change };
  return new Plugin(network.node, { ipam: own }).add(name, network.pod(name));
}

test('with its authority and its node’s token', () => {
  expect(called('a', {}).status).toBe(0);
});

test('a proxy for pulling images is not asked', () => {
  const plugin = new Plugin(network.node, {
    ipam: { server: url, caFile: at('server.crt'), tokenFile: at('node') },
  });
  const proxies = {
    HTTP_PROXY: 'http://127.0.0.1:1',
    HTTPS_PROXY: 'http://127.0.0.1:1',
    no_proxy: 'example.com',
  };
  expect(plugin.add('p', network.pod('p'), { env: proxies }).status).toBe(0);
});

test('a certificate of a stranger: code 11, naming why, and the token stays here', () => {
  expect(called('b', { caFile: at('stranger.crt') }).json).toMatchObject({
    code: 11,
    msg: expect.stringMatching(/CERT|SIGNED/),
  });
});

test('a wrong token, and none: code 120', () => {
  expect(called('c', { tokenFile: at('wrong') }).json).toMatchObject({ code: 120 });
  expect(called('d', { tokenFile: undefined }).json).toMatchObject({ code: 120 });
});

test('a token file that is not there: code 7, and DEL succeeds all the same', () => {
  expect(called('e', { tokenFile: at('nothing') }).json).toMatchObject({ code: 7 });
  const plugin = new Plugin(network.node, { ipam: { server: url, tokenFile: at('nothing') } });
  expect(plugin.del('e', '').status).toBe(0);
});
