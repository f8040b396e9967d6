import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host, Outcome } from '../kernel/host.ts';

export const realip = new URL('../../dist/realip', import.meta.url).pathname;

/** How `realip install` is called, where it isn't as usual. */
export interface How {
  /** The executable that installs itself. */
  readonly program?: string;
  /** A shell's words that are run before it, in the same mount namespace. */
  readonly after?: string;
  /** A program and its arguments that run the executable, such as a tracer. */
  readonly under?: readonly string[];
}

/** `realip install` on a node, into folders of its own. */
export class Installer {
  readonly folder = mkdtempSync(join(tmpdir(), 'realip-install-'));
  readonly binDir = join(this.folder, 'opt/cni/bin');
  readonly confDir = join(this.folder, 'etc/cni/net.d');
  readonly state = join(this.folder, 'state');
  readonly conf = join(this.confDir, '00-realip.conflist');
  readonly program = join(this.binDir, 'realip');
  readonly #node: Host;

  constructor(node: Host) {
    this.#node = node;
  }

  /** A conf list to install. @param plugin what differs from macvlans on eth0 */
  write(plugin: object = {}, list: object = {}): string {
    const path = join(this.folder, 'wanted.conflist');
    const ipam = { type: 'realip-ipam', server: 'http://127.0.0.1:8080', node: 'n1' };
    const whole = {
      cniVersion: '1.0.0',
      name: 'real',
      plugins: [{ type: 'realip', master: 'eth0', ipam, ...plugin }],
      ...list,
    };
    writeFileSync(path, `${JSON.stringify(whole, null, 2)}\n`);
    return path;
  }

  /** An executable that differs from the build in one octet that means nothing: a word of its compiler's. */
  other(): string {
    const path = join(this.folder, 'realip-of-another-version');
    const octets = readFileSync(realip);
    const at = octets.lastIndexOf('GCC: (');
    octets.write('gcc', at);
    writeFileSync(path, octets);
    chmodSync(path, 0o755);
    return path;
  }

  run(flags: readonly string[], how: How = {}): Outcome {
    const words = [...(how.under ?? []), how.program ?? realip, 'install', ...this.#places, ...flags];
    // `ip netns exec` gives each call mounts of its own.
    return how.after === undefined
      ? this.#node.run(words[0] ?? '', words.slice(1))
      : this.#node.run('sh', ['-c', `${how.after} && exec "$@"`, 'sh', ...words]);
  }

  /** The same without standing still meanwhile. @returns the exit status */
  async start(flags: readonly string[], program = realip): Promise<number | null> {
    const child = this.#node.start(program, ['install', ...this.#places, ...flags]);
    child.stdout?.resume();
    child.stderr?.resume();
    const [status] = await once(child, 'exit');
    return status;
  }

  /** Installs what `write` wrote, for a plugin that asks the server itself. */
  put(how: How = {}, ...flags: string[]): Outcome {
    return this.run(['--conf', join(this.folder, 'wanted.conflist'), '--no-agent', ...flags], how);
  }

  remove(...flags: string[]): Outcome {
    return this.run(['--remove', ...flags]);
  }

  /** All that is in the folders of a runtime. */
  files(): string[] {
    return [this.binDir, this.confDir].flatMap((each) =>
      existsSync(each) ? readdirSync(each).toSorted() : [],
    );
  }

  get #places(): string[] {
    return ['--bin-dir', this.binDir, '--conf-dir', this.confDir, '--state', this.state];
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
