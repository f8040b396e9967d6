import { until } from '../server/until.ts';
import { useDataplane } from './dataplane.ts';
import { inTurn } from './in-turn.ts';
import { leaksOf } from './leak-check.ts';
import { LiveCluster } from './live-cluster.ts';
import { expectProbed, expectReachedByKubectl, kinds, probedPods } from './probed-pods.ts';
import { refusals } from './refusals.ts';
import { Office } from './traffic/office.ts';
import { call, callOnce, patiently, podSpot, type Question, type Spot } from './traffic/spot.ts';
import { Workspace, waitMs } from './workspace.ts';

/** The node that changes; `mac-1` stays on macvlan. */
const node = 'mac-2';
let cluster: LiveCluster;
let space: Workspace;
let office: Office;
let known: string[];

beforeAll(async () => {
  cluster = await LiveCluster.shared();
  known = await leaksOf(cluster, 0);
  space = await Workspace.open(cluster, 'ptp');
  office = await Office.open(cluster);
}, 900_000);
afterAll(
  () =>
    inTurn(
      () => office?.close(),
      // The runtime ends pods by the list of the day: portmap's rules must go while it is in there.
      () => space?.close(),
      () => cluster && useDataplane(cluster, 'macvlan', [node]),
      () => cluster?.close(),
    ),
  900_000,
);

/** Where one calls from by a pod's web server. */
async function spotOf(name: string): Promise<Spot> {
  const [address = ''] = await space.addresses(name);
  return podSpot(cluster, { namespace: space.namespace, name, address });
}

/** What a node itself hears. */
function hear(name: string, host: string, request: Question): Promise<string> {
  return patiently(`${name} reaches ${host}`, async () => {
    const words = ['curl', '-sS', '--max-time', '20', `http://${host}/${request}`];
    const { status, stdout, stderr } = await cluster.node(name).enter(words);
    if (status !== 0) {
      throw new Error(stderr);
    }
    return stdout;
  });
}

/** The MAC that a third host of the LAN sends frames for an address to. */
function macSeenFor(address: string): string | undefined {
  const { host } = cluster.node('over-1');
  expect(host.reaches(address)).toBe(true);
  return host.neighbour(address);
}

const service = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: space.namespace },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});

/** All that the tests look at once the node has changed: made at once, so that it becomes ready together. */
function scenario(): object[] {
  const role = { labels: { role: 'affine' } };
  return [
    space.pod('web', {
      node,
      ...role,
      container: { ports: [{ containerPort: 8080, hostPort: 9090 }] },
    }),
    space.pod('ptp', { node, ...role }),
    space.pod('macvlan', { node: 'mac-1' }),
    space.pod('overlay', { node: 'over-1', labels: { 'realip.io/zone': 'overlay' } }),
    service('cluster-ip', {}),
    service('headless', { clusterIP: 'None', ports: [{ port: 8080 }] }),
    service('node-port', { type: 'NodePort' }),
    service('local', { type: 'NodePort', externalTrafficPolicy: 'Local' }),
    service('affinity', { selector: { role: 'affine' }, sessionAffinity: 'ClientIP' }),
    ...probedPods(space, node),
  ];
}

/** portmap's rules on the node that lead to a pod. */
async function hostPortRules(): Promise<string[]> {
  const { stdout, stderr } = await cluster.node(node).enter(['iptables-save', '--table', 'nat']);
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line.includes('-j CNI-DN-'));
}

test('a node changes to ptp while pods come: each starts, none is refused, and one that ran before goes on', async () => {
  await cluster.apply(space.pod('before', { node }));
  const [before = ''] = await space.addresses('before');
  let isChanged = false;
  const change = useDataplane(cluster, 'ptp', [node]).finally(() => {
    isChanged = true;
  });
  const names: string[] = [];
  while (!isChanged) {
    const name = `during-${names.length}`;
    names.push(name);
    await cluster.apply(space.pod(name, { node }));
    await space.addresses(name);
    expect(await call(office, before, 'hostname')).toBe('before');
  }
  await change;
  expect(await refusals(cluster, space.namespace)).toEqual([]);
  await cluster.apply(...scenario());
  const [web = ''] = await space.addresses('web');
  // The LAN sees the node's MAC for it, and still the pod's own for the one that ran before.
  const [master] = cluster.node(node).host.ask('link show dev eth0');
  expect(macSeenFor(web)).toBe(master.address);
  expect(macSeenFor(before)).toMatch(/^0a:58:/);
}, 900_000);

