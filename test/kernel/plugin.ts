import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../server/until.ts';
import type { Host, Outcome } from './host.ts';
import { url } from './ipam.ts';

const realip = new URL('../../dist/realip', import.meta.url).pathname;

export interface Call {
  readonly command: string;
  /** Container id. */
  readonly id: string;
  /** CNI_NETNS. */
  readonly netns: string;
  readonly ifname?: string;
  readonly args?: string;
  readonly conf?: object;
  /** Path of the executable, where it isn't realip's. */
  readonly program?: string;
  /** Further variables. */
  readonly env?: Record<string, string>;
  /** A program and its arguments that run the executable, such as a tracer. */
  readonly under?: readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: the plugin's answer is what the tests are about
export type Answer = Outcome & { readonly json: any };

/** The executable, called on a node as a runtime would: variables, the configuration on standard input. */
export class Plugin {
  readonly conf: Record<string, unknown>;
  readonly #node: Host;

  /** @param conf what differs from a macvlan network `real` on `eth0` */
  constructor(node: Host, conf: object = {}) {
    this.#node = node;
    this.conf = {
      cniVersion: '1.0.0',
      name: 'real',
      type: 'realip',
      master: 'eth0',
      ...conf,
      ipam: {
        type: 'realip-ipam',
        server: url,
        node: 'n1',
        timeoutMs: 3000,
        stateDir: mkdtempSync(join(tmpdir(), 'realip-state-')),
        ...('ipam' in conf ? (conf.ipam as object) : {}),
      },
    };
  }

  call(call: Call): Answer {
    const [command = realip, ...args] = [...(call.under ?? []), call.program ?? realip];
    const outcome = this.#node.run(command, args, this.#input(call), environment(call));
    return { ...outcome, json: outcome.stdout === '' ? undefined : JSON.parse(outcome.stdout) };
  }

  add(id: string, pod: Host, more: Partial<Call> = {}): Answer {
    return this.call({ command: 'ADD', id, netns: pod.path, ...more });
  }

  del(id: string, netns: string, more: Partial<Call> = {}): Answer {
    return this.call({ command: 'DEL', id, netns, ...more });
  }

  check(id: string, pod: Host, prevResult: object, more: object = {}): Answer {
    return this.call({ command: 'CHECK', id, netns: pod.path, conf: { prevResult, ...more } });
  }

  /**
   * The same without waiting for it: for calls side by side.
   *
   * @param killAt milliseconds until it is killed, or what holds of its process id when it is; if it isn't done by then
   * @returns the exit status, null when it was killed
   */
  async start(call: Call, killAt?: number | ((pid: number) => boolean)): Promise<number | null> {
    const child = this.#node.start(call.program ?? realip, [], environment(call));
    const ended = once(child, 'exit');
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(this.#input(call));
    child.stdout?.resume();
    child.stderr?.resume();
    const kill = () => child.kill('SIGKILL');
    const timer = typeof killAt === 'number' ? setTimeout(kill, killAt) : undefined;
    if (typeof killAt === 'function') {
      const isThere = () => child.exitCode !== null || killAt(child.pid ?? 0);
      await until('the plugin is where it is to be killed', isThere, 60_000);
      kill();
    }
    const [status] = await ended;
    clearTimeout(timer);
    return status;
  }

  /** The same without waiting for it, with its answer. */
  async begin(call: Call): Promise<Answer> {
    const child = this.#node.start(call.program ?? realip, [], environment(call));
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (data) => {
      stdout += data;
    });
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(this.#input(call));
    const [status] = await once(child, 'close');
    return { status, stdout, stderr, json: stdout === '' ? undefined : JSON.parse(stdout) };
  }

  /** The same from a runtime that dies at once: nobody reads what the plugin prints. */
  async orphan(call: Call): Promise<number | null> {
    const child = this.#node.start(call.program ?? realip, [], environment(call));
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.stdin?.end(this.#input(call));
    const [status] = await once(child, 'exit');
    return status;
  }

  #input({ conf = {} }: Call): string {
    return JSON.stringify({ ...this.conf, ...conf });
  }
}

function environment({
  command,
  id,
  netns,
  ifname = 'eth0',
  args = '',
  env = {},
}: Call): Record<string, string> {
  return {
    CNI_COMMAND: command,
    CNI_CONTAINERID: id,
    CNI_NETNS: netns,
    CNI_IFNAME: ifname,
    CNI_ARGS: args,
    CNI_PATH: '/opt/cni/bin',
    ...env,
  };
}
