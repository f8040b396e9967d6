import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon, freePorts } from '../kube/daemon.ts';
import { type Certificates, makeCertificates } from '../lab/certificates.ts';
import { etcd } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { allocate, makeLan } from '../server/lan.ts';
import { newFolder, type Server, startServer } from '../server/process.ts';
import { until } from '../server/until.ts';

const folder = newFolder();
const file = (...names: string[]) => join(folder.path, ...names);
/** What the servers' flags name. */
const own: Certificates = { ca: file('own.ca'), cert: file('own.crt'), key: file('own.key') };
/** Both authorities. */
const both = file('both.ca');
const everybody: Server[] = [];
let before: Certificates;
let after: Certificates;
let stranger: Certificates;
let launch: (trusted: string, shown: Certificates) => Daemon;
let daemon: Daemon;
let store = '';

beforeAll(async () => {
  for (const name of ['before', 'after', 'stranger']) {
    mkdirSync(file(name));
  }
  before = await makeCertificates(file('before'), ['IP:127.0.0.1']);
  after = await makeCertificates(file('after'), ['IP:127.0.0.1']);
  stranger = await makeCertificates(file('stranger'), ['IP:127.0.0.1']);
  writeFileSync(both, Buffer.concat([before.ca, after.ca].map((path) => readFileSync(path))));
  const [port = 0, peerPort = 0] = await freePorts(2);
  const [url, peer] = [`https://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  store = `etcd:${url}`;
  launch = (trusted, shown) =>
    new Daemon(
      [
        join(goPart(etcd), 'etcd'),
        ...['--data-dir', file('data'), '--log-level', 'warn'],
        ...['--listen-client-urls', url, '--advertise-client-urls', url],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--initial-cluster', `default=${peer}`],
        ...['--client-cert-auth', '--trusted-ca-file', trusted],
        ...['--cert-file', shown.cert, '--key-file', shown.key],
      ],
      file('log'),
    );
});
afterAll(async () => {
  await Promise.all(everybody.map((server) => server.stop()));
  await daemon?.stop();
  folder.remove();
});

/** How often a server has taken changed files over, or refused to. */
async function reloads(server: Server, result: 'ok' | 'refused'): Promise<number> {
  const { text } = await server.call('GET', '/metrics');
  return Number(
    new RegExp(`^realip_ipam_reloads_total\\{what="etcd",result="${result}"\\} (\\d+)$`, 'm').exec(text)?.[1],
  );
}

test('certificates for etcd are renewed while servers run; what does not serve changes nothing', async () => {
  daemon = launch(both, before);
  copyFileSync(both, own.ca);
  copyFileSync(before.cert, own.cert);
  copyFileSync(before.key, own.key);
  const flags = ['--etcd-ca', own.ca, '--etcd-cert', own.cert, '--etcd-key', own.key];
  const start = async () => {
    const server = await startServer(store, ...flags);
    everybody.push(server);
    return server;
  };
  await until('etcd answers', () => start().then(Boolean, () => false), 60_000);
  const [leader] = everybody as [Server];
  const follower = await start();
  await makeLan(leader);
  expect((await allocate(follower, 'a')).status).toBe(201);

  // The new certificate, with the key of the old one.
  copyFileSync(after.cert, own.cert);
  for (const server of everybody) {
    await until('it is refused', async () => (await reloads(server, 'refused')) === 1);
    expect(server.stderr).toMatch(/--etcd-key .* does not serve/);
  }
  // One that fits, of an authority that etcd doesn't know.
  copyFileSync(stranger.cert, own.cert);
  copyFileSync(stranger.key, own.key);
  for (const server of everybody) {
    await until('it is refused', () => /not usable.*etcd: /.test(server.stderr));
  }
  expect((await allocate(follower, 'b')).status).toBe(201);

  copyFileSync(after.cert, own.cert);
  copyFileSync(after.key, own.key);
  for (const server of everybody) {
    await until('it is taken over', async () => (await reloads(server, 'ok')) === 1);
  }
  expect((await allocate(follower, 'c')).status).toBe(201);
  expect((await leader.call('GET', '/readyz')).status).toBe(200);

  // From now on the old authority counts no more, and the old certificate gets nobody in.
  await daemon.stop();
  daemon = launch(after.ca, after);
  const isTaken = async (server: Server, id: string) =>
    [200, 201].includes((await allocate(server, id)).status);
  for (const server of everybody) {
    await until('all goes on', () => isTaken(server, 'd'), 60_000);
    await until('it is ready', async () => (await server.call('GET', '/readyz')).status === 200, 30_000);
  }
  // The one that followed has followed on.
  await leader.stop();
  expect(await isTaken(follower, 'e')).toBe(true);
  const { body } = await follower.call('GET', '/v1/allocations');
  expect(body.items.map(({ containerId }: { containerId: string }) => containerId).sort()).toEqual([
    ...'abcde',
  ]);
});
