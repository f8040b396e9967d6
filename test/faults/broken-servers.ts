import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';

const program = new URL('./broken-server.mjs', import.meta.url).pathname;

type Ports = Readonly<Record<string, readonly [http: number, https: number]>>;

/** Servers on a node's loopback that fail, each in its own way, in the clear and over TLS. */
export class BrokenServers {
  readonly #process: ChildProcess;
  readonly #ports: Ports;
  /** The authority of their certificate. */
  readonly caFile: string;

  private constructor(process: ChildProcess, ports: Ports, caFile: string) {
    this.#process = process;
    this.#ports = ports;
    this.caFile = caFile;
  }

  /** @param realPort where the true server listens, for those that ask it */
  static async start(host: Host, folder: string, realPort: number): Promise<BrokenServers> {
    const certificate = join(folder, 'broken');
    certify(certificate);
    const child = host.start(process.execPath, [program, certificate, String(realPort)]);
    child.stderr?.pipe(process.stderr);
    const [line] = child.stdout === null ? [] : await once(child.stdout, 'data');
    return new BrokenServers(child, JSON.parse(String(line)), `${certificate}.crt`);
  }

  get names(): string[] {
    return Object.keys(this.#ports);
  }

  url(name: string, scheme: 'http' | 'https'): string {
    const [http = 0, https = 0] = this.#ports[name] ?? [];
    return `${scheme}://127.0.0.1:${scheme === 'http' ? http : https}`;
  }

  /** @throws when they had stopped before: what was seen then was no server at all */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) {
      throw new Error('the broken servers broke');
    }
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}

/** A certificate of 127.0.0.1 that is its own authority, in NAME.crt and NAME.key. */
export function certify(name: string): void {
  const subject = ['-subj', '/CN=broken', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, ...files], { stdio: 'ignore' });
}
