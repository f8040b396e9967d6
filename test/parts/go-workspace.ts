import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GoPart } from './declaration.ts';
import { partsFolder } from './folder.ts';
import { go, type Modules } from './go.ts';

/** A folder in which a part's programs can be built. */
export interface Workspace {
  readonly folder: string;
  readonly modules: Modules;
}

/** The files of a part's wrapper: name and content. */
export function wrapperFiles({ wrapper }: GoPart): [string, string][] {
  if (wrapper === undefined) {
    return [];
  }
  const folder = join(partsFolder, wrapper);
  return readdirSync(folder)
    .toSorted()
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
}

/**
 * Lays out a module from which a part's programs can be built: its wrapper, which fixes every module by its checksum,
 * or one that asks for the part's module as published.
 *
 * @throws Error when the module's content is not what the catalogue says, or with Go's own message
 */
export function layOut(part: GoPart, folder: string, paths: readonly string[]): Workspace {
  for (const [name, content] of wrapperFiles(part)) {
    writeFileSync(join(folder, name), content);
  }
  const modules = part.wrapper === undefined ? 'mod' : 'readonly';
  if (part.wrapper === undefined) {
    go(folder, modules, 'mod', 'init', 'realip.test/part');
    for (const path of paths) {
      go(folder, modules, 'get', '-tool', `${path}@${part.version}`);
    }
  }
  if (part.sum !== undefined) {
    const line = `${part.module} ${part.version} ${part.sum}`;
    if (!readFileSync(join(folder, 'go.sum'), 'utf8').split('\n').includes(line)) {
      throw new Error(`${part.module} ${part.version} is not what test/parts/catalogue.ts says: ${part.sum}`);
    }
  }
  if (part.main !== undefined) {
    const { file, without } = part.main;
    const lines = readFileSync(join(moduleFolder(folder, modules, part.module), file), 'utf8').split('\n');
    writeFileSync(join(folder, 'main.go'), lines.filter((line) => !without.test(line)).join('\n'));
  }
  return { folder, modules };
}

/** Where Go keeps a module's content. */
export function moduleFolder(folder: string, modules: Modules, module: string): string {
  go(folder, modules, 'mod', 'download', module);
  return go(folder, modules, 'list', '-m', '-f', '{{.Dir}}', module);
}
