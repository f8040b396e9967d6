import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { url } from '../kernel/ipam.ts';
import { containerdConfig } from './containerd-config.ts';
import { Cri } from './cri.ts';
import { image, makeImage } from './image.ts';
import type { Machine } from './machine.ts';
import type { Pod } from './pod.ts';
import { criProto, type Release, runcFolder, upstreamPlugin } from './release.ts';
import { until } from './until.ts';

const plugin = new URL('../../dist/realip', import.meta.url).pathname;

const networkName = 'real';
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

const config = containerdConfig({
  root: '/run/containerd/root',
  state: '/run/containerd/state',
  socket,
  cri: { pause: image, binDir: '/run/cni/bin', confDir },
});

/** Stands in the executables' folder, writes down how the runtime calls and becomes the plugin. */
const teller = `#!/bin/sh
printf '%s\\t%s\\t%s\\n' "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_NETNS" >> ${callsFile}
exec ${plugin}
`;

export interface PluginCall {
  readonly command: string;
  readonly containerId: string;
  readonly netns: string;
}

export interface ConfList {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly object[];
}

/**
 * A conf list of realip alone, in the version that a runtime takes.
 *
 * @param more further keys of the plugin
 * @param ipam further keys of its `ipam`
 */
export function confList(cniVersion: string, more: object = {}, ipam: object = {}): ConfList {
  return { cniVersion, name: networkName, plugins: [pluginConf(more, ipam)] };
}

function pluginConf(more: object, ipam: object): object {
  return {
    type: 'realip',
    master: 'eth0',
    capabilities: { 'io.kubernetes.cri.pod-annotations': true },
    ipam: { type: 'realip-ipam', server: url, node: 'n1', timeoutMs: 3000, stateDir: stateFolder, ...ipam },
    ...more,
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
    for (const name of ['loopback', 'portmap']) {
      symlinkSync(upstreamPlugin(name), machine.outside(`/run/cni/bin/${name}`));
    }
    writeFileSync(machine.outside('/run/containerd.toml'), config);
    this.write(confList(release.cniVersion));
    this.cri = new Cri(criProto(), machine.outside(socket));
  }

  get cniVersion(): string {
    return this.#release.cniVersion;
  }

  /** Writes the conf list in place. */
  write(conf: object): void {
    writeFileSync(this.#machine.outside(confFile), JSON.stringify(conf));
  }

  /** The same; it is read when this is done. */
  async configure(conf: object): Promise<void> {
    this.write(conf);
    await until('containerd has read its conf list', () => this.hasRead(conf));
  }

  /** Reports whether a conf list is what it goes by. */
  async hasRead(conf: object): Promise<boolean> {
    const { info } = await this.cri.runtime('Status', { verbose: true });
    const { Networks: networks } = JSON.parse(info.cniconfig);
    const sources = networks.map(({ Config: { Source: source } }: { Config: { Source: string } }) => source);
    return sources.includes(JSON.stringify(conf));
  }

  /** Writes another conf list beside it, under a name that no runtime reads. */
  prepare(conf: object): void {
    writeFileSync(this.#machine.outside(`${confFile}.new`), JSON.stringify(conf));
  }

  /** Renames that into its place. */
  replace(): void {
    this.#machine.must('mv', `${confFile}.new`, confFile);
  }

  /** Starts it, also after it ended; it serves when this is done. */
  async start(): Promise<void> {
    const run = `echo $$ > ${pidFile}; exec containerd --config /run/containerd.toml >> ${logFile} 2>&1`;
    const path = `PATH=${this.#release.programs}:${runcFolder()}:${process.env['PATH']}`;
    this.#process = this.#machine.spawn('env', [path, 'sh', '-c', run]);
    await until('containerd serves', () => this.cri.runtime('Version')).catch((error: unknown) => {
      throw new Error(`${error}\n${this.#log()}`);
    });
    if (!(await this.#hasImage())) {
      const ctr = `${this.#release.programs}/ctr`;
      this.#machine.must(ctr, '-a', socket, '-n', 'k8s.io', 'images', 'import', makeImage());
      await until('CRI sees the image', () => this.#hasImage());
    }
  }

  /** Ends it; its pods live on. */
  async end(signal: 'TERM' | 'KILL'): Promise<void> {
    const ended = this.#process && once(this.#process, 'exit');
    this.#machine.must('kill', `-${signal}`, readFileSync(this.#machine.outside(pidFile), 'utf8').trim());
    await ended;
    this.#process = undefined;
  }

  /** GC as libcni calls it, since containerd doesn't: all but these pods are gone. @throws with what the plugin said */
  collectGarbage(living: readonly Pod[]): void {
    const attachments = living.map(({ id }) => ({ containerID: id, ifname: 'eth0' }));
    const conf = { cniVersion: '1.1.0', name: networkName, ...pluginConf({}, {}) };
    const input = JSON.stringify({ ...conf, 'cni.dev/valid-attachments': attachments });
    const { status, stdout } = this.#machine.run(
      'env',
      ['CNI_COMMAND=GC', 'CNI_PATH=/run/cni/bin', plugin],
      input,
    );
    if (status !== 0) {
      throw new Error(stdout);
    }
  }

  /** Makes it forget its pods; it is not running. */
  loseMemory(): void {
    this.#machine.must('rm', '-r', '/run/containerd/root/io.containerd.metadata.v1.bolt');
  }

  /** How it has called the plugin until now. */
  calls(): PluginCall[] {
    const file = this.#machine.outside(callsFile);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => {
      const [command = '', containerId = '', netns = ''] = line.split('\t');
      return { command, containerId, netns };
    });
  }

  /** Reports whether a plugin that it started runs, though it may be dead itself. */
  hasRunningPlugin(): boolean {
    const programs = this.#machine.run('sh', ['-c', 'readlink /proc/[0-9]*/exe']).stdout.split('\n');
    return programs.includes(plugin);
  }

  /** The last lines that it wrote. */
  #log(): string {
    return this.#machine.run('tail', ['-n', '40', logFile]).stdout;
  }

  close(): void {
    this.cri.close();
  }

  async #hasImage(): Promise<boolean> {
    return (await this.cri.images('ImageStatus', { image: { image } })).image !== null;
  }
}
