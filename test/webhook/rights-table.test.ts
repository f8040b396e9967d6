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
    .slice(readme.indexOf('\n## Rights\n'))
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
