import type { V1Pod } from '@kubernetes/client-node';

function pod(namespace: string, name: string, labels: Record<string, string>): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels },
    spec: { containers: [{ name: 'main', image: 'lab.local/web:1' }] },
  };
}

/** A business pod: nothing in it says where it belongs. */
export function businessPod(name: string): V1Pod {
  return pod('shop', name, { app: 'shop' });
}

/** What is created in the lab, as an API server would receive it. */
export const samplePods = {
  dns: pod('kube-system', 'kube-dns', { 'k8s-app': 'kube-dns' }),
  ingress: pod('ingress', 'ingress', { 'app.kubernetes.io/name': 'ingress-nginx' }),
  business: ['shop-1', 'shop-2', 'shop-3', 'shop-4'].map(businessPod),
} as const;
