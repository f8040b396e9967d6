// Suites run beside each other in waves: in one are all whose parts are there, and those of the next are built
// meanwhile.

/**
 * The suites that can run now.
 * @param {readonly import('./suites.mjs').Suite[]} waiting
 * @param {ReadonlySet<string>} building parts that aren't there yet
 */
export function nextWave(waiting, building) {
  return waiting.filter(({ built = [] }) => built.every((part) => !building.has(part)));
}

/**
 * The parts that suites need built, in the order of the suites: the first that wait are the first that can go on.
 * @param {readonly import('./suites.mjs').Suite[]} suites
 */
export function partsOf(suites) {
  return [...new Set(suites.flatMap(({ built = [] }) => built))];
}

/**
 * How the test files of a wave are run.
 * @param {readonly {suite: import('./suites.mjs').Suite, files: string[]}[]} wave
 * @returns {{bun: string[], beside: string[], alone: string[]}} `bun`: one after the other, beside Jest's; `beside`:
 *   Jest's, the longest first, so that none is left for last; `alone`: one after the other, after all that
 */
export function planOf(wave) {
  const of = (runner) => wave.filter(({ suite }) => suite.runner === runner);
  const jest = of('jest')
    .flatMap(({ suite, files }) => files.map((file) => ({ file, isAlone: isAlone(suite, file) })))
    .sort((a, b) => secondsOf(b.file) - secondsOf(a.file));
  const filesWhere = (holds) => jest.filter(holds).map(({ file }) => file);
  return {
    bun: of('bun').flatMap(({ files }) => files),
    beside: filesWhere((each) => !each.isAlone),
    alone: filesWhere((each) => each.isAlone),
  };
}

function isAlone({ alone = [] }, file) {
  return alone.some((prefix) => file.startsWith(prefix));
}

/** About how long a test file takes, by what its path begins with; the longest beginning counts, and most take one. */
const seconds = {
  'test/agent/': 40,
  'test/agent/mending': 180,
  'test/agent/truth': 140,
  'test/agent/outage': 120,
  'test/agent/watch': 110,
  'test/agent/skew': 90,
  'test/agent/reserve': 80,
  'test/agent/away': 70,
  'test/faults/': 30,
  'test/faults/syscalls': 80,
  'test/faults/http': 60,
  'test/kernel/': 10,
  'test/kube/': 20,
  'test/kube/own-ca': 80,
  'test/kube/repair': 90,
  'test/lab/': 90,
  'test/runtimes/': 60,
  'test/delegation/': 15,
  'test/server/': 10,
  'test/server/overload': 50,
  'test/webhook/': 10,
  'test/zones/': 40,
  'test/docs/readme': 30,
};

/** @param {string} file */
export function secondsOf(file) {
  const known = Object.keys(seconds).filter((prefix) => file.startsWith(prefix));
  return seconds[known.sort((a, b) => b.length - a.length)[0] ?? ''] ?? 1;
}
