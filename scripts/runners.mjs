// Runs test files with Jest or Bun and reads their reports.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bun } from './build.mjs';
import { bunFile, jestFiles } from './reports.mjs';
import { root } from './root.mjs';

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

/** Runs a program to its end, its words going where ours go; its exit status, null where a signal ended it. */
function run(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('close', resolve);
  });
}

/** What a runner left in its report, which is then removed; nothing where it wrote none. */
function taken(report) {
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  rmSync(report, { force: true });
  return text;
}

async function runJest(choice, { report, env }) {
  const flags = ['--json', `--outputFile=${report}`, '--passWithNoTests', ...choice];
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const status = await run(process.execPath, [...node, jest, ...flags], env);
  const text = taken(report);
  if (text === '') {
    throw new Error(`Jest ended with ${status} and without a report`);
  }
  const result = JSON.parse(text);
  const files = jestFiles(result).map((each) => ({ ...each, file: each.file.replace(`${root}/`, '') }));
  if (result.wasInterrupted || (status !== 0 && files.every((each) => each.failed === 0))) {
    throw new Error(`Jest ended with ${status} though no test failed`);
  }
  return files;
}

/** Each file in a process of its own: Bun's report doesn't tell which file an error outside of tests is from. */
async function runBun(files, { report, env }) {
  const results = [];
  for (const file of files) {
    const args = [
      'test',
      '--timeout=180000',
      '--reporter=junit',
      `--reporter-outfile=${report}`,
      `./${file}`,
    ];
    const status = await run(bun, args, env);
    results.push(bunFile(file, taken(report), status === 0));
  }
  return results;
}

/** Bun's test files within a folder; all others there are Jest's. */
function bunFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((path) => path.endsWith('.bun.test.ts'))
    .map((path) => join(folder, path))
    .sort();
}

/**
 * Runs all files of a suite.
 * @param {import('./suites.mjs').Suite} suite
 * @param {{report: string, env: NodeJS.ProcessEnv}} place `report`: a path for the runner's report
 * @returns {Promise<import('./reports.mjs').FileResult[]>}
 * @throws if the runner itself failed
 */
export function runAll(suite, place) {
  if (suite.runner === 'bun') {
    return runBun(suite.paths.flatMap(bunFiles), place);
  }
  // Suites with real parts share the machine's two cores and one kernel: one file after the other there.
  const pace = suite.name === 'unit' ? [] : ['--runInBand'];
  // Anchored: `webhook/` alone would run test/webhook/ too.
  return runJest([...pace, ...suite.paths.map((path) => `./${path}`)], place);
}

/** Runs single files, each by itself; as {@link runAll}. */
export async function runAlone(suite, files, place) {
  if (suite.runner === 'bun') {
    return runBun(files, place);
  }
  const results = [];
  for (const file of files) {
    results.push(...(await runJest(['--runInBand', '--runTestsByPath', file], place)));
  }
  return results;
}
