import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allocate, makeLan } from './lan.ts';
import { newFolder, type Server, startServer } from './process.ts';

const folder = newFolder();
afterAll(() => folder.remove());

/** No file of the server may grow beyond this; for the writer it is as if the disk were full. */
function limitFiles(server: Server, octets: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(server.child.pid), `--fsize=${octets}:unlimited`]);
}

test('on a full disk changes get 503, nothing acknowledged is lost, and it recovers by itself once there is room', async () => {
  const path = join(folder.path, 'full.db');
  const server = await startServer(`sqlite:${path}`);
  await makeLan(server, { start: '10.9.0.1', end: '10.9.99.254' });
  limitFiles(server, statSync(`${path}-wal`).size + 100_000);
  const acknowledged: string[] = [];
  let refused: string | null = null;
  for (let i = 0; refused === null && i < 2_000; i++) {
    const { status, headers, body, text } = await allocate(server, `c${i}`);
    if (status === 201) {
      acknowledged.push(`c${i}`);
    } else {
      refused = text;
      expect([status, body.code, body.status]).toEqual([503, 'STORE_UNAVAILABLE', 503]);
      expect(headers['content-type']).toContain('application/problem+json');
    }
  }
  expect(refused).not.toBeNull();
  expect(acknowledged.length).toBeGreaterThan(3);
  expect((await server.call('GET', '/healthz')).status).toBe(200);
  limitFiles(server, 'unlimited');
  for (;;) {
    const { status } = await allocate(server, 'after');
    if (status === 201) {
      break;
    }
    expect(status).toBe(503);
    await sleep(100);
  }
  expect((await server.call('GET', '/readyz')).status).toBe(200);
  await server.stop('SIGKILL');
  const again = await startServer(`sqlite:${path}`);
  for (const id of [...acknowledged, 'after']) {
    expect([id, (await allocate(again, id)).status]).toEqual([id, 200]);
  }
  await again.stop();
});

test('a write is on the disk before it is answered: an fsync stands between call and answer', async () => {
  const server = await startServer(`sqlite:${join(folder.path, 'sync.db')}`);
  await makeLan(server);
  const trace = join(folder.path, 'trace');
  const calls = ['-e', 'trace=fsync,fdatasync,write,writev,pwrite64', '-s', '5000'];
  const tracer = spawn('strace', ['-f', '-p', String(server.child.pid), '-o', trace, ...calls]);
  await once(tracer.stderr, 'data');
  for (let i = 0; i < 5; i++) {
    expect((await allocate(server, `c${i}`)).status).toBe(201);
  }
  tracer.kill('SIGINT');
  await once(tracer, 'exit');
  await server.stop();
  const lines = readFileSync(trace, 'utf8').split('\n');
  for (let i = 0, from = 0; i < 5; i++) {
    const find = (what: RegExp) => lines.findIndex((line, at) => at >= from && what.test(line));
    const written = find(new RegExp(`pwrite64.*realip/c${i}/eth0`));
    const answered = find(/write.*201 Created/);
    const synced = lines
      .slice(written, answered)
      .filter((line) => /f(data)?sync\(.*= 0|f(data)?sync resumed.*= 0/.test(line));
    expect([i, written >= 0, answered > written, synced.length > 0]).toEqual([i, true, true, true]);
    from = answered + 1;
  }
});
