import { afterEach, expect, test } from 'bun:test';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { sendByFetch } from './fetch.bun.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
  }
});

/** A server that gives one answer to every request. */
async function answering(answer: string | undefined) {
  const sockets: Socket[] = [];
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      requests.push(data.toString());
      if (answer !== undefined) {
        socket.write(answer);
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, sockets, requests };
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const get = (url: string) => ({ method: 'GET', url, timeoutMs: 2_000 }) as const;

test('a redirect is an answer, and nobody else is told the token', async () => {
  const elsewhere = await answering(ok);
  const redirect = `HTTP/1.1 307 Moved\r\nlocation: ${elsewhere.url}/\r\ncontent-length: 0\r\n\r\n`;
  const { url, requests } = await answering(redirect);
  expect(await sendByFetch({ ...get(url), token: 'secret' })).toEqual({ status: 307, body: '' });
  expect(requests[0]).toContain('Bearer secret');
  expect(elsewhere.sockets).toEqual([]);
});

test('silence ends after the time that was given', async () => {
  const { url } = await answering(undefined);
  await expect(sendByFetch({ ...get(url), timeoutMs: 50 })).rejects.toMatchObject({ name: 'TimeoutError' });
});
