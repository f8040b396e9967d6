import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { parseAllDocuments } from 'yaml';

const manifests = join(import.meta.dirname, '../../manifests');

interface Rule {
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface RbacObject {
  readonly kind: string;
  readonly metadata?: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly name: string }[];
}

const filesIn = (folder: string) =>
  readdirSync(join(manifests, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));

const objectsOf = (file: string) =>
  parseAllDocuments(readFileSync(join(manifests, file), 'utf8')).map((each) => each.toJS() as RbacObject);

const quoted = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

/** The rights that files give, each as the first cells of its line in a table. */
function rightsOf(files: readonly string[]): string[] {
  const objects = files.flatMap(objectsOf);
  return objects
    .filter(({ kind }) => /^(Cluster)?RoleBinding$/.test(kind))
    .flatMap(({ kind, metadata, roleRef, subjects }) => {
      const role = objects.find((each) => each.kind === roleRef.kind && each.metadata?.name === roleRef.name);
      const where = kind === 'ClusterRoleBinding' ? '*' : (metadata?.namespace ?? '');
      return subjects.flatMap(({ name }) =>
        (role?.rules ?? []).map(({ resources, resourceNames, verbs }) => {
          const named = resourceNames === undefined ? '' : ` named ${quoted(resourceNames)}`;
          return `| \`${name}\` | \`${where}\` | ${quoted(resources)}${named} | ${verbs.join(', ')} |`;
        }),
      );
    });
}

test('the README of the manifests tells each right that they give, and no other', () => {
  const readme = readFileSync(join(manifests, 'README.md'), 'utf8');
  const told = readme
    .slice(readme.indexOf('\n## Rights\n'), readme.indexOf('\n### On the node\n'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(0, line.lastIndexOf('|', line.length - 2) + 1));
  const ofComponents = filesIn('components').flatMap((file) =>
    rightsOf([file]).map((right) => `| \`${file.split(sep)[1]}\` ${right}`),
  );
  const given = [...rightsOf(filesIn('base')), ...ofComponents];
  expect(given.length).toBeGreaterThan(10);
  expect(told.sort()).toEqual(given.sort());
});

interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: SecurityContext;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly {
    readonly name: string;
    readonly hostPath?: { readonly path: string };
    readonly secret?: { readonly secretName: string };
    readonly projected?: { readonly sources: readonly { readonly secret?: { readonly name: string } }[] };
  }[];
}

interface SecurityContext {
  readonly privileged?: boolean;
  readonly runAsUser?: number;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
}

interface Container {
  readonly securityContext?: SecurityContext;
  readonly volumeMounts?: readonly { readonly name: string; readonly readOnly?: boolean }[];
}

const orNone = (words: readonly string[]) => (words.length === 0 ? '–' : words.join(', '));

/** Whom a container runs as, and what the kernel lets it do. */
function powerOf({ privileged, runAsUser, capabilities = {} }: SecurityContext): string {
  const kept = capabilities.drop?.includes('ALL') ? 'no capabilities' : 'the runtime’s capabilities';
  const added = capabilities.add?.map((name) => `and ${name}`) ?? [];
  return privileged === true
    ? 'privileged'
    : [`user ${runAsUser ?? 'of the image'}`, kept, ...added].join(', ');
}

/** What a workload's pods have of their node, as its line in the table. */
function nodeRightsOf(name: string, spec: PodSpec): string {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const powers = containers.map(({ securityContext }) =>
    powerOf({ ...spec.securityContext, ...securityContext }),
  );
  const host = [
    ...(spec.hostNetwork ? ['network'] : []),
    ...(spec.hostPID ? ['processes'] : []),
    ...(spec.hostIPC ? ['IPC'] : []),
  ];
  const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
  const volumes = spec.volumes ?? [];
  const folders = volumes.flatMap(({ name: volume, hostPath }) => {
    const isRead = mounts.every((each) => each.name !== volume || each.readOnly === true);
    return hostPath === undefined ? [] : [`\`${hostPath.path}\`${isRead ? ' (read)' : ''}`];
  });
  const secrets = volumes.flatMap(({ secret, projected }) => [
    ...(secret === undefined ? [] : [secret.secretName]),
    ...(projected?.sources.flatMap((source) => (source.secret === undefined ? [] : [source.secret.name])) ??
      []),
  ]);
  const cells = [`\`${name}\``, [...new Set(powers)].join('; '), orNone(host), orNone(folders)];
  return `| ${cells.join(' | ')} | ${orNone(secrets.map((each) => `\`${each}\``))} |`;
}

test('it tells, too, what each workload has of its node, and no other', () => {
  const readme = readFileSync(join(manifests, 'README.md'), 'utf8');
  const told = readme
    .slice(readme.indexOf('\n### On the node\n'))
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const workloads = [...filesIn('base'), ...filesIn('components'), ...filesIn('uninstall')]
    .flatMap(objectsOf)
    .flatMap((object) => {
      const { metadata, spec } = object as unknown as {
        metadata?: { name: string };
        spec?: { template?: { spec?: PodSpec } };
      };
      const pod = spec?.template?.spec;
      return metadata === undefined || pod === undefined ? [] : [nodeRightsOf(metadata.name, pod)];
    });
  expect(workloads.length).toBeGreaterThan(3);
  expect(told.sort()).toEqual(workloads.sort());
});
