import { readdirSync } from 'node:fs';
import { root } from './root.mjs';
import { suites } from './suites.mjs';

const folders = readdirSync(root, { withFileTypes: true })
  .filter((each) => each.isDirectory() && !/^(\.|node_modules$|dist$)/.test(each.name))
  .map((each) => each.name);
const files = folders
  .flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true }).map((path) => `${folder}/${path}`),
  )
  .filter((path) => /\.test\.(ts|mjs)$/.test(path));

test('each test file belongs to one suite', () => {
  expect(files.length).toBeGreaterThan(300);
  const home = (path) =>
    suites
      .filter(({ runner }) => (runner === 'bun') === path.endsWith('.bun.test.ts'))
      .filter(({ paths }) => paths.some((each) => path.startsWith(each)))
      .map(({ name }) => name);
  expect(files.map((path) => [path, home(path)]).filter(([, homes]) => homes.length !== 1)).toEqual([]);
});
