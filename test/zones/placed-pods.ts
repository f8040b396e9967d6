import { type Cluster, startMs } from '../kube/cluster.ts';
import { until } from '../server/until.ts';

/** The little of a pod that these tests judge. */
export interface PlacedPod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly object[];
    readonly containers: readonly {
      readonly name: string;
      readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
    }[];
  };
}

export const placedBy = ({ metadata }: PlacedPod): string | undefined =>
  metadata.annotations?.['realip.io/placed-by'];

/** The pods of a namespace that a label chooses. */
export async function podsOf(cluster: Cluster, namespace: string, selector = ''): Promise<PlacedPod[]> {
  const query = selector === '' ? '' : `?labelSelector=${encodeURIComponent(selector)}`;
  return (await cluster.must('GET', `/api/v1/namespaces/${namespace}/pods${query}`)).items;
}

/** Waits until there are so many such pods and the scheduler has bound them all; gives them. */
export async function boundPods(
  cluster: Cluster,
  namespace: string,
  selector: string,
  count: number,
  withinMs = startMs,
): Promise<PlacedPod[]> {
  let pods: PlacedPod[] = [];
  await until(
    `${count} pods with ${selector} of ${namespace} are bound`,
    async () => {
      pods = await podsOf(cluster, namespace, selector);
      return pods.length === count && pods.every(({ spec }) => spec.nodeName !== undefined);
    },
    withinMs,
  );
  return pods;
}

/** The zones of the nodes that pods are bound to, by the nodes' names. */
export function zonesOf(pods: readonly PlacedPod[]): string[] {
  return [...new Set(pods.map(({ spec }) => (spec.nodeName ?? 'none').replace(/-\d+$/, '')))].sort();
}
