import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cacheFolder } from './cache.ts';

/** A third party's programs, built from a published Go module at a pinned version. */
export interface GoPart {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** Import paths of the programs; each is built under the last element of its path, unless named otherwise. */
  readonly packages: readonly (string | { readonly path: string; readonly as: string })[];
  /** A folder beside this file whose go.mod and go.sum it is built with: some modules replace their parts by paths. */
  readonly wrapper?: string;
  /** Variables set when linking, by their full names, such as the version that a program tells. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Files of modules that the programs are built from, put beside them. */
  readonly files?: readonly { readonly module: string; readonly path: string }[];
}

const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOWORK: 'off' };

function go(folder: string, ...args: string[]): string {
  const run = spawnSync('go', args, { cwd: folder, encoding: 'utf8', env });
  if (run.status !== 0) {
    throw new Error(`go ${args.join(' ')} failed: ${run.error?.message ?? run.stderr}`);
  }
  return run.stdout.trim();
}

/** Builds one program, telling on standard error how far it is: some take minutes. */
function goBuild(folder: string, program: string, ...args: string[]): void {
  const run = spawnSync(process.execPath, [join(import.meta.dirname, 'go-build.mjs'), program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env,
    // Not console.log: jest keeps that back until the file's tests are over.
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.status !== 0) {
    throw new Error(`go build of ${program} failed: ${run.error?.message ?? run.stdout}`);
  }
}

/** The linker's flags: without tables for debuggers, and with the part's variables. */
function linking({ variables = {} }: GoPart): string {
  const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  return ['-s -w', ...set].join(' ');
}

/** The programs of a part: where each is built from, and what it is called. */
function programsOf({ packages }: GoPart): { path: string; as: string }[] {
  return packages.map((each) => (typeof each === 'string' ? { path: each, as: basename(each) } : each));
}

/**
 * Gives the folder with a part's programs, building those that aren't cached yet in this version.
 *
 * @throws Error with Go's own message, also where Go is not installed
 */
export function goPart(part: GoPart): string {
  const goVersion = go(tmpdir(), 'env', 'GOVERSION');
  const folder = join(cacheFolder(), `${part.name}-${part.version}-${goVersion}`);
  const files = part.files ?? [];
  const hasFiles = files.every(({ path }) => existsSync(join(folder, basename(path))));
  const lacking = programsOf(part).filter(({ as }) => !(hasFiles && existsSync(join(folder, as))));
  if (lacking.length === 0) {
    return folder;
  }
  const names = lacking.map(({ as }) => as).join(', ');
  process.stderr.write(`Building ${names} of ${part.name} ${part.version} (${part.module}), once …\n`);
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'realip-part-'));
  const half = `${folder}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  try {
    if (part.wrapper === undefined) {
      go(work, 'mod', 'init', 'realip.test/part');
    } else {
      for (const file of ['go.mod', 'go.sum']) {
        copyFileSync(join(import.meta.dirname, part.wrapper, file), join(work, file));
      }
    }
    for (const { path, as } of lacking) {
      if (part.wrapper === undefined) {
        go(work, 'get', '-tool', `${path}@${part.version}`);
      }
      goBuild(work, as, '-trimpath', '-ldflags', linking(part), '-o', join(half, as), path);
      // Whole before it is found under its name, and no matter who else builds it meanwhile.
      renameSync(join(half, as), join(folder, as));
    }
    for (const { module, path } of files) {
      copyFileSync(
        join(go(work, 'list', '-m', '-f', '{{.Dir}}', module), path),
        join(folder, basename(path)),
      );
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(half, { recursive: true, force: true });
  }
  return folder;
}
