// `npm test [-- SUITE …]`: installs, builds, runs every suite that this machine has the parts for, runs files that
// failed once more, and ends with a table and the line `N passed, N failed, N skipped`. With REALIP_REQUIRE=all a
// skip is a failure; with REALIP_RERUN=off nothing is run again. What tests that passed leave on the machine is a
// failure, too.
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { Building } from './building.mjs';
import { install } from './install.mjs';
import { isFault, leftBehind, namespaceList } from './left-behind.mjs';
import { missing, parts, provide } from './parts.mjs';
import { runTracks } from './run-tracks.mjs';
import { runAlone, runFiles } from './runners.mjs';
import { afterSecondTry, countsOf, mendedLines, toRunAgain } from './second-try.mjs';
import { suites } from './suites.mjs';
import { testFiles } from './test-files.mjs';
import { partsOf, planOf } from './tracks.mjs';

const requireAll = process.env.REALIP_REQUIRE === 'all';
/** What is generated is the same in a second try, and in a later run with this seed. */
const seed = process.env.REALIP_SEED ?? String(randomInt(2 ** 31));
const isRunAgain = process.env.REALIP_RERUN !== 'off';
// All that tests write goes with it, also what a test that was killed left.
const reports = mkdtempSync(join(tmpdir(), 'realip-test-'));
const env = {
  ...process.env,
  TMPDIR: reports,
  REALIP_SEED: seed,
  REALIP_NAMESPACES: namespaceList(reports),
};
const place = { folder: reports, env };

/** Runs what failed once more, each file by itself, if it isn't too much. */
async function secondTry(first) {
  const { again, refusal } = isRunAgain ? toRunAgain(first) : { again: [] };
  if (refusal !== undefined) {
    console.log(`\n── ${refusal}`);
  }
  if (again.length === 0) {
    return { files: first, mended: [] };
  }
  console.log(`\n── once more what failed (REALIP_SEED=${seed}): ${again.join(', ')}`);
  const second = await runAlone(again, place).catch(({ message }) => {
    console.error(`The runner failed: ${message}`);
    return [];
  });
  return afterSecondTry(first, second);
}

/** Why a suite isn't run, and what would cure it; nothing where it is. */
function skipRow(suite) {
  const lacking = missing(suite.needs, requireAll || wanted.includes(suite.name));
  const cures = lacking.map((name) => parts[name].cure).join('; ');
  const note = `skipped: no ${lacking.join(', ')}; cure: ${cures}`;
  return lacking.length === 0 ? [] : [{ suite, passed: 0, failed: 0, skipped: 1, note }];
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
const started = Date.now();
const rows = chosen.flatMap(skipRow);
const runnable = chosen.filter((suite) => rows.every((row) => row.suite !== suite));
for (const { name, what } of runnable) {
  console.log(`\n── ${name}: ${what}`);
}
const homes = runnable.map((suite) => ({ suite, files: testFiles(suite) }));
const building = new Building(partsOf(runnable), env);
await building.looked();
const run = (pace, files) => runFiles(pace, files, place);
const { files, mended } = await secondTry(await runTracks(planOf(homes), building, run));
for (const home of homes) {
  const { seconds, ...counts } = countsOf(files.filter(({ file }) => home.files.includes(file)));
  rows.push({ suite: home.suite, ...counts, note: `${seconds.toFixed(1)} s` });
}
rows.sort((a, b) => chosen.indexOf(a.suite) - chosen.indexOf(b.suite));
const left = await leftBehind(reports);
rmSync(reports, { recursive: true, force: true });

console.log('\nSuite      passed  failed  skipped');
for (const { suite, passed, failed, skipped, note } of rows) {
  const figures = [passed, failed, skipped]
    .map((count, i) => String(count).padStart([6, 6, 7][i]))
    .join('  ');
  console.log(`${suite.name.padEnd(9)}  ${figures}  ${note}`);
}
console.log(`(seconds of each file, many at once; ${Math.round((Date.now() - started) / 1000)} s in all)`);
if (mended.length > 0) {
  console.log(`\n${mendedLines(mended, seed).join('\n')}`);
}
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
if (left.length > 0) {
  const isOne = isFault({ failed: total('failed'), mended: mended.length }, process.env);
  console.log(`\nleft behind${isOne ? ', which counts as failed' : ''}:\n  ${left.join('\n  ')}`);
  if (isOne) {
    rows.push({ suite: { name: 'leftovers' }, passed: 0, failed: 1, skipped: 0 });
  }
}
if (requireAll && total('skipped') > 0) {
  console.log('\nREALIP_REQUIRE=all: what was skipped counts as failed.');
}
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
process.exit(total('failed') > 0 || (requireAll && total('skipped') > 0) || total('passed') === 0 ? 1 : 0);
