import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import type { Network } from '../kernel/network.ts';
import { type Answer, type Call, Plugin } from '../kernel/plugin.ts';
import type { Answer as HttpAnswer } from '../server/answer.ts';
import { until } from '../server/until.ts';
import type { FarServer } from './far-server.ts';
import { Program } from './program.ts';
import { callSocket, type SocketCall } from './socket-call.ts';

const realip = new URL('../../dist/realip', import.meta.url).pathname;

/** What `realip agent status -o json` prints. */
export interface Status {
  readonly node: string;
  readonly reserve: readonly { address: string; subnet: string; state: string; probedAt?: string }[];
  readonly journal: number;
  readonly attachments: number;
  readonly lastSync?: string;
  readonly conflicts: readonly object[];
}

/** A pod of a node, as its runtime knows it. */
export interface RuntimePod {
  readonly id: string;
  readonly host: Host;
  /** The result of its last ADD that succeeded. */
  result?: object;
}

/** A node of the LAN: its agent, the plugin as its runtime calls it, and the pods that the runtime has. */
export class AgentNode {
  readonly name: string;
  readonly host: Host;
  readonly socket: string;
  readonly stateDir: string;
  readonly plugin: Plugin;
  readonly pods = new Map<string, RuntimePod>();
  readonly #network: Network;
  readonly #server: FarServer;
  readonly #urls: readonly string[];
  readonly #folder: string;
  #agent: Program | undefined;
  #flags: readonly string[] = [];

  /** @param conf what differs from a macvlan network `real` on `eth0` with agent and server */
  constructor(
    name: string,
    {
      host,
      network,
      servers,
      folder,
    }: { host: Host; network: Network; servers: readonly [FarServer, ...FarServer[]]; folder: string },
    conf: { readonly ipam?: object } & Record<string, unknown> = {},
  ) {
    this.name = name;
    this.host = host;
    this.#network = network;
    const [server] = servers;
    this.#server = server;
    this.#urls = servers.map(({ url }) => url);
    this.#folder = folder;
    this.socket = join(folder, 'agent.sock');
    this.stateDir = join(folder, 'state');
    mkdirSync(this.stateDir, { recursive: true });
    this.plugin = new Plugin(host, {
      ...conf,
      ipam: {
        agent: this.socket,
        server: servers.length === 1 ? server.url : this.#urls,
        tokenFile: server.tokenFile(name),
        node: name,
        stateDir: this.stateDir,
        ...conf.ipam,
      },
    });
  }