test('pods behind their node, pods on another’s macvlan, pods of the overlay and the office call one another', async () => {
  const [web, ptp, macvlan, overlay] = await Promise.all([
    spotOf('web'),
    spotOf('ptp'),
    spotOf('macvlan'),
    spotOf('overlay'),
  ]);
  // As whom the called one sees the caller: who it is, unless the overlay hides its own.
  const own = ({ address }: Spot) => address;
  const seen: [Spot, Spot, string][] = [
    [office, web, own(office)],
    [web, office, own(web)],
    [ptp, web, own(ptp)],
    [macvlan, web, own(macvlan)],
    [web, macvlan, own(web)],
    [overlay, web, cluster.node('over-1').address],
  ];
  for (const [from, to, address] of seen) {
    expect([from.name, to.name, await call(from, to.address, 'clientip')]).toEqual([
      from.name,
      to.name,
      address,
    ]);
  }
  expect(await call(web, overlay.address, 'hostname')).toBe('overlay');
  for (const { name } of cluster.nodes) {
    expect(await hear(name, `${web.address}:8080`, 'hostname')).toBe('web');
  }
}, 600_000);

test('Services of each kind lead to pods behind their node, from everywhere', async () => {
  const [ptp, macvlan, overlay] = await Promise.all([spotOf('ptp'), spotOf('macvlan'), spotOf('overlay')]);
  const { clusterIP } = (await space.get('services/cluster-ip')).spec;
  const { nodePort } = (await space.get('services/node-port')).spec.ports[0];
  for (const pod of [ptp, macvlan, overlay]) {
    expect(await call(pod, clusterIP, 'hostname', 80)).toBe('web');
    // By cluster DNS.
    expect(await call(pod, 'cluster-ip', 'hostname', 80)).toBe('web');
    expect(await call(pod, 'headless', 'hostname')).toBe('web');
    const heard = [];
    for (let times = 0; times < 4; times += 1) {
      heard.push(await call(pod, 'affinity', 'hostname', 80));
    }
    expect(new Set(heard).size).toBe(1);
  }
  // Its name has the pod's own address: nobody stands between.
  expect(await call(ptp, 'headless', 'clientip')).toBe(ptp.address);
  expect(await call(macvlan, 'headless', 'clientip')).toBe(macvlan.address);
  expect(await call(await spotOf('web'), clusterIP, 'hostname', 80)).toBe('web');
  for (const { name, address } of cluster.nodes) {
    expect(await hear(name, clusterIP, 'hostname')).toBe('web');
    expect(await call(office, address, 'hostname', nodePort)).toBe('web');
  }
}, 600_000);

test('a hostPort, and a NodePort with externalTrafficPolicy Local, lead the office to the pod, which sees who asks', async () => {
  await space.addresses('web');
  const macvlan = await spotOf('macvlan');
  const { address } = cluster.node(node);
  expect(await hostPortRules()).toHaveLength(1);
  const { nodePort } = (await space.get('services/local')).spec.ports[0];
  for (const port of [9090, nodePort]) {
    expect(await call(office, address, 'hostname', port)).toBe('web');
    expect(await call(office, address, 'clientip', port)).toBe(office.address);
    expect(await call(macvlan, address, 'clientip', port)).toBe(macvlan.address);
  }
  // Where no pod of the Service runs, nobody answers.
  for (const other of ['mac-1', 'over-1']) {
    await expect(callOnce(office, cluster.node(other).address, 'hostname', nodePort)).rejects.toThrow();
  }
}, 600_000);

test('a pod behind its node starts by its probes, is served while it is ready, and is restarted when it is dead', async () => {
  await Promise.all(kinds.map((kind) => expectProbed(space, kind)));
}, 900_000);

test(
  '`logs`, `exec` and `port-forward` reach a pod behind its node',
  () => expectReachedByKubectl(space),
  600_000,
);

test('back on macvlan its next pods have a MAC of their own, and what ended and what went on left nothing', async () => {
  // While portmap is in the list by which the runtime ends it.
  await space.kubectl('delete', 'pod', 'web');
  await until('its rules are gone', async () => (await hostPortRules()).length === 0, waitMs);
  await useDataplane(cluster, 'macvlan', [node]);
  const [ptp = ''] = await space.addresses('ptp');
  expect(await call(office, ptp, 'hostname')).toBe('ptp');
  await cluster.apply(space.pod('after', { node }));
  const [after = ''] = await space.addresses('after');
  expect(macSeenFor(after)).toMatch(/^0a:58:/);
  // Pods of both planes live on it now.
  expect(await leaksOf(cluster, 120_000, known)).toEqual([]);
  await space.close();
  expect(await leaksOf(cluster, 120_000, known)).toEqual([]);
}, 900_000);
