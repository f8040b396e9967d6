import { chownSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { tokenOf } from './objects.ts';

/** The parts of a pod's volume that the objects of realip use. */
export interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string; readonly optional?: boolean };
  readonly secret?: { readonly secretName: string; readonly optional?: boolean };
  readonly emptyDir?: object;
}

/**
 * Writes files as a kubelet does: into a new folder to which the link `..data` is then turned, so that all change
 * at once. Nothing happens where `version` is there already.
 */
function write(folder: string, version: string, files: Readonly<Record<string, Buffer>>): void {
  const data = join(folder, `..${version}`);
  if (existsSync(data)) {
    return;
  }
  mkdirSync(data, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(data, name), content, { mode: 0o644 });
  }
  symlinkSync(`..${version}`, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  for (const name of Object.keys(files)) {
    if (!existsSync(join(folder, name))) {
      rmSync(join(folder, name), { force: true });
      symlinkSync(join('..data', name), join(folder, name));
    }
  }
}

const decoded = (values: Readonly<Record<string, string>> = {}, encoding: BufferEncoding) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Buffer.from(value, encoding)]));

/**
 * Brings a volume's folder up to date with its ConfigMap or Secret.
 *
 * @returns false while what it needs is not there
 */
export async function fill(
  cluster: Cluster,
  namespace: string,
  volume: Volume,
  folder: string,
): Promise<boolean> {
  mkdirSync(folder, { recursive: true });
  const [kind, name, optional] =
    volume.configMap === undefined
      ? ['secrets', volume.secret?.secretName, volume.secret?.optional]
      : ['configmaps', volume.configMap.name, volume.configMap.optional];
  if (name === undefined) {
    return volume.emptyDir !== undefined;
  }
  const { status, body } = await cluster.call('GET', `/api/v1/namespaces/${namespace}/${kind}/${name}`);
  if (status !== 200) {
    return optional === true;
  }
  write(folder, body.metadata.resourceVersion, decoded(body.data, kind === 'secrets' ? 'base64' : 'utf8'));
  return true;
}

/** What each pod has of its service account: token, CA and namespace; readable by the pod's user. */
export async function fillAccount(
  cluster: Cluster,
  pod: { readonly namespace: string; readonly name: string; readonly uid: string },
  account: string,
  user: number,
  folder: string,
): Promise<void> {
  const token = await tokenOf(cluster, pod.namespace, account, {
    audience: 'https://kubernetes.default.svc.cluster.local',
    pod: { name: pod.name, uid: pod.uid },
  });
  const path = `/api/v1/namespaces/${pod.namespace}/configmaps/kube-root-ca.crt`;
  const { data } = await cluster.must('GET', path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'token'), token, { mode: 0o600 });
  chownSync(join(folder, 'token'), user, user);
  writeFileSync(join(folder, 'ca.crt'), data['ca.crt']);
  writeFileSync(join(folder, 'namespace'), pod.namespace);
}
