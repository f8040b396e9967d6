import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { blocks, root } from '../docs/operations-page.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { makeNode } from './objects.ts';

const overlay = join(root, 'manifests/overlays/single');
const folder = mkdtempSync(join(tmpdir(), 'realip-operations-'));
const rendered = join(folder, 'realip.yaml');
/** What the page does with kubectl, a line each; waiting for rollouts is for clusters that have kubelets. */
const lines = blocks
  .filter(({ kind }) => kind === 'sh cluster')
  .flatMap(({ text }) => text.trim().split('\n'))
  .filter((line) => !line.includes(' rollout '));
const fileOf = (name: string) => blocks.find(({ kind }) => kind.endsWith(`file=${name}`))?.text ?? '';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  await makeNode(cluster, 'over-1', { labels: { 'realip.io/ipam-server': 'true' } });
  await makeNode(cluster, 'over-2');
}, firstStartMs);
afterAll(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
}, startMs);

/** Runs a line of the page as a shell would. */
async function run(line: string): Promise<string> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const [program, ...args] = words.map((word) =>
    word.replace('manifests/overlays/mine', overlay).replace('realip.yaml', rendered),
  );
  expect(program).toBe('kubectl');
  const into = args.indexOf('>');
  const { status, stdout, stderr } = await cluster.kubectl(into < 0 ? args : args.slice(0, into));
  // kubectl diff: 1 where there is a difference.
  expect([line, args[0] === 'diff' && status === 1 ? 0 : status, stderr]).toEqual([line, 0, '']);
  if (into >= 0) {
    writeFileSync(args[into + 1] ?? '', stdout);
  }
  return stdout;
}

test('the upgrade applies server, webhook and agents one after the other, with everything else before them', async () => {
  const [render = '', diff = '', server = '', webhook = '', agents = '', ...others] = lines;
  await run(render);
  // What is installed already.
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'realip-system' } });
  expect(await run(diff)).toContain('realip-webhook');
  const workload = /(deployment|daemonset)\.apps\/(\S+) (\S+)/g;
  const applied = async (line: string) => [...(await run(line)).matchAll(workload)].map(([, , name]) => name);
  expect(await applied(server)).toEqual(['realip-ipam-server']);
  const objects = parseAllDocuments(
    await run('kubectl -n realip-system get configmap,serviceaccount -o yaml'),
  );
  expect(JSON.stringify(objects)).toContain('realip-agent');
  expect(await applied(webhook)).toEqual(['realip-webhook']);
  expect((await applied(agents)).toSorted()).toEqual([
    'realip-agent',
    'realip-agent-ptp',
    'realip-ipam-server',
    'realip-webhook',
  ]);
  for (const line of others) {
    await run(line);
  }
  const { metadata } = await cluster.must('GET', '/api/v1/nodes/over-2');
  expect(metadata.labels['realip.io/ipam-server']).toBe('true');
});

test('the Job that restores has the server’s image, folder and ledger', async () => {
  const job = parse(fileOf('restore.yaml'));
  const path = '/apis/apps/v1/namespaces/realip-system/deployments/realip-ipam-server';
  const { spec } = (await cluster.must('GET', path)).spec.template;
  const [server, restore] = [spec.containers[0], job.spec.template.spec.containers[0]];
  expect(restore.image).toBe(server.image);
  expect(server.args).toContain(`--store=${restore.args[restore.args.indexOf('--to') + 1]}`);
  const ledgerOf = ({ volumes }: typeof spec) =>
    volumes.find(({ name }: { name: string }) => name === 'ledger').hostPath.path;
  expect(ledgerOf(job.spec.template.spec)).toBe(ledgerOf(spec));
  await cluster.apply(job);
});

test('the patch for the log level is one that kustomize takes', async () => {
  const own = mkdtempSync(join(folder, 'overlay-'));
  const text = `resources: [${relative(own, overlay)}]\n${fileOf('debug.yaml')}`;
  writeFileSync(join(own, 'kustomization.yaml'), text);
  const { status, stdout, stderr } = await cluster.kubectl(['kustomize', own]);
  expect([status, stderr]).toEqual([0, '']);
  const server = stdout
    .split('\n---\n')
    .find((each) => /^kind: Deployment[\s\S]*name: realip-ipam-server$/m.test(each));
  expect(server).toContain('- --log-level=debug');
});
