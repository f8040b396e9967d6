import type { RawPod } from './raw-pod.ts';
import { trialOf } from './trial.ts';

test('a running pod becomes one that can be made anew, without what only running pods have', () => {
  const running: RawPod = {
    metadata: {
      namespace: 'shop',
      name: 'web-0',
      uid: 'u',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'web' },
      annotations: { note: 'x', 'realip.io/placed-by': 'forged' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web', uid: 'r', controller: true }],
      managedFields: [{}],
    },
    spec: {
      nodeName: 'n1',
      nodeSelector: { disk: 'ssd' },
      containers: [],
      ...{ ephemeralContainers: [{ name: 'debug' }] },
    },
    status: { phase: 'Running' },
  };
  expect(trialOf(running)).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'realip-trial-',
      namespace: 'shop',
      labels: { app: 'web' },
      annotations: { note: 'x' },
      ownerReferences: [
        { kind: 'ReplicaSet', name: 'web', uid: 'r', controller: true, blockOwnerDeletion: false },
      ],
    },
    spec: { nodeSelector: { disk: 'ssd' }, containers: [] },
  });
});
