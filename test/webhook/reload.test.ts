import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
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
