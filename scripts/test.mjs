// `npm test [-- SUITE …]`: installs, builds, runs every suite that this machine has the parts for, and ends with
// a table and the line `N passed, N failed, N skipped`. With REALIP_REQUIRE=all a skip is a failure.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, bun } from './build.mjs';
import { install } from './install.mjs';
import { missing, parts, provide } from './parts.mjs';
import { root } from './root.mjs';
import { suites } from './suites.mjs';

const requireAll = process.env.REALIP_REQUIRE === 'all';
// All that tests write goes with it, also what a test that was killed left.
const reports = mkdtempSync(join(tmpdir(), 'realip-test-'));
const env = { ...process.env, TMPDIR: reports };

function runJest(suite, report) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  // Suites with real parts share the machine's two cores and one kernel: one file after the other there.
  const pace = suite.name === 'unit' ? [] : ['--runInBand'];
  const flags = ['--json', `--outputFile=${report}`, '--passWithNoTests', ...pace];
  const run = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest, ...flags, ...suite.paths],
    { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const result = JSON.parse(readFileSync(report, 'utf8'));
  // A file that could not even be loaded counts no test; it is one failure all the same.
  return {
    passed: result.numPassedTests,
    failed: Math.max(result.numFailedTests + result.numRuntimeErrorTestSuites, run.status === 0 ? 0 : 1),
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

function runBun(suite, report) {
  const args = ['test', '--timeout=180000', '--reporter=junit', `--reporter-outfile=${report}`];
  const run = spawnSync(bun, [...args, ...suite.paths], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const head = /<testsuites [^>]*>/.exec(readFileSync(report, 'utf8'))?.[0] ?? '';
  const count = (name) => Number(new RegExp(`${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const [tests, failed, skipped] = ['tests', 'failures', 'skipped'].map(count);
  return { passed: tests - failed - skipped, failed: Math.max(failed, run.status === 0 ? 0 : 1), skipped };
}

function runSuite(suite) {
  console.log(`\n── ${suite.name}: ${suite.what}`);
  const report = join(reports, suite.name);
  const started = Date.now();
  const none = { passed: 0, failed: 0, skipped: 0 };
  try {
    const counts = suite.runner === 'bun' ? runBun(suite, report) : runJest(suite, report);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    return { suite, ...counts, note: `${seconds} s` };
  } catch (error) {
    return { suite, ...none, failed: 1, note: `the runner failed: ${error.message}` };
  }
}

/** One row a suite: what was run, or why not and what would cure it. */
function runOrSkip(suite) {
  const lacking = missing(suite.needs, requireAll || wanted.includes(suite.name));
  if (lacking.length === 0) {
    return runSuite(suite);
  }
  const cures = lacking.map((name) => parts[name].cure).join('; ');
  return {
    suite,
    passed: 0,
    failed: 0,
    skipped: 1,
    note: `skipped: no ${lacking.join(', ')}; cure: ${cures}`,
  };
}

install();
await build().catch((error) => {
  console.error(error.message);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
});
const wanted = process.argv.slice(2);
const chosen = suites.filter((suite) => wanted.length === 0 || wanted.includes(suite.name));
if (chosen.length === 0) {
  console.error(`There is no such suite; there are: ${suites.map((suite) => suite.name).join(', ')}`);
  process.exit(1);
}
provide([...new Set(chosen.flatMap((suite) => suite.needs))]);

const rows = chosen.map(runOrSkip);
rmSync(reports, { recursive: true, force: true });

console.log('\nSuite      passed  failed  skipped');
for (const { suite, passed, failed, skipped, note } of rows) {
  const figures = [passed, failed, skipped]
    .map((count, i) => String(count).padStart([6, 6, 7][i]))
    .join('  ');
  console.log(`${suite.name.padEnd(9)}  ${figures}  ${note}`);
}
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
if (requireAll && total('skipped') > 0) {
  console.log('\nREALIP_REQUIRE=all: what was skipped counts as failed.');
}
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
process.exit(total('failed') > 0 || (requireAll && total('skipped') > 0) || total('passed') === 0 ? 1 : 0);
