import { connect, type TLSSocket } from 'node:tls';
import { until } from '../server/until.ts';
import { type Answer, call, review } from './call.ts';
import { Folder, WebhookProcess } from './webhook-process.ts';

const folder = new Folder();
const webhook = new WebhookProcess(folder);
let port = 0;
beforeAll(async () => {
  port = await webhook.port();
});
afterAll(async () => {
  await webhook.stop();
  folder.remove();
});

const mostBytes = 7 * 1024 * 1024;
const usual = review({ metadata: {}, spec: { containers: [{ name: 'web' }] } });
const largest = usual.padEnd(mostBytes);

/** Holds the room of the largest review without sending it. */
async function holder(): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    text += data;
  });
  const head = ['POST /mutate HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Expect: 100-continue'];
  socket.write(`${[...head, `Content-Length: ${mostBytes}`].join('\r\n')}\r\n\r\n`);
  await until('the body is invited', () => text.startsWith('HTTP/1.1 100'));
  return socket;
}

/** A large and a usual review while two of the largest are being sent; these are cut after ten seconds. */
async function reviewsWhileFull(): Promise<[large: Answer, small: Answer]> {
  const holders = await Promise.all([holder(), holder()]);
  const answers = await Promise.all([call({ port, body: largest }), call({ port, body: usual })]);
  for (const socket of holders) {
    socket.destroy();
  }
  return answers;
}

test('beyond 16 MiB of large bodies one more waits a second and is refused by 503, and usual ones pass', async () => {
  await until(
    'a large review is refused',
    async () => {
      const [large, small] = await reviewsWhileFull();
      expect(small.status).toBe(200);
      if (large.status === 200) {
        return false;
      }
      expect(large.status).toBe(503);
      expect(large.headers['retry-after']).toBe('1');
      expect(JSON.parse(large.text)).toMatchObject({ status: 503, code: 'WEBHOOK_BUSY' });
      return true;
    },
    60_000,
  );
  await until(
    'large reviews pass again',
    async () => (await call({ port, body: largest })).status === 200,
    60_000,
  );
}, 240_000);
