import { once } from 'node:events';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { connect } from 'node:tls';
import { until } from '../server/until.ts';
import { call, placedBy, review } from './call.ts';
import { Folder, policyText, WebhookProcess } from './webhook-process.ts';

/** Reloads are looked for every half second; the tests wait for several. */
const slow = 30_000;

const pod = { spec: { containers: [{ name: 'web' }] } };

/** A policy whose only rule has the name `name`. */
function policyNamed(name: string): string {
  return policyText.replace(
    /rules:[\s\S]*default/,
    `rules: [{name: ${name}, match: {}, zone: overlay}]\ndefault`,
  );
}

async function withWebhook(
  prepare: (folder: Folder) => readonly string[],
  check: (folder: Folder, port: number, webhook: WebhookProcess) => Promise<void>,
): Promise<void> {
  const folder = new Folder();
  const webhook = new WebhookProcess(folder, prepare(folder));
  try {
    await check(folder, await webhook.port(), webhook);
  } finally {
    await webhook.stop();
    folder.remove();
  }
}

async function rule(port: number): Promise<unknown> {
  return placedBy(await call({ port, body: review(pod) }));
}

test(
  'a policy written in place or renamed over counts within 5 s; a bad one leaves the last good',
  () =>
    withWebhook(
      () => [],
      async (folder, port, webhook) => {
        expect(await rule(port)).toBe('default');
        folder.write('policy.yaml', policyNamed('in-place'));
        await until(
          'the policy written in place counts',
          async () => (await rule(port)) === 'in-place',
          5000,
        );

        folder.write('next.yaml', policyNamed('renamed'));
        renameSync(folder.file('next.yaml'), folder.file('policy.yaml'));
        await until('the policy renamed over counts', async () => (await rule(port)) === 'renamed', 5000);

        folder.write('policy.yaml', policyText.replace('type: overlay', 'type: moon'));
        await until('the bad policy is told', () => webhook.stderr.includes('policy.yaml:2: '), 5000);
        expect(await rule(port)).toBe('renamed');

        folder.write('policy.yaml', policyNamed('mended'));
        await until('the mended policy counts', async () => (await rule(port)) === 'mended', 5000);
      },
    ),
  slow,
);

test(
  'a policy swapped behind a link, as a ConfigMap is mounted, counts within 5 s',
  () =>
    withWebhook(
      (folder) => {
        for (const name of ['v1', 'v2']) {
          mkdirSync(folder.file(name));
          writeFileSync(folder.file(`${name}/policy.yaml`), policyNamed(name));
        }
        symlinkSync('v1', folder.file('..data'));
        symlinkSync('..data/policy.yaml', folder.file('mounted.yaml'));
        return ['--policy', 'mounted.yaml'];
      },
      async (folder, port) => {
        expect(await rule(port)).toBe('v1');
        symlinkSync('v2', folder.file('..data_tmp'));
        renameSync(folder.file('..data_tmp'), folder.file('..data'));
        await until('the swapped policy counts', async () => (await rule(port)) === 'v2', 5000);
      },
    ),
  slow,
);

test(
  'a new certificate serves new connections within 10 s, open ones live on, a bad one changes nothing',
  () =>
    withWebhook(
      () => [],
      async (folder, port, webhook) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const body = review(pod);
        const first = await call({ port, agent, body });
        expect(first.subject).toBe('tls');

        folder.makeCertificate('next');
        folder.write('tls.crt', folder.read('next.crt').toString());
        await until(
          'the half pair is told',
          () => webhook.stderr.includes('not the key of the certificate'),
          10_000,
        );
        expect((await call({ port, body })).subject).toBe('tls');

        folder.write('tls.key', folder.read('next.key').toString());
        await until(
          'the new pair serves',
          async () => (await call({ port, body })).subject === 'next',
          10_000,
        );

        const later = await call({ port, agent, body });
        expect([later.status, later.localPort]).toEqual([200, first.localPort]);
        agent.destroy();
      },
    ),
  slow,
);

test(
  'certificates swapped behind a link while reviews are in flight: none is lost, on new connections and old ones',
  () =>
    withWebhook(
      (folder) => {
        for (const name of ['v1', 'v2', 'v3']) {
          mkdirSync(folder.file(name));
          folder.makeCertificate(`by-${name}`);
          for (const ending of ['crt', 'key']) {
            renameSync(folder.file(`by-${name}.${ending}`), folder.file(`${name}/tls.${ending}`));
          }
        }
        symlinkSync('v1', folder.file('..data'));
        for (const file of ['mounted.crt', 'mounted.key']) {
          symlinkSync(`..data/tls.${file.slice(-3)}`, folder.file(file));
        }
        return ['--tls-cert', 'mounted.crt', '--tls-key', 'mounted.key'];
      },
      async (folder, port) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 2 });
        const whole = review(pod);
        const subjects = new Set<string>();
        const asked = { answers: 0, isOver: false };
        const ask = async (more: { readonly agent?: Agent }) => {
          while (!asked.isOver) {
            const answer = await call({ port, body: whole, ...more });
            expect(answer.status).toBe(200);
            subjects.add(answer.subject);
            asked.answers += 1;
          }
        };
        const askers = [ask({}), ask({}), ask({ agent })];
        const halfSent = await openHalf(port, whole);
        for (const name of ['v2', 'v3']) {
          symlinkSync(name, folder.file('..data_tmp'));
          renameSync(folder.file('..data_tmp'), folder.file('..data'));
          await until(`${name} serves`, () => subjects.has(`by-${name}`), slow);
        }
        expect(await halfSent.finish()).toMatch(/^HTTP\/1\.1 200/);
        asked.isOver = true;
        await Promise.all(askers);
        expect([...subjects]).toEqual(['by-v1', 'by-v2', 'by-v3']);
        expect(asked.answers).toBeGreaterThan(10);
        agent.destroy();
      },
    ),
  2 * slow,
);

/** A review of which half is sent; `finish` sends the rest and gives the answer. */
async function openHalf(port: number, body: string): Promise<{ finish(): Promise<string> }> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  const head = `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  socket.write(`${head}\r\n\r\n${body.slice(0, 9)}`);
  return {
    async finish() {
      socket.write(body.slice(9));
      await until('the half-sent review is answered', () => text.includes('"uid"'), slow);
      socket.destroy();
      return text;
    },
  };
}
