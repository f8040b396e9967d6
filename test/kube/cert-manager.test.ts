import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseFlags } from '../../webhook/flags.ts';
import { kubernetes } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { firstStartMs } from './cluster.ts';

const manifests = join(import.meta.dirname, '../../manifests');

// biome-ignore lint/suspicious/noExplicitAny: a test asserts on any member; the assertion is the check.
type Manifest = any;

/** What `kubectl kustomize` makes of the base with some components. */
function rendered(...components: readonly string[]): Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'realip-kustomize-'));
  try {
    const at = (path: string) => relative(folder, join(manifests, path));
    const resources = [at('base')];
    const kustomization = { resources, components: components.map((name) => at(`components/${name}`)) };
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    const kubectl = join(goPart(kubernetes), 'kubectl');
    const text = execFileSync(kubectl, ['kustomize', folder], { encoding: 'utf8' });
    return parseAllDocuments(text).map((document) => document.toJS());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const names = (objects: readonly Manifest[]) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

test(
  'with cert-manager the webhook reads files, makes no CA, and has no right to',
  () => {
    const plain = rendered();
    const objects = rendered('cert-manager', 'repair');
    const gone = names(plain).filter((each) => !names(objects).includes(each));
    expect(gone.sort()).toEqual([
      'ClusterRole realip-webhook-own-ca',
      'ClusterRoleBinding realip-webhook-own-ca',
      'Role realip-webhook-own-ca',
      'RoleBinding realip-webhook-own-ca',
    ]);
    const find = (kind: string, name = 'realip-webhook') =>
      objects.find((each) => each.kind === kind && each.metadata.name === name);
    const { containers, volumes } = find('Deployment').spec.template.spec;
    const [{ args, volumeMounts }] = containers;
    expect(parseFlags(args)).toMatchObject({
      certificate: { files: ['/etc/realip/tls/tls.crt', '/etc/realip/tls/tls.key'] },
    });
    expect(volumeMounts).toContainEqual({ name: 'tls', mountPath: '/etc/realip/tls', readOnly: true });
    const { secretName, dnsNames } = find('Certificate').spec;
    expect(volumes).toContainEqual({ name: 'tls', secret: { secretName } });
    expect(dnsNames).toContain('realip-webhook.realip-system.svc');
    for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
      const from = find(kind).metadata.annotations['cert-manager.io/inject-ca-from'];
      expect(from).toBe('realip-system/realip-webhook');
    }
  },
  firstStartMs,
);