  /** The words that start its agent. */
  agentCommand(...flags: string[]): string[] {
    return [
      ...[realip, 'agent', '--server', this.#urls.join(','), '--node', this.name, '--master', 'eth0'],
      ...[
        '--socket',
        this.socket,
        '--state',
        this.stateDir,
        '--token-file',
        this.#server.tokenFile(this.name),
      ],
      ...flags,
    ];
  }

  /**
   * Starts its agent, and waits until its socket accepts.
   *
   * @param flags further ones; kept for later starts
   * @throws Error when it ends before
   */
  async startAgent(...flags: string[]): Promise<void> {
    this.#flags = flags.length === 0 ? this.#flags : flags;
    if (!(await this.startAgentUnder([]))) {
      throw new Error(`the agent ended: ${this.agent.output}`);
    }
  }

  /**
   * Starts its agent under another program, such as a tracer, with the flags of its last start.
   *
   * @returns whether it came so far that its socket accepts
   */
  async startAgentUnder(tracer: readonly string[]): Promise<boolean> {
    const started = new Program(this.host, [...tracer, ...this.agentCommand(...this.#flags)], this.#log);
    this.#agent = started;
    let accepts = false;
    await until('the agent’s socket accepts, or it ends', async () => {
      accepts = (await this.call('GET', '/healthz').catch(() => undefined)) !== undefined;
      return accepts || !started.runs;
    });
    return accepts;
  }

  /** The agent's process; @throws Error where none was started */
  get agent(): Program {
    if (this.#agent === undefined) {
      throw new Error('no agent was started');
    }
    return this.#agent;
  }

  get hasAgent(): boolean {
    return this.#agent?.runs === true;
  }

  async killAgent(): Promise<void> {
    await this.agent.end('SIGKILL');
  }

  /** One call of the agent's API, as root over its socket. */
  call(method: string, path: string, call: SocketCall = {}): Promise<HttpAnswer> {
    return callSocket(this.socket, method, path, call);
  }

  /** What `realip agent status -o json` says; @throws Error when it fails */
  status(): Status {
    const { status, stdout, stderr } = this.host.run(realip, [
      ...['agent', 'status', '-o', 'json', '--socket', this.socket],
    ]);
    if (status !== 0) {
      throw new Error(`agent status ended with ${status}: ${stderr}`);
    }
    return JSON.parse(stdout);
  }

  /** The addresses that its agent has ready for pods. */
  ready(): string[] {
    return this.status()
      .reserve.filter(({ state }) => state === 'ready')
      .map(({ address }) => address);
  }

  /** @returns milliseconds that it took */
  async reserveReady(count: number, withinMs = 20_000): Promise<number> {
    const began = performance.now();
    await until(`${count} addresses are ready`, () => this.ready().length >= count, withinMs);
    return performance.now() - began;
  }

  /** A pod's namespace, as the runtime makes it before ADD; the same again for a name that it has. */
  sandbox(id: string): RuntimePod {
    const pod = this.pods.get(id) ?? { id, host: this.#network.pod(`${this.name}-${id}`) };
    this.pods.set(id, pod);
    return pod;
  }

  /** ADD for a pod, which is made if need be. */
  add(id: string, more: Partial<Call> = {}): Answer & { readonly milliseconds: number } {
    const pod = this.sandbox(id);
    const began = performance.now();
    const answer = this.plugin.add(id, pod.host, more);
    this.#keep(pod, answer);
    return { ...answer, milliseconds: performance.now() - began };
  }

  /** The same without standing still, for pods side by side. */
  async addBeside(id: string, more: Partial<Call> = {}): Promise<Answer & { readonly milliseconds: number }> {
    const pod = this.sandbox(id);
    const began = performance.now();
    const answer = await this.plugin.begin({ command: 'ADD', id, netns: pod.host.path, ...more });
    this.#keep(pod, answer);
    return { ...answer, milliseconds: performance.now() - began };
  }

  check(id: string): Answer {
    const { host, result = {} } = this.sandbox(id);
    return this.plugin.check(id, host, result);
  }

  /** DEL, after which the runtime takes the namespace away and never asks again, if it was told 0. */
  del(id: string, more: Partial<Call> = {}): Answer & { readonly milliseconds: number } {
    const { host, result } = this.sandbox(id);
    const began = performance.now();
    const conf = result === undefined ? {} : { prevResult: result };
    const answer = this.plugin.del(id, host.path, { conf, ...more });
    const milliseconds = performance.now() - began;
    if (answer.status === 0) {
      this.forget(id);
    }
    return { ...answer, milliseconds };
  }

  /** The same without standing still. */
  async delBeside(id: string, more: Partial<Call> = {}): Promise<Answer> {
    const { host, result } = this.sandbox(id);
    const conf = result === undefined ? {} : { prevResult: result };
    const answer = await this.plugin.begin({ command: 'DEL', id, netns: host.path, conf, ...more });
    if (answer.status === 0) {
      this.forget(id);
    }
    return answer;
  }

  /** The pod's namespace goes without a DEL, as when a node's runtime is killed. */
  forget(id: string): void {
    this.pods.get(id)?.host.remove();
    this.pods.delete(id);
  }

  statusOf(more: Partial<Call> = {}): Answer {
    return this.plugin.call({ command: 'STATUS', id: '', netns: '', conf: { cniVersion: '1.1.0' }, ...more });
  }

  async remove(): Promise<void> {
    await this.#agent?.end('SIGKILL');
  }

  get #log(): string {
    return join(this.#folder, 'agent.log');
  }

  #keep(pod: RuntimePod, { status, json }: Answer): void {
    if (status === 0) {
      pod.result = json;
    }
  }
}

/** The addresses of an ADD's result, without prefix length. */
export function addressesOf(answer: Answer): string[] {
  const ips: { address: string }[] = answer.json?.ips ?? [];
  return ips.map(({ address }) => address.replace(/\/.*/, ''));
}
