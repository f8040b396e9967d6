import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon, freePorts } from '../../kube/daemon.ts';
import { until } from '../../server/until.ts';
import { type Resident, residentOf } from '../resident.ts';

/** Milliseconds that a server may take to start. */
const patience = 60_000;

/** An IPAM server on a port of its own, which is the same after it was started again. */
export class LedgerServer {
  readonly url: string;
  readonly #command: readonly string[];
  readonly #log: string;
  #daemon: Daemon;
  #starts = 0;

  private constructor(command: readonly string[], url: string, log: string) {
    this.#command = command;
    this.url = url;
    this.#log = log;
    this.#daemon = this.#launch();
  }

  /** @param store as `--store` takes it; @param log beginning of its logs' names */
  static async start(dist: string, store: string, log: string): Promise<LedgerServer> {
    const [port] = await freePorts(1);
    const args = [join(dist, 'ipam-server.js'), '--listen', `127.0.0.1:${port}`, '--store', store];
    const server = new LedgerServer([process.execPath, ...args], `http://127.0.0.1:${port}`, log);
    await server.#ready();
    return server;
  }

  get resident(): Resident {
    return residentOf(this.#daemon.pid);
  }

  /** Starts it again after it has ended. @returns seconds until its ready line */
  async restart(): Promise<number> {
    const began = performance.now();
    this.#daemon = this.#launch();
    await this.#ready();
    return (performance.now() - began) / 1000;
  }

  /** Ends it as a pod is ended. */
  async stop(): Promise<void> {
    this.#daemon.signal('SIGTERM');
    await this.#daemon.ended(patience);
  }

  /** Ends it as a machine ends that loses its power. */
  kill(): Promise<void> {
    return this.#daemon.stop();
  }

  /** Stops it without ending it, or lets it go on. */
  freeze(isFrozen: boolean): void {
    this.#daemon.freeze(isFrozen);
  }

  /** Reports whether it has lately begun to lead a ledger that it had followed, without reading it. */
  get hasInherited(): boolean {
    const lines = readFileSync(this.#daemon.log, 'utf8').split('\n');
    return lines.findLast((line) => line.includes('"leading"'))?.includes('"followed"') ?? false;
  }

  /** @throws Error unless it is answered by 2xx */
  async call(method: string, path: string, body: object): Promise<void> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    }
  }

  /** `leader`, `follower`, or null where it doesn't say. */
  async role(): Promise<string | null> {
    const answer = await fetch(`${this.url}/readyz`).catch(() => null);
    if (answer?.ok !== true) {
      return null;
    }
    const { role }: { role?: string } = JSON.parse(await answer.text());
    return role ?? null;
  }

  /** Makes zone, subnet and range, and so many nodes: n0, n1, … */
  async declare(nodes = 2): Promise<void> {
    await this.call('PUT', '/v1/zones/real', { type: 'macvlan' });
    await this.call('PUT', '/v1/subnets/lan', { zone: 'real', cidr: '10.0.0.0/8', gateway: '10.0.0.1' });
    await this.call('PUT', '/v1/ranges/all', { subnet: 'lan', start: '10.0.0.2', end: '10.200.0.0' });
    for (let node = 0; node < nodes; node++) {
      await this.call('PUT', `/v1/nodes/n${node}`, { zone: 'real' });
    }
  }

  #launch(): Daemon {
    this.#starts++;
    return new Daemon(this.#command, `${this.#log}-${this.#starts}.log`);
  }

  async #ready(): Promise<void> {
    const { log } = this.#daemon;
    await until(
      'the server is ready',
      () => {
        if (!this.#daemon.isRunning) {
          throw new Error(`the server did not start: ${readFileSync(log, 'utf8')}`);
        }
        return readIfThere(log).includes(' ready on http');
      },
      patience,
      10,
    );
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
