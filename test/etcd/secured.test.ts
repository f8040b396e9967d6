import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { Client, Metadata } from '@grpc/grpc-js';
import { channelTo } from '../../ipam-server/store/etcd/channel.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { Daemon, freePorts } from '../kube/daemon.ts';
import { type Certificates, makeCertificates } from '../lab/certificates.ts';
import { etcd } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { allocate, makeLan } from '../server/lan.ts';
import { newFolder, startServer } from '../server/process.ts';
import { until } from '../server/until.ts';
import { command, told } from './commands.ts';

const folder = newFolder();
const file = (name: string) => join(folder.path, name);
const password = 'two words,  and blanks';
let daemon: Daemon;
let certificates: Certificates;
let url = '';
/** Where it answers, too, without a certificate that says so. */
let other = '';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A call of etcd's JSON gateway; its status, 0 where nobody answers. */
function post(path: string, body: object): Promise<number> {
  const { ca, cert, key } = certificates;
  const [tls, payload] = [{ ca, cert, key }, JSON.stringify(body)];
  const files = Object.fromEntries(Object.entries(tls).map(([name, pem]) => [name, readFileSync(pem)]));
  return new Promise((resolve) => {
    const call = request(`${url}${path}`, { method: 'POST', ...files }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.on('error', () => resolve(0));
    call.end(payload);
  });
}

/** An etcd that speaks TLS alone, wants a certificate of who comes, and lets a user under one prefix. */
beforeAll(async () => {
  certificates = await makeCertificates(folder.path, ['IP:127.0.0.1']);
  const [port = 0, peerPort = 0] = await freePorts(2);
  url = `https://127.0.0.1:${port}`;
  other = `https://127.0.0.2:${port}`;
  const { ca, cert, key } = certificates;
  const peer = `http://127.0.0.1:${peerPort}`;
  daemon = new Daemon(
    [
      join(goPart(etcd), 'etcd'),
      ...['--data-dir', file('data'), '--log-level', 'warn'],
      ...['--listen-client-urls', `${url},${other}`, '--advertise-client-urls', url],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', `default=${peer}`],
      ...['--client-cert-auth', '--trusted-ca-file', ca, '--cert-file', cert, '--key-file', key],
    ],
    file('log'),
  );
  await until('etcd answers', async () => (await post('/v3/kv/range', { key: base64('a') })) === 200, 60_000);
  const perm = { permType: 2, key: base64('/ours/'), range_end: base64('/ours0') };
  const steps: [path: string, body: object][] = [
    ['user/add', { name: 'root', password: 'root' }],
    ['user/grant', { user: 'root', role: 'root' }],
    ['role/add', { name: 'ledger' }],
    ['role/grant', { name: 'ledger', perm }],
    ['user/add', { name: 'realip', password }],
    ['user/grant', { user: 'realip', role: 'ledger' }],
    ['enable', {}],
  ];
  for (const [path, body] of steps) {
    expect([path, await post(`/v3/auth/${path}`, body)]).toEqual([path, 200]);
  }
  writeFileSync(file('password'), `${password}\n`);
});
afterAll(async () => {
  await daemon.stop();
  folder.remove();
});

/** The flags by which this etcd is reached. */
function flags(changes: Record<string, string> = {}): string[] {
  const { ca, cert, key } = certificates;
  const all = {
    ...{ ca, cert, key, prefix: '/ours/', user: 'realip', 'password-file': file('password') },
    ...changes,
  };
  return Object.entries(all).flatMap(([name, value]) => [`--etcd-${name}`, value]);
}

test('server and subcommands reach an etcd that wants TLS, a certificate and a password', async () => {
  const store = `etcd:${url}`;
  const server = await startServer(`sqlite:${file('own.db')}`);
  await makeLan(server);
  await allocate(server, 'c');
  await server.stop();
  const moved = await command('migrate', '--from', `sqlite:${file('own.db')}`, '--to', store, ...flags());
  expect(moved).toMatchObject({ code: 0, stderr: '' });
  const on = await startServer(store, ...flags());
  expect((await allocate(on, 'c')).status).toBe(200);
  expect((await allocate(on, 'd')).status).toBe(201);
  await on.stop();
  const copied = await command('backup', '--from', store, '--to', file('copy.db'), ...flags());
  expect([copied.stderr, told(copied, 'allocations')]).toEqual(['', '2']);
  const restored = await command('restore', '--from', file('copy.db'), '--to', store, '--force', ...flags());
  expect([restored.stderr, told(restored, 'allocations')]).toEqual(['', '2']);
  const verified = await command('verify', '--store', store, ...flags());
  expect([verified.stderr, told(verified, 'epoch')]).toEqual(['', '2']);
});

test('what is wrong with the way to etcd is said in one line, without the password', async () => {
  writeFileSync(file('wrong'), 'a wrong secret\n');
  const verify = async (given: string[], store = `etcd:${url}`) => {
    const { code, stderr } = await command('verify', '--store', store, ...given);
    expect([code, stderr.trim().split('\n').length, /secret|two words/.test(stderr)]).toEqual([1, 1, false]);
    return stderr;
  };
  const [nobody = 0] = await freePorts(1);
  const answers: [answer: Promise<string>, said: RegExp][] = [
    [verify(flags({ 'password-file': file('wrong') })), /authentication failed/],
    [verify(flags({ prefix: '/others/' })), /the user may not do this.*permission denied/],
    [verify(flags({ ca: file('nothing.pem') })), /--etcd-ca .* cannot be read/],
    [verify(['--etcd-prefix', '/ours/']), /certificate/],
    [verify(flags(), `etcd:${other}`), /127\.0\.0\.2 is not in the cert's list/],
    [verify(flags(), `sqlite:${file('copy.db')}`), /only for --store etcd/],
    [verify(flags(), `etcd:https://127.0.0.1:${nobody}`), /ECONNREFUSED.*does not answer/],
  ];
  for (const [answer, said] of answers) {
    expect(await answer).toMatch(said);
  }
});

/** As etcd's root. Its gateway answers nobody whose certificate has a common name, so this is gRPC. */
async function changePassword(name: string, to: string): Promise<void> {
  const { ca, cert, key } = certificates;
  const place = etcdPlace(url, { etcdCa: ca, etcdCert: cert, etcdKey: key });
  const { credentials, options } = channelTo(new URL(url), place);
  const client = new Client(new URL(url).host, credentials, options);
  /** Texts as the first fields of a message. */
  const message = (texts: readonly string[]) =>
    Buffer.concat(
      texts.flatMap((text, i) => [Buffer.from([((i + 1) << 3) | 2, text.length]), Buffer.from(text)]),
    );
  const ask = (method: string, texts: readonly string[], metadata: Metadata) =>
    new Promise<Buffer>((resolve, reject) => {
      const path = `/etcdserverpb.Auth/${method}`;
      client.makeUnaryRequest(
        path,
        message,
        (bytes) => bytes,
        texts,
        metadata,
        (error, answer) => (answer === undefined ? reject(error) : resolve(answer)),
      );
    });
  const answer = await ask('Authenticate', ['root', 'root'], new Metadata());
  const metadata = new Metadata();
  metadata.set('token', /[A-Za-z]{16}\.\d+/.exec(answer.toString('latin1'))?.[0] ?? '');
  await ask('UserChangePassword', [name, to], metadata);
  client.close();
}

test('a password that is changed in its file first, and in etcd then, is taken over by a server that runs', async () => {
  const server = await startServer(`etcd:${url}`, ...flags());
  await makeLan(server);
  // It was restored a moment ago.
  await server.call('POST', '/v1/epoch:waive');
  expect((await allocate(server, 'before')).status).toBe(201);
  writeFileSync(file('password'), 'another one');
  await until('etcd does not let it in yet', () => /not usable.*authentication failed/.test(server.stderr));
  expect((await allocate(server, 'meanwhile')).status).toBe(201);
  await changePassword('realip', 'another one');
  await until('it is taken over', () => /loaded again/.test(server.stderr));
  await until('all goes on', async () => (await allocate(server, 'after')).status === 201);
  for (const id of ['before', 'meanwhile']) {
    expect((await allocate(server, id)).status).toBe(200);
  }
  await server.stop();
});
