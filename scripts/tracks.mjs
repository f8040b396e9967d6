// Test files run on three tracks, all of which go at once: Bun's files, most of Jest's in a pool, and in a lane, one
// after the other, those that share what there is once. A file starts when what it is held against has been built.

/** @typedef {{file: string, built: string[]}} Waiting a test file, and the parts of test/parts/catalogue.ts it needs */
/** @typedef {{pace: 'bun' | 'pool' | 'lane', files: Waiting[]}} Track */

/**
 * How the test files of suites are run.
 * @param {readonly {suite: import('./suites.mjs').Suite, files: string[]}[]} homes
 * @returns {{tracks: Track[], alone: string[]}} `tracks`: the lane in its suites' order, the pool the longest first, so
 *   that none is left for last; `alone`: one after the other, after all that
 */
export function planOf(homes) {
  const paces = { bun: [], pool: [], lane: [], alone: [] };
  for (const { suite, files } of homes) {
    for (const file of files) {
      paces[paceOf(suite, file)].push({ file, built: suite.built ?? [] });
    }
  }
  paces.pool.sort((a, b) => secondsOf(b.file) - secondsOf(a.file));
  return {
    tracks: ['bun', 'pool', 'lane'].map((pace) => ({ pace, files: paces[pace] })),
    alone: paces.alone.map(({ file }) => file),
  };
}

function paceOf({ runner, lane, alone = [] }, file) {
  if (runner === 'bun') {
    return 'bun';
  }
  if (alone.some((prefix) => file.startsWith(prefix))) {
    return 'alone';
  }
  return lane?.test(file) ? 'lane' : 'pool';
}

/**
 * Which files can run now, and which wait on.
 * @param {readonly Waiting[]} files
 * @param {ReadonlySet<string>} building parts that aren't there yet
 * @returns {{ready: string[], waiting: Waiting[]}}
 */
export function readyOf(files, building) {
  const isReady = ({ built }) => built.every((part) => !building.has(part));
  return {
    ready: files.filter(isReady).map(({ file }) => file),
    waiting: files.filter((each) => !isReady(each)),
  };
}

/**
 * The parts that suites need built, in the order of the suites: the first that wait are the first that can go on.
 * @param {readonly import('./suites.mjs').Suite[]} suites
 */
export function partsOf(suites) {
  return [...new Set(suites.flatMap(({ built = [] }) => built))];
}

/** About how long a test file takes, by what its path begins with; the longest beginning counts, and most take one. */
const seconds = {
  'test/agent/': 40,
  'test/agent/mending': 180,
  'test/agent/truth': 140,
  'test/agent/outage': 110,
  'test/agent/watch': 100,
  'test/agent/skew': 90,
  'test/agent/reserve': 70,
  'test/agent/away': 75,
  'test/cluster/install.': 75,
  'test/cluster/leftovers': 20,
  'test/cluster/sniffer': 20,
  'test/delegation/': 20,
  'test/delegation/host-local': 55,
  'test/delegation/under-others': 55,
  'test/etcd/': 30,
  'test/etcd/leader': 55,
  'test/etcd/members': 75,
  'test/faults/': 30,
  'test/faults/malformed': 80,
  'test/faults/syscalls': 50,
  'test/kernel/': 15,
  'test/kube/': 20,
  'test/kube/own-ca': 80,
  'test/kube/repair': 75,
  'test/kube/repair-evict': 105,
  'test/runtimes/': 90,
  'test/server/': 10,
  'test/server/backup': 60,
  'test/server/start': 40,
  'test/webhook/': 10,
  'test/zones/': 30,
  'test/zones/outage': 100,
};

/** @param {string} file */
export function secondsOf(file) {
  const known = Object.keys(seconds).filter((prefix) => file.startsWith(prefix));
  return seconds[known.sort((a, b) => b.length - a.length)[0] ?? ''] ?? 1;
}
