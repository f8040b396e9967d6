import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';
import { allocate, makeLan, release, request } from './lan.ts';
import { newFolder, type Server, startServer } from './process.ts';

const folder = newFolder();
afterAll(() => folder.remove());

/** What the server has acknowledged. */
interface Acknowledged {
  /** The address of each attachment, until its release was begun. */
  readonly held: Map<string, string>;
  readonly released: Set<string>;
}

/** Allocates and releases until the server is gone; keeps what was acknowledged. */
async function client(server: Server, name: string, acknowledged: Acknowledged): Promise<void> {
  for (let i = 0; ; i++) {
    const id = `${name}-${i}`;
    try {
      const { status, body } = await allocate(server, id);
      if (status !== 201) {
        throw new Error(`allocate: ${status}`);
      }
      acknowledged.held.set(id, body.ips[0].address);
      if (i % 3 === 0) {
        acknowledged.held.delete(id);
        if ((await release(server, id)).status === 204) {
          acknowledged.released.add(id);
        }
      }
    } catch {
      return;
    }
  }
}

/** How often the server is killed; `REALIP_KILLS=100` for a soak. */
const kills = Number(process.env['REALIP_KILLS'] ?? 5);

test('kill -9 under load loses nothing acknowledged, resurrects nothing and gives nothing twice', async () => {
  const store = `sqlite:${join(folder.path, 'kill.db')}`;
  const acknowledged: Acknowledged = { held: new Map(), released: new Set() };
  for (let round = 0; round < kills; round++) {
    const server = await startServer(store);
    await makeLan(server, {
      start: '10.0.0.0',
      end: '10.255.255.255',
      cidr: '10.0.0.0/8',
      cooldownSeconds: 0,
    });
    const clients = Array.from({ length: 32 }, (_, i) => client(server, `r${round}-${i}`, acknowledged));
    const before = acknowledged.released.size;
    while (acknowledged.released.size < before + 20) {
      await sleep(10);
    }
    await sleep(25 * (round % 8));
    await server.stop('SIGKILL');
    await Promise.all(clients);
  }
  const server = await startServer(store);
  const ledger = new Map<string, string>();
  let cursor = '';
  do {
    const { body } = await server.call('GET', `/v1/allocations?limit=1000${cursor}`);
    for (const { containerId, ips } of body.items) {
      ledger.set(containerId, ips[0].address);
    }
    cursor = body.cursor === undefined ? '' : `&cursor=${body.cursor}`;
  } while (cursor !== '');
  expect(acknowledged.held.size).toBeGreaterThan(100);
  expect(acknowledged.released.size).toBeGreaterThan(50);
  for (const [id, address] of acknowledged.held) {
    expect([id, ledger.get(id)]).toEqual([id, address]);
  }
  expect([...acknowledged.released].filter((id) => ledger.has(id))).toEqual([]);
  expect(new Set(ledger.values()).size).toBe(ledger.size);
  await server.stop();
}, 600_000);

test('cooldown and order of release survive kill -9', async () => {
  const store = `sqlite:${join(folder.path, 'cooldown.db')}`;
  const before = await startServer(store);
  await makeLan(before, { start: '10.9.1.1', end: '10.9.1.3' });
  for (const id of ['c1', 'c2', 'c3']) {
    await allocate(before, id);
  }
  await release(before, 'c3');
  await release(before, 'c1');
  const { body: told } = await before.call('GET', '/v1/addresses/10.9.1.3');
  await before.stop('SIGKILL');
  const after = await startServer(store);
  expect((await after.call('GET', '/v1/addresses/10.9.1.3')).body).toEqual(told);
  const next = [];
  for (const id of ['d1', 'd2']) {
    next.push((await allocate(after, id)).body.ips[0].address);
  }
  expect(next).toEqual(['10.9.1.3/16', '10.9.1.1/16']);
  await after.stop();
});

test('generations go on growing after a restart', async () => {
  const store = `sqlite:${join(folder.path, 'generation.db')}`;
  const before = await startServer(store);
  await makeLan(before);
  const { body: first } = await allocate(before, 'c1');
  await release(before, 'c1');
  await before.stop();
  const after = await startServer(store);
  const { body: second } = await allocate(after, 'c1');
  expect(second.generation).toBeGreaterThan(first.generation);
  await after.stop();
});

test('SIGTERM answers the calls begun and exits 0', async () => {
  const server = await startServer(`sqlite:${join(folder.path, 'drain.db')}`);
  await makeLan(server);
  const idle = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(idle, 'connect');
  const begun = connect(Number(new URL(server.url).port), '127.0.0.1');
  const body = JSON.stringify(request('slow'));
  begun.write('POST /v1/allocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n');
  begun.write(`content-length: ${body.length}\r\n\r\n${body.slice(0, 10)}`);
  await new Promise((resolve) => setTimeout(resolve, 200 * slowness()));
  const start = Date.now();
  const exit = server.stop();
  await new Promise((resolve) => setTimeout(resolve, 300));
  begun.write(body.slice(10));
  const [answer] = await once(begun, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 201 /);
  expect(await exit).toBe(0);
  expect(Date.now() - start).toBeLessThan(5_000 * slowness());
  idle.destroy();
  begun.destroy();
});

test('SIGTERM does not wait for ever for a call that never comes', async () => {
  const server = await startServer('memory:');
  const half = connect(Number(new URL(server.url).port), '127.0.0.1');
  half.on('error', () => {});
  half.write(
    'POST /v1/allocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );
  await new Promise((resolve) => setTimeout(resolve, 200 * slowness()));
  const start = Date.now();
  expect(await server.stop()).toBe(0);
  expect(Date.now() - start).toBeLessThan(10_000 * slowness());
  half.destroy();
});
