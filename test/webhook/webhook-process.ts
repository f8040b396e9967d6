import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../server/until.ts';

const program = join(import.meta.dirname, '../../dist/webhook.js');

export const policyText = `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}, tolerations: []}
  real:
    type: macvlan
    nodeSelector: {realip.io/zone-type: macvlan}
    tolerations: [{key: realip.io/zone-type, value: macvlan, effect: NoSchedule}]
    ipResource: true
rules:
  - {name: cluster-dns, match: {namespaces: [kube-system], labels: {k8s-app: kube-dns}}, zone: overlay}
  - {name: system, match: {namespaces: ["kube-*"]}, zone: none}
default: real
`;

/** A folder with a policy and a fresh certificate for 127.0.0.1, gone with `remove()`. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'realip-webhook-'));

  constructor(policy = policyText) {
    this.write('policy.yaml', policy);
    this.makeCertificate('tls');
  }

  file(name: string): string {
    return join(this.path, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.file(name), text);
  }

  /** `name`.crt and `name`.key, self-signed. */
  makeCertificate(name: string, ...more: readonly string[]): void {
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', this.file(`${name}.key`), '-out', this.file(`${name}.crt`)];
    execFileSync('openssl', ['req', '-x509', ...key, ...files, '-days', '2', ...subject, ...more], {
      stdio: 'pipe',
    });
  }

  read(name: string): Buffer {
    return readFileSync(this.file(name));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The built webhook, as an admin starts it. */
export class WebhookProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(folder: Folder, more: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) {
    const tls = more.includes('--own-ca') ? [] : ['--tls-cert', 'tls.crt', '--tls-key', 'tls.key'];
    const args = [program, '--listen', '127.0.0.1:0', '--policy', 'policy.yaml', ...tls, ...more];
    this.#child = spawn(process.execPath, args, {
      cwd: folder.path,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (data) => {
      this.stdout += data;
    });
    this.#child.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    this.#exit = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  /** The port, once the webhook says that it is ready. */
  async port(): Promise<number> {
    await until('the webhook is ready', () => this.stdout.includes('\n'));
    return Number(/https:\/\/127\.0\.0\.1:(\d+)$/m.exec(this.stdout)?.[1]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit status; null after a kill by signal. */
  exit(): Promise<number | null> {
    return this.#exit;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
