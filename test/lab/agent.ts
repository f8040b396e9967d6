import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ipamUrl, tokenFile } from './control.ts';
import { stateFolder } from './leftovers.ts';
import { type Network, nodeOf } from './network.ts';
import type { NodePlan } from './plan.ts';
import { programs } from './programs.ts';

export function agentSocket(node: string): string {
  return join(stateFolder, node, 'agent.sock');
}

/** What `realip agent status -o json` tells, as far as the lab looks. */
interface Status {
  readonly reserve: readonly { readonly address: string; readonly state: string }[];
}

/** The agent of a node of the lab. */
export class Agent {
  readonly node: NodePlan;
  readonly #network: Network;

  private constructor(node: NodePlan, network: Network) {
    this.node = node;
    this.#network = network;
  }

  /** Starts it as a service manager would, and waits until it answers. */
  static async start(node: NodePlan, network: Network): Promise<Agent> {
    const folder = join(stateFolder, node.name);
    mkdirSync(folder, { recursive: true });
    const flags = ['--server', ipamUrl, '--node', node.name, '--master', 'eth0', '--state', folder];
    const credentials = ['--token-file', tokenFile(node.name), '--ca-file', join(stateFolder, 'ca.pem')];
    const socket = ['--socket', agentSocket(node.name)];
    const command = [programs.plugin, 'agent', ...flags, ...credentials, ...socket];
    await nodeOf(network, node.name).startProgram(join(stateFolder, `${node.name}-agent.log`), command);
    return new Agent(node, network);
  }

  /** The addresses that it has probed and could give at once. */
  async ready(): Promise<string[]> {
    const { reserve } = await this.#status();
    return reserve.filter(({ state }) => state === 'ready').map(({ address }) => address);
  }

  /** Waits until it has so many; @returns milliseconds that it took; @throws Error after a minute */
  async hasReady(count: number): Promise<number> {
    const began = performance.now();
    for (;;) {
      const ready = await this.ready();
      const milliseconds = performance.now() - began;
      if (ready.length >= count) {
        return milliseconds;
      }
      if (milliseconds > 60_000) {
        throw new Error(`after a minute ${this.node.name} has ${ready.length} addresses ready, not ${count}`);
      }
      await sleep(100);
    }
  }

  async #status(): Promise<Status> {
    const words = ['agent', 'status', '-o', 'json', '--socket', agentSocket(this.node.name)];
    return JSON.parse(await nodeOf(this.#network, this.node.name).run(programs.plugin, words));
  }
}
