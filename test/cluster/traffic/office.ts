import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runCommand } from '../../kernel/command.ts';
import { agnhost } from '../../parts/catalogue.ts';
import { goPart } from '../../parts/go-part.ts';
import type { LiveCluster } from '../live-cluster.ts';
import { office as plan } from '../plan.ts';
import { registryPort, registryScript, webPort } from './programs.ts';
import { patiently, type Spot } from './spot.ts';

/** A machine in the office: a web server and a registry run there, and people who call pods. */
export class Office implements Spot {
  readonly name = 'the office';
  readonly address = plan.address;
  readonly #network: string;
  readonly #processes: ChildProcess[];

  private constructor({ office }: LiveCluster) {
    this.#network = `--net=${office.path}`;
    const web = ['netexec', `--http-port=${webPort}`, '--udp-port=-1'];
    this.#processes = [
      office.start(join(goPart(agnhost), 'agnhost'), web),
      office.start(process.execPath, ['-e', registryScript]),
    ];
    for (const child of this.#processes) {
      child.stdout?.resume();
      child.stderr?.resume();
    }
  }

  /** Opens it; both of its servers answer. */
  static async open(cluster: LiveCluster): Promise<Office> {
    const office = new Office(cluster);
    await patiently('the office’s servers answer', async () => {
      await office.fetch(`http://127.0.0.1:${webPort}/healthz`);
      await office.register('ping', `127.0.0.1:${registryPort}`);
    });
    return office;
  }

  async run([program = '', ...words]: readonly string[]): Promise<string> {
    const command = ['nsenter', this.#network, program, ...words];
    const { status, stdout, stderr } = await runCommand(command);
    if (status !== 0) {
      throw new Error(`${this.name}: ${program} ended with ${status}: ${stderr.trim()}`);
    }
    return stdout;
  }

  fetch(url: string): Promise<string> {
    return this.run(['curl', '--silent', '--show-error', '--max-time', '20', url]);
  }

  /** Says in the registry where a service is. */
  async register(name: string, at: string): Promise<void> {
    await this.run([
      'curl',
      '--silent',
      '--fail',
      ...['--max-time', '20'],
      '--data',
      at,
      `http://${this.address}:${registryPort}/${name}`,
    ]);
  }

  /** Ends its servers. */
  async close(): Promise<void> {
    for (const child of this.#processes.filter(({ exitCode }) => exitCode === null)) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }
}
