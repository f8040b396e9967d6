import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { e2e } from '../../parts/catalogue.ts';
import { goPart } from '../../parts/go-part.ts';
import type { LiveCluster } from '../live-cluster.ts';
import { type Case, casesOf } from './junit.ts';
import { conformanceSpecs, focusOn } from './specs.ts';

/** How long a spec has that was told to end, to take its namespaces away. */
const graceMs = 90_000;

/** Kubernetes' own end-to-end tests, on a cluster. */
export class EndToEnd {
  readonly #program = join(goPart(e2e), 'e2e.test');
  readonly #cluster: LiveCluster;

  constructor(cluster: LiveCluster) {
    this.#cluster = cluster;
  }

  /**
   * Runs one spec. One that does not end by itself is told to after `limitMs`, and ended after a while more.
   *
   * @param log the file for all that it says
   * @returns how it ended; a spec without a report failed
   */
  async run(spec: string, limitMs: number, log: string): Promise<Case> {
    const folder = mkdtempSync(join(tmpdir(), 'realip-e2e-'));
    const report = join(folder, 'junit_01.xml');
    const began = performance.now();
    try {
      const end = await this.#launch(
        [
          `--kubeconfig=${join(this.#cluster.folder, 'admin.kubeconfig')}`,
          '--provider=skeleton',
          `--ginkgo.focus=${focusOn(spec)}`,
          // With Ginkgo's own flag for it, names come with labels behind them.
          `--report-dir=${folder}`,
          ...['--ginkgo.v', '--ginkgo.no-color', '--ginkgo.silence-skips', '--disable-log-dump=true'],
          // The overlay's node is cordoned, which is no reason not to begin.
          '--non-blocking-taints=node.kubernetes.io/unschedulable',
        ],
        limitMs,
        log,
      );
      const seconds = (performance.now() - began) / 1000;
      const found = existsSync(report)
        ? casesOf(readFileSync(report, 'utf8')).find(({ name }) => name === spec)
        : undefined;
      // A suite that fails before its specs tells them as skipped.
      if (found === undefined || (found.state === 'skipped' && end !== 'status 0')) {
        return { name: spec, state: 'failed', seconds, why: `e2e.test ended with ${end}; see ${log}` };
      }
      return { ...found, seconds };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async #launch(flags: readonly string[], limitMs: number, log: string): Promise<string> {
    const output = openSync(log, 'w');
    const { entering } = this.#cluster.way;
    const [program = '', ...words] = [...entering, 'setpriv', '--pdeathsig', 'KILL', this.#program, ...flags];
    const child = spawn(program, words, { stdio: ['ignore', output, output], detached: true });
    closeSync(output);
    const ended = once(child, 'exit');
    const timers = [
      setTimeout(() => child.kill('SIGINT'), limitMs),
      setTimeout(() => child.kill('SIGKILL'), limitMs + graceMs),
    ];
    try {
      const [status, signal] = await ended;
      return signal === null ? `status ${status}` : `signal ${signal}`;
    } finally {
      timers.forEach(clearTimeout);
    }
  }
}

/** The names of all specs that are to pass; @throws Error when e2e.test doesn't tell them */
export function listSpecs(): string[] {
  const program = join(goPart(e2e), 'e2e.test');
  const flags = ['--list-tests', '--provider=skeleton'];
  const { stdout, stderr } = spawnSync(program, flags, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const specs = conformanceSpecs(stdout);
  if (specs.length === 0) {
    throw new Error(`e2e.test lists no specs: ${stderr}`);
  }
  return specs;
}
