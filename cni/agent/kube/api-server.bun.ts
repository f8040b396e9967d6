import { files } from '../../files.ts';
import type { KubeEvents } from '../doors.ts';
import { EventQueue, type EventQueueParts, type KubeAnswer } from './event-queue.ts';

/** Where kubelet puts what a pod's service account needs. */
const usualFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Milliseconds. */
const patience = 10_000;

/** Where the API server is, and the folder with `token` and `ca.crt`. */
export interface KubePlace {
  readonly url: string;
  readonly folder: string;
}

/**
 * As every pod finds it: KUBERNETES_SERVICE_HOST and _PORT, and the folder of its service account, or the one that
 * REALIP_KUBE_FOLDER names.
 *
 * @returns undefined outside a cluster
 */
export function kubePlace(variables: Readonly<Record<string, string | undefined>>): KubePlace | undefined {
  const host = variables['KUBERNETES_SERVICE_HOST'];
  const port = variables['KUBERNETES_SERVICE_PORT'] ?? '443';
  const folder = variables['REALIP_KUBE_FOLDER'] ?? usualFolder;
  if (!host || !files().existsSync(`${folder}/token`)) {
    return undefined;
  }
  return { url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, folder };
}

/** Events on pods, told to the cluster's API server; nothing where there is none. */
export function openKubeEvents(
  place: KubePlace | undefined,
  parts: Pick<EventQueueParts, 'node' | 'lost' | 'now'>,
): KubeEvents {
  if (place === undefined) {
    return { warn: () => {} };
  }
  // The API server is on the cluster's own network, whatever images are pulled by.
  process.env['NO_PROXY'] = process.env['no_proxy'] = '*';
  const call = (method: 'POST' | 'PATCH', path: string, body: object) => ask(place, method, path, body);
  return new EventQueue({ ...parts, call, sleep: Bun.sleep });
}

/** Token and authority are read each time: kubelet changes them, and events are rare. */
async function ask(
  { url, folder }: KubePlace,
  method: string,
  path: string,
  body: object,
): Promise<KubeAnswer> {
  const read = (name: string) => files().readFileSync(`${folder}/${name}`, 'utf8');
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${read('token').trim()}`, 'content-type': type },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(patience),
    tls: { ca: read('ca.crt') },
  });
  return { status: answer.status, text: await answer.text() };
}
