import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const program = join(import.meta.dirname, '../../dist/webhook.js');

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program once, to its end. */
export function run(args: readonly string[], input = '', cwd = '/'): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd,
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
