import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { V1Pod } from '@kubernetes/client-node';
import { applyPatch } from '../webhook/json-patch.ts';
import { type Control, call } from './control.ts';

/** Asks the webhook as an API server does (`/mutate?timeout=2s`) and gives the pod as it was admitted. */
export async function admit(control: Control, pod: V1Pod): Promise<V1Pod> {
  const uid = randomUUID();
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind,
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: pod.metadata?.namespace,
      name: pod.metadata?.name,
      operation: 'CREATE',
      dryRun: false,
      userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller' },
      object: pod,
    },
  };
  const ca = readFileSync(control.certificates.ca);
  const answer = await call(control.sockets.webhook, ca, 'POST', '/mutate?timeout=2s', { body: review });
  const { response } = answer.body as {
    response?: { uid: string; allowed: boolean; patch?: string; status?: { message?: string } };
  };
  if (answer.status !== 200 || response?.uid !== uid || !response.allowed) {
    throw new Error(`the webhook did not admit the pod: ${JSON.stringify(answer.body)}`);
  }
  if (response.patch === undefined) {
    return pod;
  }
  return applyPatch(pod, JSON.parse(Buffer.from(response.patch, 'base64').toString('utf8'))) as V1Pod;
}
