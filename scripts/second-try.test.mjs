import { afterSecondTry, countsOf, mendedLines, toRunAgain } from './second-try.mjs';

const good = (file) => ({ file, passed: 3, failed: 0, skipped: 0, failing: [], seconds: 2 });
const bad = (file, ...failing) => ({
  file,
  passed: 1,
  failed: failing.length,
  skipped: 0,
  failing,
  seconds: 3,
});

test('what failed is run again, and nothing else', () => {
  expect(toRunAgain([good('a'), bad('b', 'x', 'y'), bad('c', 'z')])).toEqual({
    again: ['b', 'c'],
  });
  expect(toRunAgain([good('a')])).toEqual({ again: [] });
});

test('five files of a run are run again; where one more failed, none is', () => {
  const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((file) => bad(file, 'x'));
  expect(toRunAgain(many.slice(1)).again).toHaveLength(5);
  expect(toRunAgain(many)).toEqual({
    again: [],
    refusal: '6 files failed: more than 5 is no hiccup, none is run again',
  });
});

test('a file that passes the second time has passed, and is told with the tests that had failed', () => {
  const first = [good('a'), bad('b', 'x', 'y')];
  const { files, mended } = afterSecondTry(first, [good('b')]);
  expect(countsOf(files)).toEqual({ passed: 6, failed: 0, skipped: 0, seconds: 4 });
  expect(mended).toEqual([{ file: 'b', tests: ['x', 'y'] }]);
  expect(mendedLines(mended, '7')).toEqual([
    'passed only when run again: b (REALIP_SEED=7)',
    '  ✘ at first: x',
    '  ✘ at first: y',
  ]);
});

test('a file that fails twice is a failure, also where another test of it failed the second time', () => {
  const first = [good('a'), bad('b', 'x')];
  const { files, mended } = afterSecondTry(first, [bad('b', 'y')]);
  expect(countsOf(files)).toEqual({ passed: 4, failed: 1, skipped: 0, seconds: 5 });
  expect(mended).toEqual([]);
});

test('a second try that tells nothing of its file mends nothing', () => {
  expect(afterSecondTry([bad('b', 'x')], [])).toEqual({ files: [bad('b', 'x')], mended: [] });
});
