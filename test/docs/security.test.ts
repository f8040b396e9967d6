import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
const base = join(root, 'manifests/base');

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}
interface PodSpec {
  readonly securityContext?: object;
  readonly containers: readonly { readonly securityContext?: object }[];
}

/** The workloads of the manifests by name, each with what its pod and its container may. */
const workloads = new Map(
  readdirSync(base, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => parseAllDocuments(readFileSync(join(base, name), 'utf8')))
    .map((document) => document.toJS() as Workload)
    .filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet')
    .map(({ metadata, spec: { template } }) => [
      metadata.name,
      { ...template.spec.securityContext, ...template.spec.containers[0]?.securityContext },
    ]),
);

test('each test that the page leans on is there', () => {
  const { stdout } = spawnSync('git', ['ls-files', '*.test.ts'], { cwd: root, encoding: 'utf8' });
  const tests = new Set(stdout.split('\n').map((path) => basename(path, '.test.ts')));
  const named = [...page.matchAll(/✓ ((?:[a-z-]+)(?:, [a-z-]+)*)/g)].flatMap(([, names = '']) =>
    names.split(', '),
  );
  expect(named.length).toBeGreaterThan(10);
  expect([...new Set(named)].filter((name) => !tests.has(name))).toEqual([]);
});

test('what the page says of the servers’ containers is what the manifests say', () => {
  const limited = {
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  };
  expect(workloads.get('realip-webhook')).toMatchObject({ ...limited, runAsNonRoot: true });
  expect(workloads.get('realip-ipam-server')).toMatchObject({ ...limited, runAsUser: 0 });
});
