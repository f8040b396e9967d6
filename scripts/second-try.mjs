// A test file that failed is run once more, by itself, with the same seed: what a hiccup of the machine did passes
// then, and is told; what is wrong fails twice.

/** So many files are run again in a whole run: more is no hiccup. */
const mostAgain = 5;

/**
 * Which files are run again: all that failed, or none where they are too many.
 * @param {import('./reports.mjs').FileResult[]} files
 * @returns {{again: string[], refusal?: string}} `refusal`: why nothing is run again though something failed
 */
export function toRunAgain(files) {
  const failed = files.filter((each) => each.failed > 0).map((each) => each.file);
  if (failed.length <= mostAgain) {
    return { again: failed };
  }
  const refusal = `${failed.length} files failed: more than ${mostAgain} is no hiccup, none is run again`;
  return { again: [], refusal };
}

/**
 * What holds after the second try: a file that passed it whole has passed, one that failed again stays as it was.
 * @param {import('./reports.mjs').FileResult[]} first
 * @param {import('./reports.mjs').FileResult[]} second of files of `first`
 * @returns {{files: import('./reports.mjs').FileResult[], mended: {file: string, tests: string[]}[]}}
 *   `mended`: files that passed only when run again, and which of their tests had failed
 */
export function afterSecondTry(first, second) {
  const good = new Map(second.filter((each) => each.failed === 0).map((each) => [each.file, each]));
  return {
    files: first.map((each) => good.get(each.file) ?? each),
    mended: first
      .filter((each) => each.failed > 0 && good.has(each.file))
      .map(({ file, failing }) => ({ file, tests: failing })),
  };
}

/** The sums of a suite's files. */
export function countsOf(files) {
  const sum = (key) => files.reduce((total, each) => total + each[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), seconds: sum('seconds') };
}

/**
 * The closing words on what passed only at the second try; none where nothing did.
 * @param {{file: string, tests: string[]}[]} mended
 * @param {string} seed of the run
 */
export function mendedLines(mended, seed) {
  return mended.flatMap(({ file, tests }) => [
    `passed only when run again: ${file} (REALIP_SEED=${seed})`,
    ...tests.map((test) => `  ✘ at first: ${test}`),
  ]);
}
