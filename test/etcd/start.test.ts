import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { services } from '../../ipam-server/store/etcd/api.ts';
import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { currentKey, layoutOf } from '../../ipam-server/store/etcd/layout.ts';
import type { RangeResponse } from '../../ipam-server/store/etcd/messages.ts';
import { slowness } from '../../netlink/testing/slowness.ts';
import { freePorts } from '../kube/daemon.ts';
import { newFolder, refusedStart, startServer } from '../server/process.ts';
import { EtcdMember } from './etcd-cluster.ts';

const folder = newFolder();
const file = (name: string) => join(folder.path, name);
beforeAll(() => {
  writeFileSync(file('password'), 'secret\n');
  writeFileSync(file('ca.pem'), 'no certificate');
});
afterAll(() => folder.remove());

/** A start error is one clear message, soon, and no stack trace. */
async function expectRefusal(store: string, flags: readonly string[], message: RegExp): Promise<void> {
  const start = performance.now();
  const { code, stderr } = await refusedStart('--listen', '127.0.0.1:0', '--store', store, ...flags);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
  const told = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  expect(told).toHaveLength(1);
  expect(stderr).not.toMatch(/ at .*:\d+:\d+|secret/);
  expect(performance.now() - start).toBeLessThan(8_000 * slowness());
}

test('an etcd that does not answer is told within eight seconds', async () => {
  const [port = 0] = await freePorts(1);
  await expectRefusal(`etcd:http://127.0.0.1:${port}`, [], /etcd.*ECONNREFUSED.*--store/);
}, 60_000);

test.each<[store: string, flags: readonly string[], message: RegExp]>([
  ['etcd:', [], /--store "etcd:" is neither sqlite:FILE, etcd:URL/],
  ['etcd:127.0.0.1:2379', [], /"127\.0\.0\.1:2379" is not http:\/\/HOST:PORT/],
  ['etcd:http://a:1,https://b:1', [], /with and without TLS/],
  ['etcd:http://u:p@a:1', [], /is not http:\/\/HOST:PORT/],
  ['etcd:http://a:1', ['--etcd-ca', 'ca.pem'], /need https endpoints/],
  ['etcd:https://a:1', ['--etcd-cert', 'c.pem'], /go together/],
  ['etcd:https://a:1', ['--etcd-ca', 'nowhere.pem'], /--etcd-ca nowhere\.pem cannot be read/],
  ['etcd:http://a:1', ['--etcd-user', 'realip'], /--etcd-user and --etcd-password-file go together/],
  ['etcd:http://a:1', ['--etcd-prefix', 'a b'], /--etcd-prefix "a b"/],
  ['etcd:http://a:1', ['--advertise-url', 'a:1'], /"a:1" is not http:\/\/HOST:PORT/],
  ['etcd:http://a:1', ['--advertise-url', 'https://a:1'], /--advertise-url is https:\/\/a:1/],
  ['memory:', ['--advertise-url', 'http://a:1'], /--advertise-url is only for --store etcd:/],
  ['memory:', ['--etcd-prefix', '/realip/'], /--etcd-prefix is only for --store etcd:/],
])('--store %s %j is refused with its reason', async (store, flags, message) => {
  await expectRefusal(store, flags, message);
});

/** Says of itself that it is of a version of which none can be had any more. */
async function oldEtcd(version: string): Promise<{ url: string; stop(): void }> {
  const server = new Server();
  server.addService(services.Maintenance.service, {
    Status: (_: unknown, answer: sendUnaryData<object>) => answer(null, { version }),
  });
  server.addService(services.KV.service, {
    Range: (_: unknown, answer: sendUnaryData<object>) => answer(null, { kvs: [] }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

test('an etcd before 3.4 is refused', async () => {
  const old = await oldEtcd('3.3.27');
  await expectRefusal(`etcd:${old.url}`, [], /etcd is 3\.3\.27.*3\.4 or newer/);
  old.stop();
}, 60_000);

test('a ledger that a newer server has written is not begun on, and stays as it is', async () => {
  const member = await EtcdMember.start();
  const store = `etcd:${member.url}`;
  await (await startServer(store)).stop();
  const connection = new EtcdConnection(etcdPlace(member.url, {}));
  const read = async (key: string) =>
    (await connection.call<RangeResponse>('KV', 'Range', { key })).kvs[0]?.value ?? '';
  const head = layoutOf('/realip/', await read(currentKey('/realip/'))).head;
  await connection.call('KV', 'Txn', {
    compare: [],
    success: [{ request_put: { key: head, value: '2 in another way' } }],
    failure: [],
  });
  await expectRefusal(store, [], /is of format 2.*newer server/);
  expect(await read(head)).toBe('2 in another way');
  connection.close();
  await member.remove();
}, 60_000);

test('a file that is no certificate is told by name', async () => {
  await expectRefusal('etcd:https://127.0.0.1:1', ['--etcd-ca', file('ca.pem')], /ca\.pem/);
});
