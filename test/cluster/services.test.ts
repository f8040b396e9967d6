import { until } from '../server/until.ts';
import { LiveCluster } from './live-cluster.ts';
import { resolve } from './resolve.ts';
import { Workspace, waitMs } from './workspace.ts';

const web = ['web-1', 'web-2'];
const nodes = ['mac-1', 'mac-2', 'over-1'];
let space: Workspace;
let addresses: string[];
beforeAll(async () => {
  const cluster = await LiveCluster.shared();
  space = await Workspace.open(cluster, 'services');
  const role = { labels: { role: 'web' } };
  const service = (name: string, spec: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: space.namespace },
    spec: { selector: { role: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  });
  await cluster.apply(
    space.pod('web-1', { node: 'mac-1', ...role }),
    space.pod('web-2', {
      node: 'mac-2',
      ...role,
      container: { ports: [{ containerPort: 8080, hostPort: 9090 }] },
    }),
    space.pod('real', { node: 'mac-1' }),
    space.pod('overlay', { node: 'over-1', labels: { 'realip.io/zone': 'overlay' } }),
    service('cluster-ip', {}),
    service('node-port', { type: 'NodePort' }),
    service('headless', { clusterIP: 'None', ports: [{ port: 8080 }] }),
    service('affinity', { sessionAffinity: 'ClientIP' }),
    service('local', { type: 'NodePort', externalTrafficPolicy: 'Local' }),
  );
  addresses = await space.addresses(...web);
  await space.addresses('real', 'overlay');
}, 600_000);
afterAll(async () => {
  await space?.close();
  space?.cluster.close();
}, 600_000);

type Ask = (url: string) => Promise<string>;
/** By the pod's own web client, which its node tells to ask. */
const fromPod =
  (pod: string): Ask =>
  async (url) => {
    const { hostname, port, pathname } = new URL(url);
    const { spec, status } = await space.getPod(pod);
    const ask = `host=${hostname}&port=${port || 80}&protocol=http&request=${pathname.slice(1)}&tries=1`;
    const words = ['curl', '-s', '--max-time', '30', `http://${status.podIP}:8080/dial?${ask}`];
    const { stdout } = await space.cluster.node(spec.nodeName).enter(words);
    return stdout === '' ? '' : (JSON.parse(stdout).responses?.[0] ?? '');
  };
const fromNode =
  (node: string): Ask =>
  async (url) =>
    (await space.cluster.node(node).enter(['curl', '-s', '--max-time', '5', url])).stdout;
const fromOffice: Ask = async (url) =>
  space.cluster.office.run('curl', ['-s', '--max-time', '5', url]).stdout;
const inside = new Map<string, Ask>([
  ['a pod with a real IP', fromPod('real')],
  ['a pod of the overlay', fromPod('overlay')],
  ...nodes.map((node): [string, Ask] => [`the node ${node}`, fromNode(node)]),
]);

const portOf = async (name: string) => (await space.get(`services/${name}`)).spec.ports[0].nodePort;
const urlOf = async (name: string) =>
  `http://${(await space.get(`services/${name}`)).spec.clusterIP}/hostname`;

/** Asks until each of `names` has answered; @throws Error naming who has not, or after an answer of another */
async function hearAll(ask: Ask, url: string, names: readonly string[]): Promise<void> {
  const heard = new Set<string>();
  await until(
    `${names} answer`,
    async () => {
      heard.add(await ask(url));
      return names.every((name) => heard.has(name));
    },
    waitMs,
  ).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify([...heard])} did`);
  });
}

test.each([...inside.keys()])(
  'a ClusterIP leads %s to each of its pods with real IPs',
  async (caller) => {
    await hearAll(inside.get(caller) as Ask, await urlOf('cluster-ip'), web);
  },
  600_000,
);

test.each(nodes)(
  'a NodePort of %s leads the office to each pod with a real IP',
  async (node) => {
    const { address } = space.cluster.node(node);
    await hearAll(fromOffice, `http://${address}:${await portOf('node-port')}/hostname`, web);
  },
  600_000,
);

test('a headless Service’s name has the real addresses themselves', async () => {
  const name = `headless.${space.namespace}.svc.cluster.local`;
  let found: string[] = [];
  await until(
    'cluster DNS knows it',
    async () => {
      found = await resolve(space.cluster.node('mac-1'), name);
      return found.length === 2;
    },
    waitMs,
  );
  expect(found.sort()).toEqual([...addresses].sort());
  for (const [index, address] of addresses.entries()) {
    expect(await fromOffice(`http://${address}:8080/hostname`)).toBe(web[index]);
  }
  // By the pod's own resolver.
  for (const pod of ['real', 'overlay']) {
    await hearAll(fromPod(pod), 'http://headless:8080/hostname', web);
  }
}, 600_000);

test.each([...inside.keys()])(
  'session affinity leads %s to the same pod each time',
  async (caller) => {
    const ask = inside.get(caller) as Ask;
    const url = await urlOf('affinity');
    const heard = [];
    for (let times = 0; times < 6; times += 1) {
      heard.push(await ask(url));
    }
    expect(web).toContain(heard[0]);
    expect(new Set(heard).size).toBe(1);
  },
  600_000,
);

describe('what can’t work with macvlan', () => {
  test('externalTrafficPolicy Local, asked from the office, where the pod is and where none is', async () => {
    const port = await portOf('local');
    for (const node of nodes) {
      const { address } = space.cluster.node(node);
      expect(await fromOffice(`http://${address}:${port}/hostname`)).toBe('');
    }
  }, 600_000);

  test('a hostPort, which nothing on the node leads to the pod', async () => {
    const { address } = space.cluster.node('mac-2');
    expect(await fromOffice(`http://${address}:9090/hostname`)).toBe('');
    // The pod itself answers.
    expect(await fromOffice(`http://${addresses[1]}:8080/hostname`)).toBe('web-2');
  }, 600_000);
});
