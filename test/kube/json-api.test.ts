import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from './certificates.ts';
import { JsonApi } from './json-api.ts';

const folder = mkdtempSync(join(tmpdir(), 'realip-api-'));
const pem = (name: string) => readFileSync(join(folder, name));
let server: Server;
let api: JsonApi;
/** How many requests came by connections before they are cut without an answer. */
let most: number;

beforeAll(async () => {
  makeCertificates(folder, []);
  server = createServer({ cert: pem('apiserver.crt'), key: pem('apiserver.key') });
  const counts = new WeakMap<object, number>();
  server.on('request', ({ socket }, response) => {
    counts.set(socket, (counts.get(socket) ?? 0) + 1);
    if ((counts.get(socket) ?? 0) > most) {
      socket.destroy();
    } else {
      response.setHeader('content-type', 'application/json').end('{"ok":true}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  api = new JsonApi(`https://127.0.0.1:${port}`, { ca: pem('ca.crt') });
});

afterAll(() => {
  api?.close();
  server?.close();
  rmSync(folder, { recursive: true });
});

test('a call by a kept connection that the server ends just then goes by another', async () => {
  most = 1;
  for (let i = 0; i < 3; i++) {
    expect(await api.must('POST', '/', { i })).toEqual({ ok: true });
  }
});

test('a call by a new connection that the server ends has failed', async () => {
  most = 0;
  await expect(api.call('GET', '/')).rejects.toThrow('socket hang up');
});
