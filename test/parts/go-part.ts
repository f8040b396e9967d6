import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cacheFolder } from './cache.ts';
import type { GoPart } from './declaration.ts';
import { goBuild, goVersion } from './go.ts';
import { layOut, moduleFolder, wrapperFiles } from './go-workspace.ts';
import { isWhole, seal, sha256 } from './seal.ts';

/** The linker's flags: without tables for debuggers, and with the part's variables. */
function linking({ variables = {} }: GoPart): string {
  const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  return ['-s -w', ...set].join(' ');
}

/** The programs of a part: where each is built from, and what it is called. */
function programsOf({ packages }: GoPart): { path: string; as: string }[] {
  return packages.map((each) => (typeof each === 'string' ? { path: each, as: basename(each) } : each));
}

/** All that decides what a part's programs are, in one word. */
function recipeOf(part: GoPart): string {
  const { module, version, sum, main } = part;
  const sources = wrapperFiles(part).filter(([name]) => name !== 'go.sum');
  const edit = main && [main.file, main.without.source];
  return sha256(JSON.stringify([module, version, sum, linking(part), edit, sources]));
}

/** What of a part is not in its folder yet, or damaged, or made by another recipe. */
function lackingOf(part: GoPart) {
  const folder = join(cacheFolder(), `${part.name}-${part.version}-${goVersion()}`);
  const recipe = recipeOf(part);
  const lacking = programsOf(part).filter(({ as }) => !isWhole(join(folder, as), recipe));
  const files = (part.files ?? []).filter(({ path }) => !isWhole(join(folder, basename(path)), recipe));
  return { folder, recipe, lacking, files };
}

/** Whether a part's programs are all there. */
export function isBuilt(part: GoPart): boolean {
  const { lacking, files } = lackingOf(part);
  return lacking.length + files.length === 0;
}

/**
 * Gives the folder with a part's programs, building those that aren't cached yet in this version, or that are damaged.
 *
 * @throws Error with Go's own message, also where Go is not installed
 */
export function goPart(part: GoPart): string {
  const { folder, recipe, lacking, files } = lackingOf(part);
  if (lacking.length + files.length === 0) {
    return folder;
  }
  const names = [...lacking.map(({ as }) => as), ...files.map(({ path }) => basename(path))].join(', ');
  process.stderr.write(`Building ${names} of ${part.name} ${part.version} (${part.module}), once …\n`);
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'realip-part-'));
  const half = `${folder}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  const keep = (name: string) => {
    seal(join(folder, name), recipe, readFileSync(join(half, name)));
    // Whole before it is found under its name, and no matter who else builds it meanwhile.
    renameSync(join(half, name), join(folder, name));
  };
  try {
    const all = programsOf(part).map(({ path }) => path);
    const { modules } = layOut(part, work, lacking.length === 0 ? all : lacking.map(({ path }) => path));
    for (const { path, as } of lacking) {
      // Vet would look into hundreds of packages.
      const way = part.isTest === undefined ? ['build', '-v'] : ['test', '-c', '-vet=off'];
      const flags = ['-trimpath', '-ldflags', linking(part), '-o', join(half, as), path];
      goBuild(work, modules, as, ...way, ...flags);
      keep(as);
    }
    for (const { module, path } of files) {
      const name = basename(path);
      copyFileSync(join(moduleFolder(work, modules, module), path), join(half, name));
      keep(name);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(half, { recursive: true, force: true });
  }
  return folder;
}
