import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from './host.ts';

const program = new URL('../../dist/ipam-server.js', import.meta.url).pathname;

export const url = 'http://127.0.0.1:8080';

/** How a server is started and spoken to otherwise than in the clear. */
export interface Secured {
  readonly flags: readonly string[];
  readonly url: string;
  readonly adminToken: string;
  readonly caFile: string;
}

/** The real IPAM server on its memory store, on the node's own loopback, where no token is needed. */
export class IpamServer {
  readonly #host: Host;
  readonly #process: ChildProcess;
  readonly #secured: Secured | undefined;
  readonly #told: () => string;

  private constructor(host: Host, process: ChildProcess, secured: Secured | undefined, told: () => string) {
    this.#host = host;
    this.#process = process;
    this.#secured = secured;
    this.#told = told;
  }

  static async start(host: Host, secured?: Secured, ...flags: string[]): Promise<IpamServer> {
    const args = [
      '--disable-warning=ExperimentalWarning',
      program,
      '--listen',
      '127.0.0.1:8080',
      '--store',
      'memory:',
      ...(secured?.flags ?? []),
      ...flags,
    ];
    const child = host.start(process.execPath, args);
    let told = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (data) => {
        told += data;
      });
      child.stdout?.once('data', () => resolve());
      child.once('exit', () => reject(new Error(`the IPAM server ended: ${told}`)));
    });
    return new IpamServer(host, child, secured, () => told);
  }

  /** A LAN with a range for node n1; @throws when the server refuses */
  prepare(range: { readonly start: string; readonly end: string }): void {
    this.put('/v1/zones/real', { type: 'macvlan' });
    this.put('/v1/nodes/n1', { zone: 'real' });
    this.put('/v1/subnets/lan', {
      zone: 'real',
      cidr: '10.9.0.0/16',
      gateway: '10.9.0.1',
      cooldownSeconds: 0,
    });
    this.put('/v1/ranges/lan-n1', { subnet: 'lan', node: 'n1', ...range });
  }

  /** A second family for node n1. */
  prepareIpv6(): void {
    this.put('/v1/subnets/lan6', {
      zone: 'real',
      cidr: 'fd00:9::/64',
      gateway: 'fd00:9::1',
      cooldownSeconds: 0,
    });
    this.put('/v1/ranges/lan6-n1', { subnet: 'lan6', node: 'n1', start: 'fd00:9::1:1', end: 'fd00:9::1:ff' });
  }

  put(path: string, body: object): void {
    this.#request('PUT', path, JSON.stringify(body));
  }

  /** The addresses that are allocated now, without prefix length. */
  allocated(): string[] {
    return this.records().flatMap(({ ips }) => ips.map(({ address }) => address.replace(/\/.*/, '')));
  }

  /** The allocations as they are listed. */
  records(): { containerId: string; pod?: object; ips: { address: string }[] }[] {
    return JSON.parse(this.#request('GET', '/v1/allocations?limit=1000')).items;
  }

  /** What the ledger tells of an address. */
  address(ip: string): { readonly state: string; readonly why?: string } {
    return JSON.parse(this.#request('GET', `/v1/addresses/${ip}`));
  }

  /** The containers that have addresses now. */
  holders(): string[] {
    const { items } = JSON.parse(this.#request('GET', '/v1/allocations?limit=1000'));
    return items.map(({ containerId }: { containerId: string }) => containerId);
  }

  /** The lines of its log so far. */
  log(): Record<string, unknown>[] {
    const lines = this.#told().trim().split('\n');
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  /** Takes an attachment's record away behind the plugin's back. */
  forget(containerId: string): void {
    this.#request('DELETE', `/v1/allocations/real/${containerId}/eth0`);
  }

  /** From now on it takes connections and answers none, as one whose disk hangs. */
  pause(): void {
    this.#process.kill('SIGSTOP');
  }

  resume(): void {
    this.#process.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
      return;
    }
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }

  /** By a program of its own, because the server listens in the node's namespace only. */
  #request(method: string, path: string, body = ''): string {
    const { url: base, adminToken, caFile } = this.#secured ?? { url, adminToken: '', caFile: '' };
    const args = ['--input-type=module', '-e', requester, method, base + path];
    const env = { TOKEN: adminToken, NODE_EXTRA_CA_CERTS: caFile };
    const outcome = this.#host.run(process.execPath, args, body, env);
    if (outcome.status !== 0) {
      throw new Error(`${method} ${path}: ${outcome.stdout}${outcome.stderr}`);
    }
    return outcome.stdout;
  }
}

const requester = `
import { readFileSync } from 'node:fs';
const [method, url] = process.argv.slice(1);
const body = readFileSync(0, 'utf8');
const headers = { 'content-type': 'application/json', authorization: 'Bearer ' + process.env.TOKEN };
const answer = await fetch(url, { method, headers, ...(body === '' ? {} : { body }) });
process.stdout.write(await answer.text());
process.exitCode = answer.ok ? 0 : 1;
`;
