import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { slowness } from '../../netlink/testing/slowness.ts';
import { allocate, makeLan } from '../server/lan.ts';
import { newFolder, type Server, startServer } from '../server/process.ts';
import { scrape } from '../server/scrape.ts';
import { until } from '../server/until.ts';

const folder = newFolder();
afterAll(() => folder.remove());

let servers = 0;
let server: Server;
let disk: ChildProcess | undefined;
beforeEach(async () => {
  server = await startServer(`sqlite:${folder.path}/${++servers}.db`);
  await makeLan(server);
});
afterEach(async () => {
  await mend();
  await server.stop('SIGKILL');
});

/** From now on the kernel does to every sync of the server's files what strace is told. */
async function harm(injection: string): Promise<void> {
  const inject = ['-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:${injection}`];
  disk = spawn('strace', ['-f', '-p', String(server.child.pid), ...inject], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // "strace: Process 123 attached"
  await once(disk.stderr ?? disk, 'data');
  disk.stderr?.resume();
}

/** The disk is well again. */
async function mend(): Promise<void> {
  if (disk !== undefined && disk.exitCode === null && disk.signalCode === null) {
    disk.kill();
    await once(disk, 'exit');
  }
  disk = undefined;
}

async function timed<T>(work: Promise<T>): Promise<{ done: T; milliseconds: number }> {
  const start = performance.now();
  const done = await work;
  return { done, milliseconds: performance.now() - start };
}

test('on a disk whose syncs take 300 ms nobody is answered before one, a hundred wait for few, probes for none', async () => {
  // Longer on a busy machine, where an answer that waits for nothing takes its time as well.
  const sync = Math.round(300 * Math.min(4, slowness()));
  await harm(`delay_enter=${sync * 1_000}`);
  const calls = Array.from({ length: 100 }, (_, n) => timed(allocate(server, `slow-${n}`)));
  const health = await timed(server.call('GET', '/healthz'));
  const waiting = (await scrape(server)).get('realip_ipam_commit_queue_records');
  const answers = await Promise.all(calls);
  expect(answers.map(({ done }) => done.status)).toEqual(answers.map(() => 201));
  const first = Math.min(...answers.map(({ milliseconds }) => milliseconds));
  expect(first).toBeGreaterThanOrEqual(sync);
  expect(health.milliseconds).toBeLessThan(first);
  expect(waiting).toBeGreaterThan(0);
  await mend();
  const samples = await scrape(server);
  const commits = 'realip_ipam_commit_duration_seconds';
  const slow = (samples.get(`${commits}_count`) ?? 0) - (samples.get(`${commits}_bucket{le="0.2"}`) ?? 0);
  expect(slow).toBeGreaterThan(0);
  expect(slow).toBeLessThan(10);
});

test('while syncs fail allocations get 503 and nothing acknowledged is lost; then it goes on by itself', async () => {
  const before = await allocate(server, 'before');
  await harm('error=EIO');
  const refused = await Promise.all(Array.from({ length: 10 }, (_, n) => allocate(server, `refused-${n}`)));
  expect(new Set(refused.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
    new Set(['503 STORE_UNAVAILABLE']),
  );
  expect((await server.call('GET', '/readyz')).status).toBe(503);
  expect((await server.call('GET', '/healthz')).status).toBe(200);
  expect((await scrape(server)).get('realip_ipam_store_errors_total')).toBeGreaterThan(0);
  await mend();
  await until('the server is ready again', async () => (await server.call('GET', '/readyz')).status === 200);
  expect((await allocate(server, 'before')).body).toEqual(before.body);
  const after = await allocate(server, 'after');
  expect(after.status).toBe(201);
  const { body } = await server.call('GET', '/v1/allocations?limit=1000');
  const addresses = body.items.map(({ ips }: { ips: { address: string }[] }) => ips[0]?.address);
  expect(new Set(addresses).size).toBe(addresses.length);
});
