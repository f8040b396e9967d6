import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import { HttpClient } from './client.bun.ts';

const program = new URL('./testing/raw-server.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'realip-local-'));
const running: Bun.Subprocess[] = [];
let count = 0;

afterEach(async () => {
  for (const server of running.splice(0)) {
    server.kill('SIGKILL');
    await server.exited;
  }
});

process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** A server of its own at a socket. */
async function listening() {
  const socket = join(folder, `${++count}.sock`);
  const server = Bun.spawn([process.execPath, program, socket], { stdout: 'pipe' });
  running.push(server);
  // It prints where it listens once it does; the file is there a moment before.
  await server.stdout.getReader().read();
  return { socket, server };
}

function get(socket: string, path: string, timeoutMs = 5_000, client = new HttpClient()) {
  return client.send({ method: 'GET', url: `http://agent${path}`, socket, timeoutMs });
}

/** How a request ends, and after how many milliseconds. */
async function end(request: () => Promise<unknown>) {
  const began = performance.now();
  const outcome = await request().catch((error: Error & { code?: string }) => error.code ?? error.name);
  return { outcome, took: performance.now() - began };
}

test('answers come by a Unix socket as they do by TCP, over one connection', async () => {
  const { socket } = await listening();
  const client = new HttpClient();
  expect(client.approach({ url: 'http://agent', socket })).toBe(true);
  for (let round = 0; round < 3; round++) {
    expect(await get(socket, '/ok', 2_000, client)).toEqual({ status: 200, body: 'ok' });
  }
  expect((await get(socket, '/large', 2_000, client)).body).toHaveLength(500_000);
});

test('who is slow and lives is waited for', async () => {
  const { socket } = await listening();
  expect((await end(() => get(socket, '/slow'))).outcome).toEqual({ status: 200, body: 'ok' });
});

test('who lives and never answers is waited for as long as was said', async () => {
  const { socket } = await listening();
  const { outcome, took } = await end(() => get(socket, '/silent', 800));
  expect(outcome).toBe('TimeoutError');
  expect(took).toBeGreaterThan(780);
});

test('who hangs is given up after a second, however long it may take otherwise', async () => {
  const { socket, server } = await listening();
  server.kill('SIGSTOP');
  const { outcome, took } = await end(() => get(socket, '/ok', 60_000));
  expect(outcome).toBe('HungError');
  expect(took).toBeGreaterThan(950);
  expect(took).toBeLessThan(2_500 * slowness());
});

test('who dies before the answer is known to be dead at once', async () => {
  const { socket, server } = await listening();
  server.kill('SIGSTOP');
  const ended = end(() => get(socket, '/ok'));
  server.kill('SIGKILL');
  const { outcome, took } = await ended;
  expect(['AnswerFault', 'ECONNRESET']).toContain(outcome as string);
  expect(took).toBeLessThan(450 * slowness());
});

test('nobody was ever there, nobody is there any more', async () => {
  const nowhere = join(folder, 'nowhere.sock');
  expect(new HttpClient().approach({ url: 'http://agent', socket: nowhere })).toBe(false);
  expect((await end(() => get(nowhere, '/ok'))).outcome).toBe('ENOENT');
  const { socket, server } = await listening();
  server.kill('SIGKILL');
  await server.exited;
  expect((await end(() => get(socket, '/ok'))).outcome).toBe('ECONNREFUSED');
});

test('a queue that is full is waited for, for a second', async () => {
  const socket = join(folder, 'full.sock');
  const program = [
    'import socket, time',
    's = socket.socket(socket.AF_UNIX)',
    `s.bind(${JSON.stringify(socket)})`,
    's.listen(0)',
    'print("listening", flush=True)',
    'time.sleep(60)',
  ].join('\n');
  const server = Bun.spawn(['python3', '-c', program], { stdout: 'pipe' });
  running.push(server);
  await server.stdout.getReader().read();
  const client = new HttpClient();
  expect(client.approach({ url: 'http://agent', socket })).toBe(true);
  const { outcome, took } = await end(() => get(socket, '/ok'));
  expect(outcome).toBe('EAGAIN');
  expect(took).toBeGreaterThan(950);
});
