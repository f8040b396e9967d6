import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { slowness } from '../../netlink/testing/slowness.ts';
import { allocate, makeLan, release, request } from './lan.ts';
import { newFolder, type Server, startServer, startServerIn } from './process.ts';
import { scrape } from './scrape.ts';
import { speak, storm } from './storm.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const folder = newFolder();
let server: Server;
/** A server of its own, so that its clients' 30 s pass while the other tests run. */
let patient: Server;
/** What the clients that never finish were answered, and after how many milliseconds they were cut. */
let cut: Promise<{ answer: string; after: number }[]>;
beforeAll(async () => {
  patient = await startServer('memory:');
  const head = 'POST /v1/allocations HTTP/1.1\r\nhost: x\r\n';
  const speakers = await Promise.all([
    speak(patient, head),
    speak(patient, `${head}content-type: application/json\r\ncontent-length: 9\r\n\r\n{`),
  ]);
  const start = Date.now();
  cut = Promise.all(
    speakers.map(async ({ socket, answer }) => {
      await once(socket, 'close');
      return { answer: answer(), after: Date.now() - start };
    }),
  );
});
afterEach(() => server?.stop());
afterAll(async () => {
  await patient?.stop();
  folder.remove();
});

/** Seconds of the storm of lists: a few each day, a minute where REALIP_SOAK is set; more on a busy machine. */
const stormSeconds = Math.ceil((process.env['REALIP_SOAK'] === undefined ? 5 : 60) * slowness());

