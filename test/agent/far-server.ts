import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import type { Answer } from '../server/answer.ts';
import { program } from '../server/process.ts';
import { until } from '../server/until.ts';
import { WatchClient } from '../server/watch.ts';
import { Program } from './program.ts';
import { callSocket } from './socket-call.ts';

const relay = new URL('../../dist/lab-workload.js', import.meta.url).pathname;
const port = 8080;
const adminToken = 'a-long-token-of-the-admin';

/** The ways in which a server can be away, as its clients meet them. */
export const outages = ['killed', 'rejecting', 'black-holed', 'frozen', 'unplugged'] as const;
export type Outage = (typeof outages)[number];

/** The rules by which a firewall keeps the LAN from the server, connections that are open already included. */
function firewall(verdict: string): string {
  return `table inet outage {
    chain input { type filter hook input priority 0; iifname eth0 tcp dport ${port} ${verdict}; }
    chain output { type filter hook output priority 0; oifname eth0 tcp sport ${port} drop; }
  }`;
}

/**
 * The real IPAM server on the LAN, on SQLite unless told otherwise, in a namespace of its own. The admin's calls go by a
 * relay in that namespace, which no firewall there concerns; the nodes' go over the LAN.
 */
export class FarServer {
  readonly url: string;
  readonly folder: string;
  /** The machine it runs on. */
  readonly host: Host;
  readonly #switch: Host;
  readonly #relay: Program;
  readonly #ip: string;
  readonly #name: string;
  readonly #store: string;
  #flags: readonly string[] = [];
  #process: Program | undefined;

  /**
   * @param lan the machine it runs on, the switch, and the port of the switch to which it is plugged in
   * @param nodes who is given a token
   * @param store as `--store` takes it; a file of its own
   */
  constructor(
    { host, lanSwitch, port: name, ip }: { host: Host; lanSwitch: Host; port: string; ip: string },
    folder: string,
    nodes: readonly string[],
    store?: string,
  ) {
    this.host = host;
    this.#switch = lanSwitch;
    this.#name = name;
    this.#ip = ip;
    this.folder = folder;
    this.#store = store ?? `sqlite:${this.database}`;
    this.url = `http://${ip}:${port}`;
    const tokens = nodes.map((node) => ({ token: nodeToken(node), role: `node:${node}` }));
    for (const node of nodes) {
      writeFileSync(this.tokenFile(node), nodeToken(node), { mode: 0o600 });
    }
    writeFileSync(
      join(folder, 'tokens.yaml'),
      JSON.stringify({ tokens: [{ token: adminToken, role: 'admin' }, ...tokens] }),
    );
    const command = [process.execPath, relay, 'relay', this.#socket, `${ip}:${port}`];
    this.#relay = new Program(host, command, join(folder, `${name}-relay.log`));
  }

  tokenFile(node: string): string {
    return join(this.folder, `${node}.token`);
  }

  get database(): string {
    return join(this.folder, 'ipam.db');
  }

  /** Starts it, or starts it again on the same ledger. @param flags further ones; kept for later starts */
  async start(...flags: string[]): Promise<void> {
    this.#flags = flags.length === 0 ? this.#flags : flags;
    const command = [
      ...[process.execPath, '--disable-warning=ExperimentalWarning', program],
      ...['--listen', `${this.#ip}:${port}`, '--store', this.#store],
      ...['--tokens', join(this.folder, 'tokens.yaml'), '--insecure-http', ...this.#flags],
    ];
    const started = new Program(this.host, command, join(this.folder, `ipam-${this.#name}.log`));
    this.#process = started;
    await until('the IPAM server is ready', async () => {
      if (!started.runs) {
        throw new Error(`the IPAM server ended: ${started.output}`);
      }
      return this.#answers();
    });
  }

  /** From now on no node gets an answer, in this way. */
  async fail(outage: Outage): Promise<void> {
    switch (outage) {
      case 'killed':
        await this.#process?.end('SIGKILL');
        break;
      case 'rejecting':
        this.#filter('reject with icmpx admin-prohibited');
        break;
      case 'black-holed':
        this.#filter('drop');
        break;
      case 'frozen':
        this.#process?.signal('SIGSTOP');
        break;
      case 'unplugged':
        this.#switch.ip(`link set ${this.#name} down`);
        break;
    }
  }

  /** The end of any outage; waits until it answers again. */
  async recover(): Promise<void> {
    this.host.run('nft', ['delete', 'table', 'inet', 'outage']);
    this.#switch.ip(`link set ${this.#name} up`);
    this.#process?.signal('SIGCONT');
    if (this.#process?.runs !== true) {
      await this.start();
    }
    await until('the IPAM server answers again', () => this.#answers());
  }

  /** Ends it in peace, as for an upgrade. */
  async stop(): Promise<void> {
    await this.#process?.end('SIGTERM');
  }

  async remove(): Promise<void> {
    await this.#process?.end('SIGKILL');
    await this.#relay.end('SIGKILL');
  }

  /** A call with the admin's token, unless another is given. */
  call(method: string, path: string, body?: unknown, token = adminToken): Promise<Answer> {
    return callSocket(this.#socket, method, path, { token, ...(body === undefined ? {} : { body }) });
  }

  /** @returns the body; @throws Error for a refusal */
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on any member of the answer
  async ask(method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    }
    return answer.body;
  }

  /** Reports whether it decides itself, of several on one ledger; false also while it has no answer. */
  async leads(): Promise<boolean> {
    const answer = await callSocket(this.#socket, 'GET', '/readyz').catch(() => undefined);
    return answer?.body?.role === 'leader';
  }

  /** Watches events as the admin; @throws Error when it can't be reached */
  watch(query = ''): Promise<WatchClient> {
    const headers = { authorization: `Bearer ${adminToken}` };
    return WatchClient.open({ url: this.url, socketPath: this.#socket }, query, headers);
  }

  /** What the ledger says of an address. */
  address(ip: string): Promise<{ state: string; owner?: object; why?: string; until?: string }> {
    return this.ask('GET', `/v1/addresses/${ip}`);
  }

  /** What it printed so far. */
  get output(): string {
    return this.#process?.output ?? '';
  }

  get #socket(): string {
    return join(this.folder, `${this.#name}.sock`);
  }

  #filter(verdict: string): void {
    const { status, stderr } = this.host.run('nft', ['-f', '-'], firewall(verdict));
    if (status !== 0) {
      throw new Error(stderr);
    }
  }

  async #answers(): Promise<boolean> {
    const answer = await callSocket(this.#socket, 'GET', '/readyz').catch(() => undefined);
    return answer?.status === 200;
  }
}

function nodeToken(node: string): string {
  return `a-long-token-of-node-${node}`;
}
