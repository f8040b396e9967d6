import type { ApiServer } from '../kube/api-server.ts';
import { messageOf } from '../kube/listed.ts';
import type { Misplaced } from './census.ts';
import { fits } from './node-fit.ts';
import { hasLabels } from './node-selection.ts';
import type { RawPod } from './raw-pod.ts';
import type { StoredNode } from './stored-node.ts';
import { type StoredPod, storedPod } from './stored-pod.ts';
import { trialFrom, trialOf } from './trial.ts';

/**
 * What can come of an attempt to evict; one of few words, for metrics:
 * - `changed`: the pod is another one by now, or gone;
 * - `webhook-away`: the dry run came back without this policy's placement: a replacement would slip through as well;
 * - `refused`: the dry run was refused: there would be no replacement;
 * - `no-room`: no node could take the replacement;
 * - `budget`: a PodDisruptionBudget forbids it now.
 */
export const attemptResults = [
  'evicted',
  'changed',
  'webhook-away',
  'refused',
  'no-room',
  'budget',
  'failed',
] as const;
export type AttemptResult = (typeof attemptResults)[number];

export interface Attempt {
  readonly result: AttemptResult;
  /** What the API server said, where it explains. */
  readonly detail: string;
}

export interface AttemptParts {
  readonly api: Pick<ApiServer, 'call'>;
  readonly pods: ReadonlyMap<string, StoredPod>;
  readonly nodes: ReadonlyMap<string, StoredNode>;
  /** Asked in the last moment: whether this replica acts still, by the policy of the finding. */
  readonly mayAct: () => boolean;
}

/**
 * Evicts a pod if a dry run shows that its replacement would be placed rightly and that some node has room for it.
 *
 * @throws Error when the API server does not answer
 */
export async function attempt(misplaced: Misplaced, parts: AttemptParts): Promise<Attempt> {
  const { stored } = misplaced;
  const { api } = parts;
  const pods = `/api/v1/namespaces/${stored.namespace}/pods`;
  const now = await api.call({ method: 'GET', path: `${pods}/${stored.name}` });
  if (now.status !== 200 || !isSame(storedPod(now.body as RawPod), stored)) {
    return {
      result: now.status === 200 || now.status === 404 ? 'changed' : 'failed',
      detail: messageOf(now.body),
    };
  }
  const tried = await api.call({
    method: 'POST',
    path: `${pods}?dryRun=All`,
    body: trialOf(now.body as RawPod),
  });
  if (tried.status !== 201) {
    return { result: tried.status < 500 ? 'refused' : 'failed', detail: messageOf(tried.body) };
  }
  const why = objection(tried.body as RawPod, misplaced, parts);
  if (why !== null) {
    return why;
  }
  if (!parts.mayAct()) {
    return { result: 'changed', detail: '' };
  }
  const { status, body } = await api.call({
    method: 'POST',
    path: `${pods}/${stored.name}/eviction`,
    body: {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: stored.name, namespace: stored.namespace },
      deleteOptions: { preconditions: { uid: stored.uid } },
    },
  });
  return { result: resultOf(status, body), detail: causesOf(body) || messageOf(body) };
}

/** What the dry run says against an eviction, or null. */
function objection(tried: RawPod, { stored, finding }: Misplaced, parts: AttemptParts): Attempt | null {
  const { placedBy, needs } = trialFrom(tried);
  const { zone, by } = finding;
  if (placedBy !== by || zone === null || !hasLabels(needs.nodeSelector, zone.nodeSelector)) {
    const said = placedBy === undefined ? 'did not place it' : `placed it otherwise (by ${placedBy})`;
    return { result: 'webhook-away', detail: `the webhook ${said}` };
  }
  const taken = takenBy(parts.pods.values(), stored.uid);
  const hasRoom = [...parts.nodes.values()].some((node) => fits(node, needs, taken.get(node.name) ?? 0));
  return hasRoom ? null : { result: 'no-room', detail: `no node of zone "${zone.name}" could take it` };
}

/**
 * How many `realip.io/ip` the pods of each node take by the scheduler's count, which has a pod until it is gone or
 * done; but one pod's, which would be gone.
 */
function takenBy(pods: Iterable<StoredPod>, leaving: string): Map<string, number> {
  const taken = new Map<string, number>();
  for (const { node, addresses, isDone, uid } of pods) {
    if (node !== null && !isDone && uid !== leaving) {
      taken.set(node, (taken.get(node) ?? 0) + addresses);
    }
  }
  return taken;
}

/** Whether all that decides is as it was when the pod was found. */
function isSame(now: StoredPod, found: StoredPod): boolean {
  return (
    now.uid === found.uid &&
    !now.isEnding &&
    now.node === found.node &&
    JSON.stringify(now.pod) === JSON.stringify(found.pod)
  );
}

/** What a Status says in detail: of a budget, its name and its figures. */
function causesOf(body: unknown): string {
  const { details } = body as { details?: { causes?: readonly { message?: string }[] } };
  return details?.causes?.map(({ message }) => message ?? '').join('; ') ?? '';
}

function resultOf(status: number, body: unknown): AttemptResult {
  if (status < 300) {
    return 'evicted';
  }
  if (status === 429 && JSON.stringify(body).includes('DisruptionBudget')) {
    return 'budget';
  }
  return status === 404 || status === 409 ? 'changed' : 'failed';
}
