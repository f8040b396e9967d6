// `node scripts/image-contents.mjs PROGRAM FOLDER`: lays out what a container image holds of realip, from what has been
// built into dist/: the program and, for what runs on Node, the npm packages that it imports, as they are installed.
// Both the Dockerfiles in images/ and the images of the tests (test/cluster/image/) are made from it.
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { root } from './root.mjs';

/** The files of dist/ that each image holds. */
const programs = {
  webhook: ['webhook.js'],
  'ipam-server': ['ipam-server.js', 'sqlite-worker.js'],
  agent: ['realip'],
};

const imported =
  /(?:^|[\s;}])(?:import|export)\s[^'"();]*?from\s*["']([^"']+)["']|import\s*\(?\s*["']([^"']+)["']/g;

/** The names of the packages that a program imports. */
function packagesOf(file) {
  const specifiers = [...readFileSync(file, 'utf8').matchAll(imported)].map(
    ([, from, plain]) => from ?? plain,
  );
  const bare = specifiers.filter((name) => /^[a-z@]/.test(name) && !name.startsWith('node:'));
  const names = bare.map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(names)].filter((name) => !builtinModules.includes(name));
}

/** Where a package is found from a folder, as Node looks for it; undefined when it isn't installed. */
function find(name, from) {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) {
      return place;
    }
  }
  return undefined;
}

/** The folders of packages and of all that they need, but types, and what is for another C library than Debian's. */
function closure(names) {
  const found = new Set();
  const visit = (name, from, isOptional) => {
    const place = find(name, from);
    if (place === undefined) {
      if (isOptional) {
        return;
      }
      throw new Error(`The package ${name} is not installed; npm run build installs it.`);
    }
    const about = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
    if (found.has(place) || name.endsWith('-musl') || name.startsWith('@types/')) {
      return;
    }
    found.add(place);
    const optional = Object.keys(about.optionalDependencies ?? {});
    for (const each of Object.keys(about.dependencies ?? {})) {
      visit(each, place, optional.includes(each));
    }
    for (const each of optional) {
      visit(each, place, true);
    }
  };
  for (const name of names) {
    visit(name, root, false);
  }
  return [...found].sort();
}

/** What no program reads: types, source maps and prose. Licences stay. */
const isUnread = (path) => /(\.d\.[cm]?ts|\.ts|\.map|\.md|\.markdown)$/i.test(path);

function copyPackage(place, folder) {
  cpSync(place, join(folder, relative(root, place)), {
    recursive: true,
    dereference: true,
    // Packages within it are there for themselves, where they are needed.
    filter: (path) =>
      lstatSync(path).isDirectory() ? !path.slice(place.length).includes('/node_modules') : !isUnread(path),
  });
}

function layOut(program, folder) {
  const files = programs[program];
  if (files === undefined || folder === undefined) {
    throw new Error(`usage: image-contents.mjs ${Object.keys(programs).join('|')} FOLDER`);
  }
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) {
    throw new Error(`${folder} is not empty.`);
  }
  if (program === 'agent') {
    cpSync(join(root, 'dist', 'realip'), join(folder, 'realip'));
    symlinkSync('realip', join(folder, 'realip-ipam'));
    return;
  }
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, license, type: 'module' }));
  for (const file of files) {
    cpSync(join(root, 'dist', file), join(folder, 'dist', file));
  }
  for (const place of closure(files.flatMap((file) => packagesOf(join(root, 'dist', file))))) {
    copyPackage(place, folder);
  }
}

try {
  const [program, folder] = process.argv.slice(2);
  layOut(program, folder && resolve(folder));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
