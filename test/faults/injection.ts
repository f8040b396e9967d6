import { readFileSync } from 'node:fs';
import type { Answer, Call, Plugin } from '../kernel/plugin.ts';

/** A fault at one system call of the plugin's main thread, which does all that changes the kernel. */
export interface Fault {
  readonly syscall: string;
  /** Which call of this kind, from the process's first on. */
  readonly when: number;
  /** An error that the call answers without being done, or the end of the process in front of it. */
  readonly what: string;
}

/** The system calls that change something or that the plugin can't go on without, and how each may fail. */
const failures: Readonly<Record<string, readonly string[]>> = {
  sendto: ['ENOBUFS', 'EPERM'],
  // The kernel has done what was asked, and the plugin is never told so.
  recvfrom: ['ENOBUFS'],
  setns: ['EPERM'],
  socket: ['EMFILE'],
  connect: ['ENOMEM'],
  openat: ['EACCES'],
  write: ['EIO'],
};

const kill = 'SIGKILL';

export function describeFault({ syscall, when, what }: Fault): string {
  return `${what} at ${syscall} ${when}`;
}

export function isKill({ what }: Fault): boolean {
  return what === kill;
}

/** Runs the plugin under strace; hanging for 20 s ends it, and counts as status 124. */
export class Tracer {
  readonly #plugin: Plugin;
  readonly #file: string;

  constructor(plugin: Plugin, file: string) {
    this.#plugin = plugin;
    this.#file = file;
  }

  /** Every fault that this call may meet, as a run without one shows. @param begin where the plugin's own work begins */
  faultsOf(call: Call, begin: RegExp): { answer: Answer; faults: Fault[] } {
    const answer = this.#run(call, []);
    const counts = new Map<string, number>();
    const faults: Fault[] = [];
    let isOwn = false;
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      const syscall = /^(\w+)\(/.exec(line)?.[1];
      if (syscall === undefined || !(syscall in failures || syscall === 'exit_group')) {
        continue;
      }
      const when = (counts.get(syscall) ?? 0) + 1;
      counts.set(syscall, when);
      isOwn ||= begin.test(line);
      if (isOwn && !/"\/proc\/self\/statm"/.test(line)) {
        const whats = [...(failures[syscall] ?? []), kill];
        faults.push(...whats.map((what) => ({ syscall, when, what })));
      }
    }
    return { answer, faults };
  }

  /** A run with a fault, and whether it came to that. A signal ends strace and `timeout` alike. */
  suffer(call: Call, fault: Fault): { answer: Answer; wasMet: boolean } {
    const { syscall, when, what } = fault;
    const how = isKill(fault) ? `signal=${what}` : `error=${what}`;
    const answer = this.#run(call, ['-e', `inject=${syscall}:${how}:when=${when}`]);
    const wasMet = isKill(fault)
      ? answer.status === null
      : readFileSync(this.#file, 'utf8').includes('(INJECTED)');
    return { answer, wasMet };
  }

  #run(call: Call, injection: readonly string[]): Answer {
    const traced = `trace=${Object.keys(failures).join()},exit_group`;
    const strace = ['strace', '-o', this.#file, '-e', traced, '-e', 'signal=none', ...injection];
    return this.#plugin.call({ ...call, under: ['timeout', '120', ...strace] });
  }
}
