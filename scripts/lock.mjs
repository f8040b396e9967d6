// Completes package-lock.json after a dependency was changed behind a registry mirror that doesn't carry the
// builds of every platform: npm leaves such optional packages out of the lock, and then refuses it in `npm ci`.
// Run it after `npm install`; with a full registry it changes nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const systems = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'openharmony',
  'win32',
  'aix',
  'netbsd',
  'openbsd',
  'sunos',
];
const processors = [
  'arm64',
  'x64',
  'ia32',
  'ppc64',
  's390x',
  'riscv64',
  'loong64',
  'arm',
  'mips64el',
  'wasm32',
];

/** What a platform package would say of itself, read from its name, so that npm doesn't ask for it elsewhere. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  const libc = ['musl', 'glibc'].filter(
    (each) => words.includes(each) || (each === 'glibc' && words.includes('gnu')),
  );
  return {
    ...(os.length > 0 ? { os } : {}),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(libc.length > 0 && os.includes('linux') ? { libc } : {}),
  };
}

const added = {};
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path] === undefined && /^\d/.test(version)) {
      added[path] = { version, ...(entry.dev ? { dev: true } : {}), optional: true, ...platformOf(name) };
    }
  }
}
const sorted = Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) =>
  a < b ? -1 : a > b ? 1 : 0,
);
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`);
console.log(`${Object.keys(added).length} platform packages added to package-lock.json`);
