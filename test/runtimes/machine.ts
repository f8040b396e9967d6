import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from '../kernel/host.ts';

/** A tmpfs as the machine's own /run, holding all that a runtime writes; then it lives until its input ends. */
const init = 'mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/lock /run/netns && echo up && read -r';

/**
 * A node with namespaces of its own for network, mounts and processes, as a machine has. The test holds its first
 * process by a pipe: when the test ends, killed or not, every process, mount and pod of the machine is gone at once.
 */
export class Machine {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(node: Host): Promise<Machine> {
    // Not `ip netns exec`, which mounts /sys anew and so hides the cgroups.
    const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const child = spawn('nsenter', [`--net=${node.path}`, ...apart, 'bash', '-c', init], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(([status]) => Promise.reject(new Error(`no machine: status ${status}`))),
    ]);
    return new Machine(child);
  }

  /** Where a file of the machine is seen from outside. */
  outside(path: string): string {
    return `/proc/${this.#process.pid}/root${path}`;
  }

  run(command: string, args: readonly string[], input = ''): SpawnSyncReturns<string> {
    return spawnSync('nsenter', this.#inside(command, args), { encoding: 'utf8', input });
  }

  /** @throws with what the command said */
  must(command: string, ...args: string[]): string {
    const { status, stdout, stderr } = this.run(command, args);
    if (status !== 0) {
      throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
    }
    return stdout;
  }

  /** Starts a process that goes with the machine. */
  spawn(command: string, args: readonly string[]): ChildProcess {
    return spawn('nsenter', this.#inside(command, args), { stdio: 'ignore' });
  }

  /** As when the power fails. */
  async remove(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  #inside(command: string, args: readonly string[]): string[] {
    const { pid } = this.#process;
    const processes = `--pid=/proc/${pid}/ns/pid_for_children`;
    return ['--target', `${pid}`, '--net', '--mount', processes, command, ...args];
  }
}