/** The most memory that the server has had, in MiB. */
function peakMemory(): number {
  const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** Asks for long lists over so many connections, for some seconds, in a process of its own. */
async function askForLists(
  clients: number,
  seconds: number,
): Promise<{ statuses: string[]; errors: number }> {
  const url = `${server.url}/v1/allocations?limit=1000`;
  const program = join(import.meta.dirname, '../../node_modules/autocannon/autocannon.js');
  const args = ['--json', '--no-progress', '-c', `${clients}`, '-d', `${seconds}`, '-t', '60', url];
  const { stdout } = await run(process.execPath, [program, ...args], { maxBuffer: 1 << 24 });
  const { statusCodeStats, errors } = JSON.parse(stdout);
  return { statuses: Object.keys(statusCodeStats).toSorted(), errors };
}

test('under a storm of lists allocations and releases go on, lists are shed, and afterwards all is as before', async () => {
  server = await startServer(`sqlite:${join(folder.path, 'storm.db')}`);
  await makeLan(server, { end: '10.9.40.255' });
  const many = Array.from({ length: 2_000 }, (_, i) => request(`held-${i}`));
  const batch = await server.call('POST', '/v1/allocations:batch', { allocate: many });
  expect(batch.status).toBe(200);

  let isOver = false;
  const lists = askForLists(1_000, stormSeconds).finally(() => {
    isOver = true;
  });
  await until('lists are shed', async () => (await shed('read')) > 100, 30_000);
  expect((await server.call('GET', '/healthz')).status).toBe(200);
  expect((await server.call('GET', '/readyz')).status).toBe(200);
  let rounds = 0;
  for (; !isOver; rounds++) {
    expect((await allocate(server, `storm-${rounds}`)).status).toBe(201);
    expect((await release(server, `storm-${rounds}`)).status).toBe(204);
  }
  expect(rounds).toBeGreaterThanOrEqual(10);
  expect(await lists).toEqual({ statuses: ['200', '503'], errors: 0 });
  expect(await shed('node')).toBe(0);
  expect(peakMemory()).toBeLessThan(600);

  // What the clients sent last is still read after they have gone, and waits up to 2 s for its turn.
  let before = await shed('read');
  let since = Date.now();
  await until('nothing more is shed', async () => {
    const now = await shed('read');
    since = now === before ? since : Date.now();
    before = now;
    return Date.now() - since > 2_500;
  });
  for (let i = 0; i < 20; i++) {
    expect((await server.call('GET', '/v1/allocations?limit=1000')).body.items).toHaveLength(1_000);
  }
  expect(await shed('read')).toBe(before);
});

async function shed(of: string): Promise<number> {
  return (await scrape(server)).get(`realip_ipam_shed_total{class="${of}"}`) ?? Number.NaN;
}

test('more allocations than can wait for a slow disk are refused with Retry-After; none that waits is lost', async () => {
  const store = `sqlite:${join(folder.path, 'slow.db')}`;
  server = await startServer(store);
  await makeLan(server, { end: '10.9.60.255' });
  await server.stop();
  server = await startServerIn({ STORE_DELAY_MS: '2000' }, store);
  const call = (i: number) => ({ method: 'POST', path: '/v1/allocations', body: request(`c${i}`) });
  const { tally, withoutRetryAfter } = await storm(server, 5_000, call);
  expect([...tally.keys()].toSorted()).toEqual([201, 503]);
  expect(withoutRetryAfter).toBe(0);
  const given = tally.get(201) ?? 0;
  expect(given).toBeGreaterThanOrEqual(4_096);
  expect(await shed('node')).toBe(tally.get(503));
  const usage = await server.call('GET', '/v1/subnets/lan/usage');
  expect(usage.body.byState.allocated).toBe(given);
  expect((await allocate(server, 'afterwards')).status).toBe(201);
}, 180_000);

test('clients that go away leave no place taken', async () => {
  server = await startServerIn({ STORE_DELAY_MS: '500' }, 'memory:');
  await makeLan(server, { end: '10.9.90.255' });
  for (let round = 0; round < 2; round++) {
    const sockets = await Promise.all(
      Array.from({ length: 3_000 }, (_, i) => {
        const body = JSON.stringify(request(`gone-${round}-${i}`));
        const head = `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
        return speak(server, `POST /v1/allocations HTTP/1.1\r\nhost: x\r\n${head}\r\n${body}`);
      }),
    );
    for (const { socket } of sockets) {
      socket.destroy();
    }
  }
  await until('it works on', async () => (await allocate(server, 'afterwards')).status < 300, 20_000);
  await sleep(1_500);
  const call = (i: number) => ({ method: 'POST', path: '/v1/allocations', body: request(`after-${i}`) });
  expect([...(await storm(server, 3_000, call)).tally.keys()]).toEqual([201]);
});

test('long bodies that come slowly are bounded, and hold up no allocation', async () => {
  server = await startServer('memory:');
  await makeLan(server);
  const head = 'POST /v1/allocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  const long = `${head}content-length: 1048576\r\n\r\n{`;
  const slow = await Promise.all(Array.from({ length: 64 }, () => speak(server, long)));
  const next = await speak(server, long);
  await until('the next one is refused', () => next.answer().includes('OVERLOADED'));
  expect(next.answer()).toMatch(/^HTTP\/1\.1 503 [\s\S]*retry-after: 1\r\n/i);
  expect((await allocate(server, 'c1')).status).toBe(201);
  for (const { socket } of [...slow, next]) {
    socket.destroy();
  }
  await until('there is room again', async () => {
    const { status } = await server.call('POST', '/v1/allocations', {
      ...request('c2'),
      mac: 'x'.repeat(9_000),
    });
    return status === 400;
  });
});

test('too many connections: idle and silent ones make room, busy ones stay', async () => {
  server = await startServer('memory:', '--max-connections', '20');
  await makeLan(server);
  const idle = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';
  const speakers = await Promise.all(Array.from({ length: 19 }, () => speak(server, idle)));
  await until('they are answered', () => speakers.filter(({ answer }) => answer() !== '').length >= 18);
  await until('a new call is answered', () => isAnswered());

  const head = 'POST /v1/allocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  const body = JSON.stringify(request('c1'));
  const busy = await Promise.all(
    Array.from({ length: 30 }, () => speak(server, `${head}content-length: ${body.length}\r\n\r\n`)),
  );
  await until(
    'the connections too many are closed',
    () => busy.filter(({ socket }) => socket.closed).length >= 10,
  );
  expect(await isAnswered()).toBe(false);
  const [open] = busy.filter(({ socket }) => !socket.closed);
  open?.socket.write(body);
  await until('a busy one is answered', () => open?.answer().startsWith('HTTP/1.1 201') === true);
  for (const { socket } of busy) {
    socket.destroy();
  }
  await until('a new call is answered', () => isAnswered());

  const silent = await Promise.all(Array.from({ length: 25 }, () => speak(server, '')));
  await until('a new call is answered', () => isAnswered(), 10_000);
  for (const { socket } of silent) {
    socket.destroy();
  }
});

function isAnswered(): Promise<boolean> {
  return server.call('GET', '/healthz', undefined, { headers: { connection: 'close' } }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

test('headers and bodies that do not come in 30 s end with 408', async () => {
  for (const { answer, after } of await cut) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*REQUEST_TIMEOUT/);
    expect(after).toBeGreaterThan(25_000);
    expect(after).toBeLessThan(45_000 * slowness());
  }
});
