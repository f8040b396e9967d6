import { join } from 'node:path';
import { startControl } from './control.ts';
import { keepUp } from './keep.ts';
import { Ledger } from './ledger.ts';
import { claimLab, stateFolder } from './leftovers.ts';
import { drawMap } from './map.ts';
import { buildNetwork, type Network, nodeOf } from './network.ts';
import { nodes, port } from './plan.ts';
import { programs } from './programs.ts';
import { Runtime } from './runtime.ts';
import { Scheduler } from './scheduler.ts';
import { showAgents } from './story/agents.ts';
import { emptyCluster } from './story/farewell.ts';
import { startPods } from './story/pods.ts';
import { showReuse } from './story/reuse.ts';
import { showRogue } from './story/rogue.ts';
import type { Pods, Stage } from './story/stage.ts';
import { showTraffic } from './story/traffic.ts';
import type { Terminal } from './terminal.ts';

const picture = `
  office 10.20.0.50 ── gateway 10.9.0.1 ── switch 10.9.0.0/16 ── control plane 10.9.0.10
                                             ├── n1 10.9.0.11  macvlan zone, own ranges 10.9.1.10-12, 10.9.1.20-27 (agent)
                                             ├── n2 10.9.0.12  macvlan zone, shared range 10.9.2.10-13, own 10.9.2.20-27 (agent)
                                             └── n3 10.9.0.13  overlay zone (flannel), 10.244.3.0/24
`;

/** A web server on the office host and on each node, for pods to reach. */
async function startHosts(network: Network): Promise<void> {
  const hosts = [network.office, ...nodes.map((node) => nodeOf(network, node.name))];
  await Promise.all(
    hosts.map(async (host) => {
      await host.start(join(stateFolder, `${host.name}.log`), [
        programs.workload,
        'serve',
        `${port}`,
        host.name,
      ]);
    }),
  );
}

/** The whole story; @returns whether every step succeeded. */
export async function tell(terminal: Terminal, keep: boolean): Promise<boolean> {
  const started = performance.now();
  terminal.say(terminal.style('bold', 'realip: pods with real IP addresses, shown on one machine'));
  terminal.say(picture);
  claimLab();
  const stage = await prepare(terminal);
  if (stage !== undefined) {
    const pods = await startPods(stage);
    await showTraffic(stage, pods);
    await showReuse(stage, pods);
    await showRogue(stage, pods);
    await showAgents(stage, pods);
    terminal.chapter('The address map');
    await terminal.step('the ledger agrees with what runs', () => agreement(stage, pods));
    if (keep) {
      await keepUp(stage, pods);
    } else {
      await emptyCluster(stage, pods);
    }
  }
  return terminal.close((performance.now() - started) / 1000);
}

/** Chapter: the network and the servers; undefined when one of them could not be made. */
async function prepare(terminal: Terminal): Promise<Stage | undefined> {
  terminal.chapter('A company’s network, and realip’s servers in it');
  const network = await terminal.make('switch, gateway, office, control plane, three nodes', async () => {
    const began = performance.now();
    const made = await buildNetwork();
    await startHosts(made);
    return { made, figure: `${since(began)} ms` };
  });
  if (network === undefined) {
    return undefined;
  }
  const control = await terminal.make(
    'IPAM server (SQLite, TLS, tokens) and webhook (TLS, policy)',
    async () => {
      const began = performance.now();
      return { made: await startControl(network), figure: `ready in ${since(began)} ms` };
    },
  );
  if (control === undefined) {
    return undefined;
  }
  const ledger = await terminal.make('zones, nodes, a subnet and its ranges are declared', async () => {
    const began = performance.now();
    const made = new Ledger(control);
    return { made, figure: `${await made.declare()} calls, ${since(began)} ms` };
  });
  if (ledger === undefined) {
    return undefined;
  }
  return { terminal, network, control, ledger, scheduler: new Scheduler(), runtime: new Runtime(network) };
}

function since(began: number): string {
  return (performance.now() - began).toFixed(0);
}

async function agreement({ ledger, terminal }: Stage, pods: Pods): Promise<string> {
  const used = [...pods.values()].filter(({ node }) => node.type === 'macvlan').map(({ address }) => address);
  // Agents tell of a pod when it has begun already.
  await Promise.all(used.map((address) => ledger.becomes(address, 'allocated', 30_000)));
  const map = await ledger.map();
  const given = map.filter(({ state }) => state === 'allocated').map(({ address }) => address);
  if (given.toSorted().join() !== used.toSorted().join()) {
    throw new Error(`allocated: ${given.join(', ')}; in use: ${used.join(', ')}`);
  }
  drawMap(terminal, map);
  return `${given.length} allocated of ${map.length}`;
}
