// Runs test files with Jest or Bun and reads their reports.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { bun } from './build.mjs';
import { bunFile, jestFiles } from './reports.mjs';
import { root } from './root.mjs';

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

/**
 * So many files of the pool run beside each other: most tests wait for something most of the time, and their limits
 * follow the machine's load.
 */
const abreast = process.env.REALIP_WORKERS ?? String(availableParallelism() + 2);

/** @typedef {{folder: string, env: NodeJS.ProcessEnv}} Place `folder`: where runners put their reports */

/** Runs a program to its end; its exit status, null where a signal ended it. */
function run(program, args, env, stdio) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', stdio, stdio] });
    const text = [];
    child.stdout?.on('data', (piece) => text.push(piece));
    child.stderr?.on('data', (piece) => text.push(piece));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, text: Buffer.concat(text).toString() }));
  });
}

/** What a runner left in its report, which is then removed; nothing where it wrote none. */
function taken(report) {
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  rmSync(report, { force: true });
  return text;
}

/** Runs of Jest so far: some are beside each other, each with a report of its own. */
let runs = 0;

async function runJest(files, pace, { folder, env }) {
  if (files.length === 0) {
    return [];
  }
  const report = join(folder, `jest-${++runs}.json`);
  const own = ['--reporters=./scripts/jest-reporter.mjs', '--testSequencer=./scripts/given-order.mjs'];
  const flags = ['--json', `--outputFile=${report}`, ...own, ...pace, '--runTestsByPath', ...files];
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const { status } = await run(process.execPath, [...node, jest, ...flags], env, 'inherit');
  const text = taken(report);
  if (text === '') {
    throw new Error(`Jest ended with ${status} and without a report`);
  }
  const result = JSON.parse(text);
  const results = jestFiles(result).map((each) => ({ ...each, file: each.file.replace(`${root}/`, '') }));
  if (result.wasInterrupted || (status !== 0 && results.every((each) => each.failed === 0))) {
    throw new Error(`Jest ended with ${status} though no test failed`);
  }
  return results;
}

/** Each file in a process of its own: Bun's report doesn't tell which file an error outside of tests is from. */
async function runBun(files, { folder, env }) {
  const results = [];
  const report = join(folder, 'bun.xml');
  for (const file of files) {
    const args = [
      'test',
      '--timeout=180000',
      '--reporter=junit',
      `--reporter-outfile=${report}`,
      `./${file}`,
    ];
    const started = Date.now();
    const { status, text } = await run(bun, args, env, 'pipe');
    const result = bunFile(file, taken(report), status === 0, (Date.now() - started) / 1000);
    console.log(result.failed > 0 ? text : `PASS ${file} (${result.seconds.toFixed(1)} s)`);
    results.push(result);
  }
  return results;
}

/** How many files of a track run at once, in Jest's words. */
const paces = {
  pool: [`--maxWorkers=${abreast}`, '--workerIdleMemoryLimit=1GB'],
  // A test that failed may have left a server, for whose end Jest would wait for ever; what is left is looked for at the end.
  lane: ['--runInBand', '--forceExit'],
};

/**
 * Runs test files.
 * @param {'bun' | 'pool' | 'lane'} pace
 * @param {string[]} files
 * @param {Place} place
 * @returns {Promise<import('./reports.mjs').FileResult[]>}
 * @throws if a runner itself failed
 */
export function runFiles(pace, files, place) {
  return pace === 'bun' ? runBun(files, place) : runJest(files, paces[pace], place);
}

/** Runs single files, each by itself; as {@link runFiles}. */
export async function runAlone(files, place) {
  const results = await runBun(
    files.filter((file) => file.endsWith('.bun.test.ts')),
    place,
  );
  for (const file of files.filter((each) => !each.endsWith('.bun.test.ts'))) {
    results.push(...(await runJest([file], paces.lane, place)));
  }
  return results;
}
