import { readdirSync, readFileSync } from 'node:fs';
import { root } from './root.mjs';
import { suites } from './suites.mjs';
import { testFiles } from './test-files.mjs';

const folders = readdirSync(root, { withFileTypes: true })
  .filter((each) => each.isDirectory() && !/^(\.|node_modules$|dist$)/.test(each.name))
  .map((each) => each.name);
const all = folders
  .flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true }).map((path) => `${folder}/${path}`),
  )
  .filter((path) => /\.test\.(ts|mjs)$/.test(path));

test('each test file is run by one suite, and by its own runner', () => {
  expect(all.length).toBeGreaterThan(300);
  const run = suites.flatMap(testFiles);
  expect([...run].sort()).toEqual([...all].sort());
  const bun = suites.filter(({ runner }) => runner === 'bun').flatMap(testFiles);
  expect(bun).toEqual(all.filter((path) => path.endsWith('.bun.test.ts')).sort());
});

test('all files that use the one cluster of a run, and what starts the lab, are in the lane', () => {
  const inLane = suites.flatMap((suite) => testFiles(suite).filter((file) => suite.lane?.test(file)));
  const shared = all.filter(
    (path) =>
      path.startsWith('test/') && /LiveCluster\.shared\(/.test(readFileSync(`${root}/${path}`, 'utf8')),
  );
  expect(shared.length).toBeGreaterThan(5);
  expect(inLane).toEqual(
    expect.arrayContaining([...shared, 'test/lab/lab.test.ts', 'test/docs/readme.test.ts']),
  );
});
