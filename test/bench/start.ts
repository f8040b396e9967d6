import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Comparison } from './statistics.ts';

/** What the executable costs above an empty one of the same compiler, built as anybody would build it. */
export function benchStart(dist: string, bun: string, rounds: number): Comparison {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  try {
    const source = join(folder, 'empty.ts');
    const empty = join(folder, 'empty');
    writeFileSync(source, 'export {};\n');
    const flags = ['--compile', '--bytecode', '--format=esm', '--minify', `--outfile=${empty}`];
    spawnSync(bun, ['build', ...flags, source]);
    const time = (program: string, env: Record<string, string>) => {
      const started = performance.now();
      spawnSync(program, [], { env, input: '' });
      return performance.now() - started;
    };
    const runs = Array.from({ length: rounds }, () => ({
      empty: time(empty, {}),
      version: time(join(dist, 'realip'), { CNI_COMMAND: 'VERSION' }),
    }));
    return {
      name: 'start (VERSION)',
      conditions: 'whole process',
      unit: 'ms',
      peer: 'an empty Bun executable',
      ours: runs.map((run) => run.version),
      theirs: runs.map((run) => run.empty),
      target: 1.15,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
