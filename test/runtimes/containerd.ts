import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { url } from '../kernel/ipam.ts';
import { Cri } from './cri.ts';
import { image, makeImage } from './image.ts';
import type { Machine } from './machine.ts';
import { criProto, loopbackPlugin, type Release, runcFolder } from './release.ts';

const plugin = new URL('../../dist/realip', import.meta.url).pathname;

const confDir = '/run/cni/net.d';
const confFile = `${confDir}/00-realip.conflist`;
const callsFile = '/run/cni/calls';
const socket = '/run/containerd/containerd.sock';
const logFile = '/run/containerd.log';
const pidFile = '/run/containerd.pid';

/** Where containerd mounts the namespaces of pods. */
export const netnsFolder = '/run/containerd/state/io.containerd.grpc.v1.cri/netns';

/** Where the plugin keeps releases that the server couldn't be told. */
export const stateFolder = '/run/realip';

const config = `
version = 2
root = "/run/containerd/root"
state = "/run/containerd/state"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs",
]
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "/run/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${image}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/run/cni/bin"
    conf_dir = "${confDir}"
`;

/** Stands in the executables' folder and writes down how the runtime calls, and how the plugin ends. */
const teller = `#!/bin/sh
answer=$(${plugin})
status=$?
line=$(printf '%s' "$answer" | tr '\\n\\t' '  ')
printf '%s\\t%s\\t%s\\t%s\\t%s\\n' "$CNI_COMMAND" "$CNI_CONTAINERID" $status "$CNI_NETNS" "$line" >> ${callsFile}
printf %s "$answer"
exit $status
`;

export interface PluginCall {
  readonly command: string;
  readonly containerId: string;
  readonly status: number;
  readonly netns: string;
  /** What it said on standard output. */
  readonly answer: string;
}

/** A conf list of realip alone, in the version that a runtime takes. */
export function confList(cniVersion: string, more: object = {}): object {
  const ipam = { type: 'realip-ipam', server: url, node: 'n1', timeoutMs: 1000, stateDir: stateFolder };
  const capabilities = { 'io.kubernetes.cri.pod-annotations': true };
  return {
    cniVersion,
    name: 'real',
    plugins: [{ type: 'realip', master: 'eth0', capabilities, ipam, ...more }],
  };
}

/** containerd on a machine, with realip as its network. */
export class Containerd {
  readonly cri: Cri;
  readonly #machine: Machine;
  readonly #release: Release;
  #process: ChildProcess | undefined;

  constructor(machine: Machine, release: Release) {
    this.#machine = machine;
    this.#release = release;
    machine.must('mkdir', '-p', '/run/cni/bin', confDir, stateFolder);
    writeFileSync(machine.outside('/run/cni/bin/realip'), teller, { mode: 0o755 });
    symlinkSync(loopbackPlugin(), machine.outside('/run/cni/bin/loopback'));
    writeFileSync(machine.outside('/run/containerd.toml'), config);
    this.configure(confList(release.cniVersion));
    makeImage(machine.outside('/run/image.tar'));
    this.cri = new Cri(criProto(), machine.outside(socket));
  }

  /** Writes the conf list in place. */
  configure(conf: object): void {
    writeFileSync(this.#machine.outside(confFile), JSON.stringify(conf));
  }

  /** Starts it, also after it ended; it serves when this is done. */
  async start(): Promise<void> {
    const run = `echo $$ > ${pidFile}; exec containerd --config /run/containerd.toml >> ${logFile} 2>&1`;
    const path = `PATH=${this.#release.programs}:${runcFolder()}:${process.env['PATH']}`;
    this.#process = this.#machine.spawn('env', [path, 'sh', '-c', run]);
    await this.#until('it serves', () => this.cri.runtime('Version'));
    if ((await this.cri.images('ImageStatus', { image: { image } })).image === null) {
      const ctr = `${this.#release.programs}/ctr`;
      this.#machine.must(ctr, '-a', socket, '-n', 'k8s.io', 'images', 'import', '/run/image.tar');
      await this.#until('CRI sees the image', async () => {
        const status = await this.cri.images('ImageStatus', { image: { image } });
        return status.image ?? Promise.reject(new Error('no image'));
      });
    }
  }

  /** Ends it; its pods live on. */
  async end(signal: 'TERM' | 'KILL'): Promise<void> {
    const ended = this.#process && once(this.#process, 'exit');
    this.#machine.must('kill', `-${signal}`, readFileSync(this.#machine.outside(pidFile), 'utf8').trim());
    await ended;
    this.#process = undefined;
  }

  /** How it has called the plugin until now, in the order of their ends. */
  calls(): PluginCall[] {
    const file = this.#machine.outside(callsFile);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => {
      const [command = '', containerId = '', status = '', netns = '', ...answer] = line.split('\t');
      return { command, containerId, status: Number(status), netns, answer: answer.join(' ') };
    });
  }

  /** The last lines that it wrote. */
  log(): string {
    return this.#machine.run('tail', ['-n', '40', logFile]).stdout;
  }

  close(): void {
    this.cri.close();
  }

  async #until(what: string, holds: () => Promise<unknown>): Promise<void> {
    const end = Date.now() + 30_000;
    for (;;) {
      try {
        await holds();
        return;
      } catch (error) {
        if (this.#process?.exitCode !== null || Date.now() > end) {
          throw new Error(`containerd: not true that ${what}: ${error}\n${this.log()}`);
        }
        await sleep(20);
      }
    }
  }
}
