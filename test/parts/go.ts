import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partsFolder } from './folder.ts';

/** Whether `go` may write what it finds out into go.mod and go.sum, or must find all of it there. */
export type Modules = 'mod' | 'readonly';

const envOf = (modules: Modules) => ({
  ...process.env,
  CGO_ENABLED: '0',
  GOFLAGS: `-mod=${modules}`,
  GOWORK: 'off',
});

let version: string | undefined;

/** Go's own version, such as `go1.26.8`. */
export function goVersion(): string {
  version ??= go(tmpdir(), 'mod', 'env', 'GOVERSION');
  return version;
}

/**
 * Runs `go` in a folder.
 *
 * @returns what it printed
 * @throws Error with Go's own message, also where Go is not installed
 */
export function go(folder: string, modules: Modules, ...args: string[]): string {
  const run = spawnSync('go', args, { cwd: folder, encoding: 'utf8', env: envOf(modules) });
  if (run.status !== 0) {
    throw new Error(`go ${args.join(' ')} failed: ${run.error?.message ?? run.stderr}`);
  }
  return run.stdout.trim();
}

/** Builds one program, telling on standard error how far it is: some take minutes. */
export function goBuild(folder: string, modules: Modules, program: string, ...args: string[]): void {
  const run = spawnSync(process.execPath, [join(partsFolder, 'go-build.mjs'), program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: envOf(modules),
    // Not console.log: jest keeps that back until the file's tests are over.
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.status !== 0) {
    throw new Error(`go build of ${program} failed: ${run.error?.message ?? run.stdout}`);
  }
}
