import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from '../server/answer.ts';
import type { CallOptions, Server } from '../server/process.ts';
import { startServerAt } from '../server/process.ts';
import { until } from '../server/until.ts';
import type { EtcdBed } from './bed.ts';

const token = 'the-admin';

/** Milliseconds that anything may take on a busy machine. */
const patience = 90_000;

/** One of the servers on a bed: the built program, on a machine of its own. */
export class BedServer {
  readonly name: string;
  readonly url: string;
  readonly #bed: EtcdBed;
  readonly #prefix: string;
  readonly #namespace: string;
  #server: Server | null = null;

  /**
   * @param number of its machine
   * @param prefix what its keys in etcd begin with
   */
  constructor(bed: EtcdBed, name: string, number: number, prefix: string) {
    this.name = name;
    this.#bed = bed;
    this.#prefix = prefix;
    this.#namespace = bed.join(name, number).name;
    this.url = `http://${bed.ipOf(name)}:8080`;
  }

  /** Starts it, also again. */
  async start(): Promise<void> {
    const tokens = join(this.#bed.folder, 'tokens.yaml');
    writeFileSync(tokens, `tokens:\n- {token: ${token}, role: admin}\n`);
    this.#server = await startServerAt(
      this.#namespace,
      ...['--listen', `${this.#bed.ipOf(this.name)}:8080`, '--insecure-http', '--tokens', tokens],
      ...['--store', `etcd:${this.#bed.endpoints}`, '--etcd-prefix', this.#prefix],
    );
  }

  get process(): Server {
    if (this.#server === null) {
      throw new Error(`${this.name} was not started`);
    }
    return this.#server;
  }

  get isRunning(): boolean {
    const child = this.#server?.child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** A call whose answer is held against the description. */
  call(method: string, path: string, json?: unknown, options: CallOptions = {}): Promise<Answer> {
    return this.process.call(method, path, json, { token, ...options });
  }

  /** A call that may fail, or take longer than one wants to wait. */
  ask(method: string, path: string, json?: unknown, limit = 20_000): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      signal: AbortSignal.timeout(limit),
    });
  }

  /** Reports whether it leads, by its metrics; false while it doesn't answer. */
  async leads(): Promise<boolean> {
    const text = await this.ask('GET', '/metrics', undefined, 2_000).then(
      (answer) => answer.text(),
      () => '',
    );
    return /^realip_ipam_leader 1$/m.test(text);
  }

  async isReady(): Promise<boolean> {
    return this.ask('GET', '/readyz', undefined, 2_000).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async ready(): Promise<void> {
    await until(`${this.name} is ready`, () => this.isReady(), patience);
  }

  /** Stops it without ending it, or lets it go on. */
  freeze(isFrozen: boolean): void {
    this.process.child.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.isRunning) {
      const { child } = this.process;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
  }
}

/** Which of two leads, and which follows; waits for one to. */
export async function turns(servers: readonly BedServer[]): Promise<{ leader: BedServer; other: BedServer }> {
  let leader: BedServer | undefined;
  await until(
    'one of the servers leads',
    async () => {
      const lead = await Promise.all(servers.map((server) => server.leads()));
      leader = servers[lead.indexOf(true)];
      return lead.filter(Boolean).length === 1;
    },
    patience,
  );
  const other = servers.find((server) => server !== leader);
  if (leader === undefined || other === undefined) {
    throw new Error('there are not two servers');
  }
  return { leader, other };
}
