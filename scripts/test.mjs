// `npm test [-- SUITE …]`: installs, builds, runs every suite that this machine has the parts for, runs files that
// failed once more, and ends with a table and the line `N passed, N failed, N skipped`. With REALIP_REQUIRE=all a
// skip is a failure; with REALIP_RERUN=off nothing is run again.
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { missing, parts, provide } from './parts.mjs';
import { runAll, runAlone } from './runners.mjs';
import { afterSecondTry, countsOf, mendedLines, mostAgain, toRunAgain } from './second-try.mjs';
import { suites } from './suites.mjs';

const requireAll = process.env.REALIP_REQUIRE === 'all';
/** What is generated is the same in a second try, and in a later run with this seed. */
const seed = process.env.REALIP_SEED ?? String(randomInt(2 ** 31));
let mayRunAgain = process.env.REALIP_RERUN === 'off' ? 0 : mostAgain;
// All that tests write goes with it, also what a test that was killed left.
const reports = mkdtempSync(join(tmpdir(), 'realip-test-'));
const env = { ...process.env, TMPDIR: reports, REALIP_SEED: seed };

/** Runs what failed once more, each file by itself, if it isn't too much. */
async function secondTry(suite, first, place) {
  const { again, refusal } = toRunAgain(first, mayRunAgain);
  if (refusal !== undefined && process.env.REALIP_RERUN !== 'off') {
    console.log(`\n── ${suite.name}: ${refusal}`);
  }
  if (again.length === 0) {
    return { files: first, mended: [] };
  }
  mayRunAgain -= again.length;
  console.log(`\n── ${suite.name}, once more what failed (REALIP_SEED=${seed}): ${again.join(', ')}`);
  return afterSecondTry(first, await runAlone(suite, again, place));
}

async function runSuite(suite) {
  console.log(`\n── ${suite.name}: ${suite.what}`);
  const place = { report: join(reports, `${suite.name}.report`), env };
  const started = Date.now();
  try {
    const { files, mended } = await secondTry(suite, await runAll(suite, place), place);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    return { suite, ...countsOf(files), mended, note: `${seconds} s` };
  } catch (error) {
    return { suite, passed: 0, failed: 1, skipped: 0, note: `the runner failed: ${error.message}` };
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

console.log(`REALIP_SEED=${seed} repeats what this run generates.`);
const rows = [];
for (const suite of chosen) {
  rows.push(await runOrSkip(suite));
}
rmSync(reports, { recursive: true, force: true });

console.log('\nSuite      passed  failed  skipped');
for (const { suite, passed, failed, skipped, note } of rows) {
  const figures = [passed, failed, skipped]
    .map((count, i) => String(count).padStart([6, 6, 7][i]))
    .join('  ');
  console.log(`${suite.name.padEnd(9)}  ${figures}  ${note}`);
}
const mended = rows.flatMap((row) => row.mended ?? []);
if (mended.length > 0) {
  console.log(`\n${mendedLines(mended, seed).join('\n')}`);
}
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
if (requireAll && total('skipped') > 0) {
  console.log('\nREALIP_REQUIRE=all: what was skipped counts as failed.');
}
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
process.exit(total('failed') > 0 || (requireAll && total('skipped') > 0) || total('passed') === 0 ? 1 : 0);
