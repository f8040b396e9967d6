import { partRefs } from '../../image/part-images.ts';
import type { LiveCluster } from '../../live-cluster.ts';
import type { Cast, Name } from '../cast.ts';
import { expectSeen, expectThat, type Scene } from '../scene.ts';

const overlay = /^10\.244\./;

/** Which pod belongs to which zone, and that all books say the same of its address. */
export const placement: Scene = {
  title: '分区而治: each pod where it belongs, by the webhook alone',
  checks: [
    {
      title: 'CoreDNS is on the overlay, and its Deployment says nothing of zones',
      see: async ({ cluster }) => {
        const path = '/apis/apps/v1/namespaces/kube-system/deployments/coredns';
        const { template } = (await cluster.must('GET', path)).spec;
        expectThat(!JSON.stringify(template).includes('realip.io'), 'its Deployment speaks of realip');
        const image = partRefs.coredns;
        const pods = (await dnsPods(cluster)).filter(
          ({ spec }: { spec: { containers: [{ image: string }] } }) => spec.containers[0].image === image,
        );
        expectThat(pods.length > 0, 'no pod of CoreDNS is there');
        return pods.map((pod: Judged) => judge(pod, 'over-1', 'cluster-dns', overlay)).join(', ');
      },
    },
    {
      title: 'an ingress is on the overlay, by its label',
      see: async ({ player }) => judge(player('ingress').pod, 'over-1', 'ingress', overlay),
    },
    {
      title: 'a pod that wishes to is on the overlay',
      see: async ({ player }) => judge(player('inside').pod, 'over-1', 'pod', overlay),
    },
    {
      title: 'business pods have addresses of the LAN, of their node’s range',
      see: async ({ player }) =>
        [
          judge(player('shop-1').pod, 'mac-1', 'default', /^10\.9\.1\./),
          judge(player('shop-2').pod, 'mac-2', 'default', /^10\.9\.2\./),
        ].join(', '),
    },
    {
      title: 'Kubernetes, the ledger and the kernel say the same of each',
      see: async (cast) =>
        (await Promise.all((['shop-1', 'shop-2', 'billing'] as const).map((name) => agree(cast, name)))).join(
          ', ',
        ),
    },
  ],
};

interface Judged {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly podIP: string };
}

async function dnsPods(cluster: LiveCluster) {
  const selector = encodeURIComponent('k8s-app=kube-dns');
  return (await cluster.must('GET', `/api/v1/namespaces/kube-system/pods?labelSelector=${selector}`)).items;
}

/** A pod's node, who put it there, and what its address looks like. */
function judge({ metadata, spec, status }: Judged, node: string, by: string, address: RegExp): string {
  const { name } = metadata;
  expectSeen(`${name} is on`, spec.nodeName, node);
  expectSeen(`${name} was placed by`, metadata.annotations?.['realip.io/placed-by'] ?? 'nobody', by);
  expectThat(address.test(status.podIP), `${name} has ${status.podIP}`);
  return `${status.podIP} on ${node}`;
}

/** What Kubernetes, the ledger and the kernel say of a pod's address. */
async function agree({ cluster, namespace, player }: Cast, name: Name): Promise<string> {
  const { address, run, node } = player(name);
  const shown = await run(['ip', '-4', '-o', 'address', 'show', 'dev', 'eth0']);
  const [, inKernel = 'none'] = / inet ([\d.]+)\//.exec(shown) ?? [];
  expectSeen(`the kernel’s address of ${name}`, inKernel, address);
  const { items } = await cluster.ledger.must('GET', `/v1/allocations?ip=${address}`);
  const [record] = items;
  expectSeen(
    `the ledger’s owner of ${address}`,
    `${record?.pod?.namespace}/${record?.pod?.name} on ${record?.node}`,
    `${namespace}/${name} on ${node}`,
  );
  return address;
}
