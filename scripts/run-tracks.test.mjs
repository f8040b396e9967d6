import { failedWhole } from './reports.mjs';
import { runTracks } from './run-tracks.mjs';

const file = (name, ...built) => ({ file: name, built });
const good = (name) => ({ ...failedWhole(name), passed: 1, failed: 0, failing: [] });

/** A build of parts of which one more is there each time somebody waits for it. */
class Parts {
  constructor(...names) {
    this.names = new Set(names);
  }

  async more() {
    const [next] = this.names;
    this.names.delete(next);
  }
}

/** A runner that notes what it runs; what is never finished goes on until `finish`. */
function runner(...endless) {
  const runs = [];
  let finish;
  const ending = new Promise((resolve) => {
    finish = resolve;
  });
  const run = async (pace, files) => {
    runs.push([pace, ...files]);
    if (files.some((each) => endless.includes(each))) {
      await ending;
    }
    return files.map(good);
  };
  return { runs, run, finish };
}

test('tracks go beside each other, and what wants the machine for itself comes when all have ended', async () => {
  const tracks = [
    { pace: 'pool', files: [file('a'), file('b')] },
    { pace: 'lane', files: [file('c')] },
  ];
  const { runs, run, finish } = runner('a');
  const whole = runTracks({ tracks, alone: ['d'] }, new Parts(), run);
  await new Promise((resolve) => setImmediate(resolve));
  const beside = [
    ['pool', 'a', 'b'],
    ['lane', 'c'],
  ];
  expect(runs).toEqual(beside);
  finish();
  expect((await whole).map((each) => each.file)).toEqual(['a', 'b', 'c', 'd']);
  expect(runs).toEqual([...beside, ['lane', 'd']]);
});

test('a track runs what it can while parts are built, and the rest when they are there', async () => {
  const tracks = [{ pace: 'pool', files: [file('a', 'kubernetes'), file('b'), file('c', 'plugins')] }];
  const { runs, run } = runner();
  const told = [];
  await runTracks({ tracks, alone: [] }, new Parts('plugins', 'kubernetes'), run, (line) => told.push(line));
  expect(runs.filter(([, ...files]) => files.length > 0)).toEqual([
    ['pool', 'b'],
    ['pool', 'c'],
    ['pool', 'a'],
  ]);
  expect(told.map((line) => line.trim())).toEqual([
    '── the pool waits for plugins, kubernetes',
    '── the pool waits for kubernetes',
  ]);
});

test('where a runner fails its files have failed, and the other tracks go on', async () => {
  const tracks = [
    { pace: 'pool', files: [file('a'), file('b')] },
    { pace: 'lane', files: [file('c')] },
  ];
  const { run } = runner();
  const breaking = (pace, files) =>
    pace === 'pool' ? Promise.reject(new Error('no report')) : run(pace, files);
  const told = [];
  const results = await runTracks({ tracks, alone: [] }, new Parts(), breaking, (line) => told.push(line));
  expect(told).toEqual(['The runner failed: no report']);
  expect(results).toEqual([failedWhole('a'), failedWhole('b'), good('c')]);
});
