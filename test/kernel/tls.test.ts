import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';
import { certify, startSecured } from './secured.ts';

const folder = mkdtempSync(join(tmpdir(), 'realip-tls-'));
const at = (name: string) => join(folder, name);
const url = 'https://127.0.0.1:8080';
let network: Network;
let ipam: IpamServer;

beforeAll(async () => {
  certify(folder, 'stranger', '127.0.0.1');
  writeFileSync(at('wrong'), 'a-long-token-of-nobody');
  network = new Network();
  ipam = await startSecured(network.node, folder, '127.0.0.1', 8080, ['n1']);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
  rmSync(folder, { recursive: true });
});

function called(name: string, change: object) {
  const own = { server: url, caFile: at('server.crt'), tokenFile: at('tokens/n1'), ...change };
  return new Plugin(network.node, { ipam: own }).add(name, network.pod(name));
}

test('with its authority and its node’s token', () => {
  expect(called('a', {}).status).toBe(0);
});

test('a proxy for pulling images is not asked', () => {
  const plugin = new Plugin(network.node, {
    ipam: { server: url, caFile: at('server.crt'), tokenFile: at('tokens/n1') },
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
