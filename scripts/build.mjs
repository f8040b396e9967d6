// Builds dist/: the host executable (compiled by Bun) and the Node programs (bundled by Bun, packages external).
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install } from './install.mjs';
import { root } from './root.mjs';

const dist = join(root, 'dist');
// The baseline build runs on every x86-64 CPU; the default one needs AVX2. Called directly, because the `bun`
// package links its program in an install script, which may be switched off.
export const bun = join(root, 'node_modules', '@oven', 'bun-linux-x64-baseline', 'bin', 'bun');

const host = [
  '--compile',
  '--bytecode',
  '--format=esm',
  '--minify',
  // What is imported where it is needed (subcommands) is a piece of its own. In one piece with the rest it would make
  // every module wait for its first use, which costs each call a millisecond.
  '--splitting',
  // A call is over in ten milliseconds: compiling functions that seem hot costs more than they would ever spare.
  // Left to the interpreter, an ADD takes 0.79 of the time and 0.77 of the CPU.
  '--compile-jit-policy=1000',
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  // Where the files of the agent's threads are within the executable is told from here (cni/agent/watch/watcher.bun.ts).
  '--root=cni',
];
const node = ['--target=node', '--format=esm', '--packages=external', '--sourcemap=linked'];

/**
 * Everything that is built: output in dist/, entry, what it runs in threads of its own, Bun's arguments, the folders
 * it is made from.
 */
const targets = [
  {
    output: 'realip',
    entry: 'cni/main.ts',
    threads: ['cni/agent/watch/watch-thread.bun.ts'],
    args: host,
    from: ['core', 'schema', 'service', 'netlink', 'document', 'cni'],
  },
  {
    output: 'ipam-server.js',
    entry: 'ipam-server/main.ts',
    args: node,
    from: ['core', 'schema', 'service', 'ipam-server'],
  },
  {
    output: 'sqlite-worker.js',
    entry: 'ipam-server/store/sqlite-worker.ts',
    args: node,
    from: ['core', 'schema', 'service', 'ipam-server'],
  },
  {
    output: 'webhook.js',
    entry: 'webhook/main.ts',
    args: node,
    from: ['core', 'schema', 'service', 'document', 'webhook'],
  },
  { output: 'lab-workload.js', entry: 'test/lab/workload.ts', args: node, from: ['test/lab'] },
  {
    output: 'lab.js',
    entry: 'test/lab/main.ts',
    args: node,
    from: ['core', 'schema', 'test/lab', 'test/webhook'],
  },
  {
    output: 'cluster.js',
    entry: 'test/cluster/main.ts',
    args: node,
    from: ['core', 'schema', 'netlink/testing', 'test'],
  },
  { output: 'parts.js', entry: 'test/parts/main.ts', args: node, from: ['test/parts'] },
  {
    output: 'story.js',
    entry: 'test/cluster/story/main.ts',
    args: node,
    from: ['core', 'schema', 'netlink/testing', 'test'],
  },
  {
    output: 'conformance.js',
    entry: 'test/cluster/conformance/main.ts',
    args: node,
    from: ['core', 'schema', 'netlink/testing', 'test'],
  },
  {
    output: 'bench.js',
    entry: 'test/bench/main.ts',
    args: node,
    from: ['core', 'cni/probe', 'netlink/message', 'test'],
  },
  {
    output: 'slow-ipam-server.js',
    entry: 'test/bench/slow-ipam-server.ts',
    args: node,
    from: ['core', 'schema', 'service', 'ipam-server', 'test/bench'],
  },
];

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) {
    return stat.mtimeMs;
  }
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isFresh(target) {
  const output = join(dist, target.output);
  const sources = [...target.from, 'package-lock.json', 'scripts/build.mjs'].map((path) => join(root, path));
  return existsSync(output) && statSync(output).mtimeMs > Math.max(...sources.map(newest));
}

function run(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(bun, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
    });
    child.stderr.on('data', (data) => {
      text += data;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(text))));
  });
}

/** Built aside and renamed when whole, so that a killed build never leaves half a program behind. */
async function compile({ output, entry, threads = [], args }) {
  const aside = join(dist, `.building-${process.pid}`);
  const sources = [entry, ...threads].map((path) => join(root, path));
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  const place = args.includes('--compile')
    ? [`--outfile=${join(aside, output)}`]
    : [`--outdir=${aside}`, `--entry-naming=${output}`];
  await run(['build', ...args, ...place, ...sources]).catch((error) => {
    throw new Error(`building dist/${output} failed:\n${error.message}`);
  });
  chmodSync(join(aside, output), 0o755);
  for (const file of readdirSync(aside)) {
    renameSync(join(aside, file), join(dist, file));
  }
  rmSync(aside, { recursive: true });
}

/** The executable's other name: never away for a moment, since others may be running what was built before. */
function linkIpam() {
  const link = join(dist, 'realip-ipam');
  const aside = `${link}.${process.pid}`;
  rmSync(aside, { force: true });
  symlinkSync('realip', aside);
  renameSync(aside, link);
}

/** Builds what is out of date; @throws with the compiler's output. */
export async function build() {
  mkdirSync(dist, { recursive: true });
  for (const target of targets.filter((each) => existsSync(join(root, each.entry)) && !isFresh(each))) {
    console.log(`Building dist/${target.output} …`);
    await compile(target);
  }
  linkIpam();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  install();
  build().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
