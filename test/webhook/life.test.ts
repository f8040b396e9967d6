import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { slowness } from '../../netlink/testing/slowness.ts';
import { until } from '../server/until.ts';
import { call, review } from './call.ts';
import { Folder, policyText, WebhookProcess } from './webhook-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

/** Starts the webhook where it must not start; its exit status and what it says on stderr. */
async function refused(...more: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const webhook = new WebhookProcess(folder, more);
  const code = await webhook.exit();
  expect(webhook.stdout).toBe('');
  expect(webhook.stderr).not.toMatch(/\n\s+at /);
  return { code, stderr: webhook.stderr };
}

test.each([
  ['an unknown field', 'type: overlay', 'typ: overlay', 'policy.yaml:2: '],
  ['an unknown type', 'type: overlay', 'type: moon', 'policy.yaml:2: '],
  ['an unknown zone', 'default: real', 'default: reel', 'policy.yaml:11: '],
  ['an unknown effect', 'effect: NoSchedule', 'effect: Never', 'policy.yaml:6: '],
  ['a duplicate rule name', 'name: system', 'name: cluster-dns', 'policy.yaml:10: '],
  ['no YAML', 'zones:', 'zones: [}', 'policy.yaml:1: '],
])('a policy with %s keeps the webhook from starting', async (_, from, to, place) => {
  folder.write('policy.yaml', policyText.replace(from, to));
  const { code, stderr } = await refused();
  expect(code).toBe(1);
  expect(stderr).toContain(place);
});

test('what else keeps it from starting is said in one message', async () => {
  folder.makeCertificate('other');
  expect(await refused('--tls-key', 'other.key')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not the key of the certificate'),
  });
  expect((await refused('--tls-cert', 'absent.crt')).stderr).toContain('absent.crt');
  expect((await refused('--policy', 'absent.yaml')).stderr).toMatch(/^absent\.yaml:1: .*no such file/);
  expect((await refused('--listen', 'nonsense')).stderr).toContain('nonsense');
  expect((await refused('--nonsense')).stderr).toContain('--nonsense');
});

test('SIGTERM: what has begun is answered, idle and half-open connections are closed, exit 0', async () => {
  const webhook = new WebhookProcess(folder);
  const port = await webhook.port();
  const idle = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  const silent = connectTcp(port, '127.0.0.1');
  const busy = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await Promise.all([once(idle, 'secureConnect'), once(busy, 'secureConnect'), once(silent, 'connect')]);
  for (const socket of [idle, silent, busy]) {
    socket.on('error', () => undefined);
  }
  const idleClosed = once(idle, 'close');
  let text = '';
  busy.on('data', (data) => {
    text += data;
  });

  const body = review({ spec: { containers: [] } });
  const head = `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  busy.write(`${head}\r\n\r\n${body.slice(0, 20)}`);
  await new Promise((resolve) => setTimeout(resolve, 300 * slowness()));
  const start = Date.now();
  webhook.signal('SIGTERM');
  await until('the webhook is stopping', () => webhook.stderr.includes('stopping'));
  // npx passes on a signal that the process group has had already.
  webhook.signal('SIGTERM');
  // Refused at once, a caller tries the next replica; a connection that opens and dies would be a lost review.
  for (let caller = 0; caller < 5; caller++) {
    await expect(call({ port, body: review({ spec: { containers: [] } }) })).rejects.toThrow('ECONNREFUSED');
  }
  busy.write(body.slice(20));
  await until('the call in flight is answered', () => text.includes('"uid":"u-1"'), 5000);
  expect(text).toMatch(/^HTTP\/1\.1 200/);
  // The API server must not send its next review over this connection.
  expect(text).toMatch(/^Connection: close\r$/im);
  await idleClosed;
  expect(await webhook.exit()).toBe(0);
  expect(Date.now() - start).toBeLessThan(5000 * slowness());
  silent.destroy();
});

test('SIGTERM: a review that crosses it on a connection kept open is answered, and the connection ends with it', async () => {
  const webhook = new WebhookProcess(folder);
  const port = await webhook.port();
  const kept = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(kept, 'secureConnect');
  let text = '';
  kept.on('data', (data) => {
    text += data;
  });
  const body = review({ spec: { containers: [] } });
  const head = `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  const answers = () => text.match(/HTTP\/1\.1 200/g)?.length ?? 0;
  kept.write(`${head}\r\n\r\n${body}`);
  await until('the first is answered', () => answers() === 1);
  expect(text).not.toMatch(/^Connection: close\r$/im);
  webhook.signal('SIGTERM');
  await until('the webhook is stopping', () => webhook.stderr.includes('stopping'));
  kept.write(`${head}\r\n\r\n${body}`);
  await once(kept, 'close');
  expect(answers()).toBe(2);
  expect(text).toMatch(/^Connection: close\r$/im);
  expect(await webhook.exit()).toBe(0);
});

test('SIGTERM: a caller who never ends does not hold it longer than 10 s', async () => {
  const webhook = new WebhookProcess(folder);
  const port = await webhook.port();
  const stuck = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  stuck.on('error', () => undefined);
  await once(stuck, 'secureConnect');
  stuck.write(
    'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
  );
  await new Promise((resolve) => setTimeout(resolve, 300 * slowness()));
  const start = Date.now();
  webhook.signal('SIGTERM');
  expect(await webhook.exit()).toBe(0);
  expect(Date.now() - start).toBeLessThan(10_000 * slowness());
});
