import type { Terminal } from '../../lab/terminal.ts';
import { installRealip } from '../install/install.ts';
import { LiveCluster } from '../live-cluster.ts';
import { Cast, type Name } from '../traffic/cast.ts';
import type { Scene } from '../traffic/scene.ts';
import { overlayOnly } from '../traffic/scenes/overlay-only.ts';
import { scenes } from '../traffic/scenes.ts';
import { patiently } from '../traffic/spot.ts';
import { zoneByZone } from './zones.ts';

const picture = `
  office 10.8.0.2 ── router 10.9.0.1 ── switch 10.9.0.0/16 ── control plane 10.9.0.10
                                          ├── mac-1  10.9.0.11
                                          ├── mac-2  10.9.0.12
                                          └── over-1 10.9.0.13
`;

/** The whole story; @returns whether every step succeeded. */
export async function tell(terminal: Terminal, name: string, keep: boolean): Promise<boolean> {
  const began = performance.now();
  terminal.say(terminal.style('bold', 'realip: a Kubernetes cluster gets real IP addresses'));
  terminal.say(picture);
  terminal.chapter('A cluster as most are: flannel everywhere');
  const cluster = await terminal.make('API server, three nodes, flannel, cluster DNS', async () => {
    const made = await LiveCluster.up({ name, bare: true, tell: (line) => terminal.note(line) });
    return { made, figure: since(began) };
  });
  if (cluster !== undefined) {
    await before(terminal, cluster);
    if (await install(terminal, cluster)) {
      await after(terminal, cluster, keep);
    }
    cluster.close();
  }
  return terminal.close((performance.now() - began) / 1000);
}

/** What the overlay alone is like. */
async function before(terminal: Terminal, cluster: LiveCluster): Promise<void> {
  terminal.chapter('Business pods, on flannel');
  const cast = await gather(terminal, cluster, 'before', ['shop-1', 'billing']);
  if (cast !== undefined) {
    await show(terminal, cast, overlayOnly('shop-1', 'billing'));
    await terminal.step('the pods are taken away', async () => {
      await cast.dismiss();
      return 'those with real addresses are made anew';
    });
  }
}

/** realip comes, zone by zone; @returns whether it came */
async function install(terminal: Terminal, cluster: LiveCluster): Promise<boolean> {
  terminal.chapter('realip is installed, as docs/install.md says');
  const done = await terminal.make('the commands of docs/install.md, one after the other', async () => {
    const began = performance.now();
    await installRealip(cluster.way, (section) => terminal.note(section));
    return { made: true, figure: since(began) };
  });
  if (done === true) {
    for (const { title, see } of zoneByZone) {
      await terminal.step(title, () => see(cluster));
    }
  }
  return done === true;
}

/** What it is like now. */
async function after(terminal: Terminal, cluster: LiveCluster, keep: boolean): Promise<void> {
  terminal.chapter('Business pods, on realip');
  const cast = await gather(terminal, cluster, 'shop');
  if (cast === undefined) {
    return;
  }
  for (const scene of scenes) {
    await show(terminal, cast, scene);
  }
  if (keep) {
    await cast.office.close();
    terminal.chapter('The cluster stays up');
    terminal.say(`  look into it       npm run cluster -- shell --name ${cluster.name}`);
    terminal.say(
      `  from the office    ip netns exec ${cluster.office.name} curl http://${cast.player('shop-1').address}:8080/clientip`,
    );
    terminal.say(`  remove it          npm run cluster -- down --name ${cluster.name}`);
  } else {
    terminal.chapter('All pods end');
    await terminal.step('the ledger has their addresses back', async () => {
      await cast.dismiss();
      return await patiently('no pod holds one', () => nobodyLeft(cluster, cast.namespace));
    });
  }
}

async function gather(
  terminal: Terminal,
  cluster: LiveCluster,
  namespace: string,
  names?: readonly Name[],
): Promise<Cast | undefined> {
  return await terminal.make('business pods, a provider, an office with a registry', async () => {
    const began = performance.now();
    const made = await Cast.gather(cluster, namespace, names);
    return { made, figure: since(began) };
  });
}

async function show(terminal: Terminal, cast: Cast, { title, checks }: Scene): Promise<void> {
  terminal.chapter(title);
  for (const { title, see } of checks) {
    await terminal.step(title, () => see(cast));
  }
}

/** Agents tell of a pod's end when it has ended already. @throws Error while a pod of a namespace holds an address */
async function nobodyLeft({ ledger }: LiveCluster, namespace: string): Promise<string> {
  const { items } = await ledger.must('GET', '/v1/allocations');
  const left = items.filter(({ pod }: { pod?: { namespace: string } }) => pod?.namespace === namespace);
  if (left.length > 0) {
    throw new Error(JSON.stringify(left));
  }
  return `${items.length} allocations of others`;
}

function since(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
