import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Way } from '../../kube/admin.ts';
import { repository } from '../../parts/folder.ts';
import type { Seat, Step } from './guide.ts';

/** Where an admin's files come to be: `ca.crt`, `admin-token`. */
export function adminFolder(folder: string): string {
  return join(folder, 'admin');
}

/** What a command begins with, to be typed in another seat than the admin's own. */
type Seats = Readonly<Record<Exclude<Seat, 'admin'>, readonly string[]>>;

/**
 * An admin who types the guide's commands beside the API server, in a folder with a copy of `manifests/`. Variables and
 * functions of earlier steps hold in later ones, also in those that another process types.
 */
export class AdminShell {
  readonly #way: Way;
  readonly #folder: string;
  readonly #page: string;

  /** @param page whose commands are typed, for messages */
  constructor(way: Way, page = 'docs/install.md') {
    this.#way = way;
    this.#page = page;
    this.#folder = adminFolder(way.folder);
  }

  /** Begins anew, with nothing typed. */
  open(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { mode: 0o700 });
    cpSync(join(repository, 'manifests'), join(this.#folder, 'manifests'), { recursive: true });
    writeFileSync(this.#memory, '');
  }

  /**
   * @param seats the other ones; without them only what the admin types can be typed
   * @returns what it printed
   * @throws Error with the step's place in the guide and all that was said
   */
  async type({ seat, script, line }: Step, seats?: Seats): Promise<string> {
    const { folder, entering, kubectl } = this.#way;
    const [program = '', ...words] = [
      ...((seat === 'admin' ? entering : seats?.[seat]) ?? []),
      ...['bash', '--norc', '-eu', '-o', 'pipefail', '-c'],
      // Exported, as all that is set from here on: what the environment holds in the end is remembered.
      `set -a\ncd "$0"\n${script}\nenv -0 > "$1"\n`,
      ...[this.#folder, this.#memory],
    ];
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...this.#remembered(),
        PATH: `${dirname(kubectl)}:${process.env['PATH']}`,
        KUBECONFIG: join(folder, 'admin.kubeconfig'),
        KUBECACHEDIR: join(folder, 'kubectl-cache'),
      },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    const status = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (status !== 0) {
      throw new Error(`${this.#page}:${line} ended with ${status}:\n${script}\n${said}`);
    }
    return said;
  }

  get #memory(): string {
    return join(this.#folder, '.environment');
  }

  #remembered(): Record<string, string> {
    const entries = readFileSync(this.#memory, 'utf8').split('\0').filter(Boolean);
    return Object.fromEntries(
      entries.map((entry) => {
        const at = entry.indexOf('=');
        return [entry.slice(0, at), entry.slice(at + 1)];
      }),
    );
  }
}
