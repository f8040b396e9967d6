import { LiveCluster } from './live-cluster.ts';
import { expectProbed, expectReachedByKubectl, kinds, probedPods } from './probed-pods.ts';
import { Workspace } from './workspace.ts';

let space: Workspace;
beforeAll(async () => {
  const cluster = await LiveCluster.shared();
  space = await Workspace.open(cluster, 'probes');
  await cluster.apply(...probedPods(space, 'mac-1'));
}, 600_000);
afterAll(async () => {
  await space?.close();
  space?.cluster.close();
}, 600_000);

test.each(kinds)(
  'a pod on a macvlan starts by its %s probe, is served while it is ready, and is restarted when it is dead',
  (kind) => expectProbed(space, kind),
  900_000,
);

test(
  '`logs`, `exec` and `port-forward` reach a pod on a macvlan',
  () => expectReachedByKubectl(space),
  600_000,
);
