import { bunFile, jestFiles } from './reports.mjs';

test('a Jest report is read file by file: what passed, what failed by name, what was skipped', () => {
  const report = {
    testResults: [
      {
        name: '/repo/core/a.test.ts',
        status: 'failed',
        startTime: 1000,
        endTime: 3500,
        assertionResults: [
          { fullName: 'an address is parsed', status: 'passed' },
          { fullName: 'an address is printed', status: 'failed' },
          { fullName: 'not today', status: 'pending' },
          { fullName: 'some day', status: 'todo' },
        ],
      },
    ],
  };
  expect(jestFiles(report)).toEqual([
    {
      file: '/repo/core/a.test.ts',
      passed: 1,
      failed: 1,
      skipped: 2,
      failing: ['an address is printed'],
      seconds: 2.5,
    },
  ]);
});

test('a file that Jest could not load, or whose hook failed, counts as one failure', () => {
  const passed = { fullName: 'x', status: 'passed' };
  const report = {
    testResults: [
      { name: 'a', status: 'failed', assertionResults: [] },
      { name: 'b', status: 'failed', assertionResults: [passed] },
    ],
  };
  expect(jestFiles(report)).toMatchObject([
    { passed: 0, failed: 1, failing: ['(the file as a whole)'] },
    { passed: 1, failed: 1, failing: ['(the file as a whole)'] },
  ]);
});

const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="3" assertions="1" failures="1" skipped="1" time="0.09">
  <testsuite name="a.bun.test.ts" file="a.bun.test.ts" tests="3" failures="1" skipped="1">
    <testsuite name="x &lt; y" file="a.bun.test.ts" line="2" tests="3" failures="1" skipped="1">
      <testcase name="one &quot;fails&quot; &amp; more" classname="x &lt; y" time="0.009" line="2">
        <failure type="AssertionError" message="expect(received).toBe(expected)">at a.bun.test.ts:2:67</failure>
      </testcase>
      <testcase name="two" classname="x &lt; y" time="0.00007" file="a.bun.test.ts" line="2" assertions="0" />
      <testcase name="three" classname="x &lt; y" time="0" file="a.bun.test.ts" line="2" assertions="0">
        <skipped />
      </testcase>
    </testsuite>
  </testsuite>
</testsuites>`;

test('a JUnit report of Bun is read: what passed, what failed by name, what was skipped', () => {
  expect(bunFile('a.bun.test.ts', xml, false, 4)).toEqual({
    file: 'a.bun.test.ts',
    passed: 1,
    failed: 1,
    skipped: 1,
    failing: ['one "fails" & more'],
    seconds: 4,
  });
});

test('a file that Bun could not load, or where an error fell outside of tests, counts as one failure', () => {
  expect(bunFile('b.bun.test.ts', '', false, 1)).toMatchObject({ passed: 0, failed: 1 });
  const whole = '<testsuites><testcase name="two" assertions="0" /></testsuites>';
  expect(bunFile('c.bun.test.ts', whole, false, 1)).toMatchObject({ passed: 1, failed: 1 });
  expect(bunFile('c.bun.test.ts', whole, true, 1)).toMatchObject({ passed: 1, failed: 0 });
});
