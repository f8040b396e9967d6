import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import { Place } from '../../cluster/place.ts';

/** Processor time in milliseconds since the beginning: of the whole machine, and of realip's servers. */
export interface Processor {
  readonly machine: number;
  readonly agent: number;
  readonly 'ipam-server': number;
  readonly webhook: number;
}

export type Program = Exclude<keyof Processor, 'machine'>;

const accounts = '/sys/fs/cgroup/cpuacct';

/** Reads what the machine, and the pods of realip's programs, have used by now. */
export class ProcessorReader {
  readonly #files: Readonly<Record<Program, readonly string[]>>;

  private constructor(files: Readonly<Record<Program, readonly string[]>>) {
    this.#files = files;
  }

  /** @param node whose agent it is about; the other programs are wherever they are */
  static async open(cluster: LiveCluster, node: string): Promise<ProcessorReader> {
    const { items } = await cluster.must('GET', '/api/v1/namespaces/realip-system/pods');
    const of = (program: Program) =>
      (items as Pod[])
        .filter(({ metadata }) => metadata.name.startsWith(`realip-${program}-`))
        .filter(({ spec }) => program !== 'agent' || spec.nodeName === node)
        .map((pod) => accountOf(cluster.name, pod));
    return new ProcessorReader({
      agent: of('agent'),
      'ipam-server': of('ipam-server'),
      webhook: of('webhook'),
    });
  }

  read(): Processor {
    const used = (program: Program) =>
      // In nanoseconds.
      this.#files[program].reduce((sum, file) => sum + Number(readFileSync(file, 'utf8')) / 1e6, 0);
    return {
      machine: busy(readFileSync('/proc/stat', 'utf8')),
      agent: used('agent'),
      'ipam-server': used('ipam-server'),
      webhook: used('webhook'),
    };
  }
}

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName: string };
}

/** @throws Error where the pod has no cgroup */
function accountOf(cluster: string, { metadata, spec }: Pod): string {
  const root = join(accounts, new Place(cluster).cgroup, spec.nodeName, 'kubepods');
  const file = ['', ...readdirSync(root)]
    .map((quality) => join(root, quality, `pod${metadata.uid}`, 'cpuacct.usage'))
    .find((each) => existsSync(each));
  if (file === undefined) {
    throw new Error(`the pod ${metadata.name} has no cgroup below ${root}`);
  }
  return file;
}

/** All but idle and iowait, which are the fourth and the fifth; a tick is 10 ms (sysconf(_SC_CLK_TCK) on Linux). */
function busy(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu +(.+)$/m.exec(stat)?.[1] ?? '')
    .split(' ')
    .map(Number);
  return (user + nice + system + irq + softirq) * 10;
}
